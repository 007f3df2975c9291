package io.borealis.scheduler.task;

/** What a transition does, in the order in which it is done. */
enum Effect {
  INCREMENT_FAILURES("INC"),
  SAVE("SAVE"),
  RESCHEDULE("RESCHEDULE"),
  /** Reschedule a service, or a task that may fail again. */
  RESCHEDULE_IF_FAILURES_REMAIN("R(fail)"),
  RESCHEDULE_IF_SERVICE("R(svc)"),
  RESCHEDULE_UNLESS_KILLED("R(¬killing)"),
  /** A second transition at once, to LOST. */
  MARK_LOST("TO_LOST"),
  KILL("KILL"),
  DELETE("DELETE");

  private final String mark;

  Effect(String mark) {
    this.mark = mark;
  }

  /** How the table of the rules writes it. */
  String mark() {
    return mark;
  }
}
