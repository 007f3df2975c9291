package io.borealis.scheduler.task;

/** What transitions ask of the cluster, once they are durable. Thread-safe; never blocks. */
@FunctionalInterface
public interface TaskEffects {
  /** Asks the cluster to end the task; may be asked more than once. */
  void kill(String taskId);
}
