package io.borealis.scheduler.cluster;

/** The states of a task on a cluster, in the vocabulary of Mesos. */
public enum ClusterTaskState {
  TASK_STAGING(false),
  TASK_STARTING(false),
  TASK_RUNNING(false),
  TASK_KILLING(false),
  TASK_FINISHED(true),
  TASK_FAILED(true),
  TASK_KILLED(true),
  TASK_LOST(true),
  TASK_ERROR(true),
  TASK_UNREACHABLE(false),
  TASK_DROPPED(true),
  TASK_GONE(true),
  TASK_GONE_BY_OPERATOR(true),
  TASK_UNKNOWN(false);

  private final boolean terminal;

  ClusterTaskState(boolean terminal) {
    this.terminal = terminal;
  }

  /** Whether the task has ended and will not report again. */
  public boolean isTerminal() {
    return terminal;
  }
}
