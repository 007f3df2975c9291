package io.borealis.agent.process;

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
  /** A run whose command has not started. */
  public static RunPids forked(int coordinatorPid, double forkTime) {
    return new RunPids(coordinatorPid, forkTime, OptionalInt.empty(), 0);
  }

  /** The same run with its command started. */
  public RunPids running(int commandPid, double startTime) {
    return new RunPids(coordinatorPid, forkTime, OptionalInt.of(commandPid), startTime);
  }
}
