package io.borealis.agent.process;

import io.borealis.agent.checkpoint.ProcessUpdate;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the records of one run of a process say about its pids. Immutable.
 *
 * @param coordinatorPid of FORKED
 * @param forkTime of FORKED, in seconds since the epoch
 * @param commandPid of RUNNING, absent before
 * @param startTime of RUNNING, in seconds since the epoch; 0 before
 */
public record RunPids(
    int coordinatorPid, double forkTime, OptionalInt commandPid, double startTime) {
  /** What is known of a run says this of its pids; empty before it was forked. */
  public static Optional<RunPids> of(ProcessUpdate known) {
    Integer coordinator = known.coordinatorPid();
    Double forked = known.forkTime();
    if (coordinator == null || forked == null) {
      return Optional.empty();
    }
    RunPids pids = forked(coordinator, forked);
    Integer command = known.pid();
    Double started = known.startTime();
    return Optional.of(command == null || started == null ? pids : pids.running(command, started));
  }

  /** A run whose command has not started. */
  public static RunPids forked(int coordinatorPid, double forkTime) {
    return new RunPids(coordinatorPid, forkTime, OptionalInt.empty(), 0);
  }

  /** The same run with its command started. */
  public RunPids running(int commandPid, double startTime) {
    return new RunPids(coordinatorPid, forkTime, OptionalInt.of(commandPid), startTime);
  }
}
