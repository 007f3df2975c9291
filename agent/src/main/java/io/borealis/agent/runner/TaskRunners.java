package io.borealis.agent.runner;

import io.borealis.agent.process.Coordinators;
import io.borealis.agent.process.TaskGroup;
import io.borealis.agent.process.TaskProcesses;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import java.util.concurrent.atomic.AtomicReference;

/** Makes runners of the tasks of this agent. Thread-safe. */
public final class TaskRunners {
  private final Coordinators coordinators;
  private final ProcTables tables;
  private final Clock clock;
  private final Author author;

  /**
   * @param uid the account this agent runs as
   */
  public TaskRunners(Coordinators coordinators, ProcTables tables, Clock clock, int uid) {
    this.coordinators = coordinators;
    this.tables = tables;
    this.clock = clock;
    this.author = new Author(Math.toIntExact(ProcessHandle.current().pid()), uid);
  }

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
    AtomicReference<Runnable> wake = new AtomicReference<>(() -> {});
    MachineRuns runs =
        new MachineRuns(
            setup, coordinators, tables, processes, group, clock, () -> wake.get().run());
    CheckpointedRunner runner =
        new CheckpointedRunner(setup, runs, RecordSink::toFile, clock, loop, author, listener);
    wake.set(runner::wake);
    return runner;
  }
}
