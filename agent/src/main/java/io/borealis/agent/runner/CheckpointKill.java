package io.borealis.agent.runner;

import com.google.common.collect.ImmutableList;
import io.borealis.agent.checkpoint.Checkpoint;
import io.borealis.agent.checkpoint.CheckpointException;
import io.borealis.agent.checkpoint.CheckpointPaths;
import io.borealis.agent.checkpoint.Dispatcher;
import io.borealis.agent.checkpoint.Mode;
import io.borealis.agent.checkpoint.ProcessUpdate;
import io.borealis.agent.checkpoint.RunnerState;
import io.borealis.agent.checkpoint.Steps;
import io.borealis.agent.process.ProcReader;
import io.borealis.agent.process.ProcTable;
import io.borealis.agent.process.RunPids;
import io.borealis.agent.process.TaskProcesses;
import io.borealis.api.thermos.ProcessState;
import io.borealis.api.thermos.TaskState;
import io.borealis.runtime.Clock;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Ends a task by what its stream says, without its description: at once, and without its final
 * processes. For one thread at a time.
 */
public final class CheckpointKill {
  /** As of a process that was killed by signal 9. */
  private static final int RETURN_CODE = -9;

  private final ProcReader reader;
  private final TaskProcesses processes;
  private final Clock clock;
  private final Author author;

  /**
   * @param processes those of the task
   * @param uid the account this process runs as
   */
  public CheckpointKill(ProcReader reader, TaskProcesses processes, Clock clock, int uid) {
    this.reader = reader;
    this.processes = processes;
    this.clock = clock;
    this.author = new Author(Math.toIntExact(ProcessHandle.current().pid()), uid);
  }

  /**
   * Kills what lives of a task, writes that, and puts its description among those of ended tasks.
   *
   * @param outcome KILLED or LOST, unless the stream says already how the task ended
   * @param force whether a task whose stream cannot be followed is counted as ended all the same
   * @return false if something still has to die: repeat this after some 100 ms
   * @throws IOException if a runner has the task, its stream cannot be followed, or it could not be
   *     written that the task is ended
   */
  public boolean end(CheckpointPaths paths, TaskState outcome, boolean force) throws IOException {
    Optional<TaskLock> lock = TaskLock.take(paths.streams());
    if (lock.isEmpty()) {
      throw new IOException("A runner has task " + paths.taskId());
    }
    try {
      return endLocked(paths, outcome, force);
    } finally {
      lock.get().close();
    }
  }

  private boolean endLocked(CheckpointPaths paths, TaskState outcome, boolean force)
      throws IOException {
    RunnerState state = replay(paths, force);
    ImmutableList<RunPids> going = going(state);
    if (state.header() != null && !state.statuses().isEmpty() && !isEnded(state)) {
      write(paths, state, outcome);
    }
    boolean nothingLeft = processes.killTask(reader.read(), going) == 0;
    if (nothingLeft) {
      finish(paths);
    }
    return nothingLeft;
  }

  private static RunnerState replay(CheckpointPaths paths, boolean force) throws IOException {
    RunnerState state = new RunnerState();
    Dispatcher dispatcher = new Dispatcher();
    try {
      Streams.mend(
          paths.runner(), record -> dispatcher.dispatch(state, record, Mode.RECOVERY_TRUNCATE));
      if (state.header() == null || state.statuses().isEmpty()) {
        throw new IOException("The stream of task %s has no beginning".formatted(paths.taskId()));
      }
    } catch (IOException | CheckpointException e) {
      if (!force) {
        throw new IOException("Task %s cannot be ended by its stream".formatted(paths.taskId()), e);
      }
    }
    return state;
  }

  private void write(CheckpointPaths paths, RunnerState state, TaskState outcome)
      throws IOException {
    try (RecordSink sink = RecordSink.toFile(paths.runner())) {
      sink.append(author.status(TaskState.ACTIVE, clock.wallMillis()));
      ProcTable table = reader.read();
      for (ProcessUpdate run : lastRuns(state)) {
        if (Steps.isTerminal(run.state()) || run.coordinatorPid() == null) {
          continue;
        }
        boolean lived = processes.killRun(table, RunPids.of(run).orElseThrow()) > 0;
        String process = Objects.requireNonNull(run.process());
        long seq = Objects.requireNonNull(run.seq()) + 1;
        double now = clock.wallMillis() / 1000.0;
        sink.append(
            Checkpoint.of(
                lived
                    ? ProcessUpdate.ended(process, seq, ProcessState.KILLED, now, RETURN_CODE)
                    : ProcessUpdate.lost(process, seq)));
      }
      sink.append(author.status(outcome, clock.wallMillis()));
    }
  }

  private void finish(CheckpointPaths paths) throws IOException {
    Description description = new Description(paths);
    if (description.isActive()) {
      description.finish(clock.wallMillis());
    }
  }

  private static boolean isEnded(RunnerState state) {
    return switch (state.taskState()) {
      case SUCCESS, FAILED, KILLED, LOST -> true;
      case ACTIVE, CLEANING, FINALIZING -> false;
    };
  }

  /** Those that had not ended: the pids of others may belong to anybody by now. */
  private static ImmutableList<RunPids> going(RunnerState state) {
    return lastRuns(state).stream()
        .filter(run -> !Steps.isTerminal(run.state()))
        .flatMap(run -> RunPids.of(run).stream())
        .collect(ImmutableList.toImmutableList());
  }

  private static List<ProcessUpdate> lastRuns(RunnerState state) {
    return state.processes().values().stream().map(runs -> runs.get(runs.size() - 1)).toList();
  }
}
