package io.borealis.agent.runner;

import io.borealis.agent.process.Coordinators;
import io.borealis.agent.process.TaskGroup;
import io.borealis.agent.process.TaskProcesses;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;

/** Makes runners of the tasks of this agent. Thread-safe. */
public final class TaskRunners {
  /**
   * @param uid the account this agent runs as
   */
  public TaskRunners(Coordinators coordinators, ProcTables tables, Clock clock, int uid) {}

  /**
   * A runner of one task, new or begun by a former runner. Nothing happens before it is started.
   *
   * @param processes those of the task
   * @param group what limits them
   * @param loop of the runner, on which it blocks for writes of a record
   */
  public TaskRunner runner(
      RunnerSetup setup,
      TaskProcesses processes,
      TaskGroup group,
      EventLoop loop,
      TaskRunner.Listener listener) {
    throw new UnsupportedOperationException();
  }
}
