package io.borealis.agent.executor;

/** Makes the executors of an agent's tasks. Thread-safe. */
public interface TaskExecutors {
  /** An executor for one run of a task, which has not begun yet. */
  TaskExecutor create(TaskRun run, StatusSink sink);
}
