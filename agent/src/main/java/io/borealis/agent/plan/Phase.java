package io.borealis.agent.plan;

/** Where a process of a plan is. */
enum Phase {
  NOT_STARTED,
  RUNNING,
  FINISHED,
  FAILED;

  /** Whether it is not left again. */
  boolean isLast() {
    return this == FINISHED || this == FAILED;
  }
}
