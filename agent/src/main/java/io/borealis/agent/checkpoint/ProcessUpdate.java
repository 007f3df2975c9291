package io.borealis.agent.checkpoint;

import io.borealis.api.thermos.ProcessState;
import org.jspecify.annotations.Nullable;

/**
 * A step of one run of a process, or all that is known of a run. Null stands for a field that is
 * not there. Times are seconds since the epoch. Immutable.
 *
 * @param seq the number of this step among all of this process, over all its runs, from 0
 * @param process its name
 * @param stateNumber the number of the new state, which may be one that nobody knows
 * @param startTime when the command began
 * @param pid the process of the command
 * @param stopTime when the command ended
 * @param returnCode its exit code, or minus the number of the signal it died of
 * @param coordinatorPid the process that waits for the command
 * @param forkTime when that began
 */
public record ProcessUpdate(
    @Nullable Long seq,
    @Nullable String process,
    @Nullable Integer stateNumber,
    @Nullable Double startTime,
    @Nullable Integer pid,
    @Nullable Double stopTime,
    @Nullable Integer returnCode,
    @Nullable Integer coordinatorPid,
    @Nullable Double forkTime) {

  /** A run is planned. */
  public static ProcessUpdate waiting(String process, long seq) {
    return bare(process, seq, ProcessState.WAITING);
  }

  /** Its coordinator was started. */
  public static ProcessUpdate forked(
      String process, long seq, double forkTime, int coordinatorPid) {
    return new ProcessUpdate(
        seq,
        process,
        ProcessState.FORKED.value(),
        null,
        null,
        null,
        null,
        coordinatorPid,
        forkTime);
  }

  /** Its command was started. */
  public static ProcessUpdate running(String process, long seq, double startTime, int pid) {
    return new ProcessUpdate(
        seq, process, ProcessState.RUNNING.value(), startTime, pid, null, null, null, null);
  }

  /**
   * Its command has ended.
   *
   * @param state SUCCESS, FAILED or KILLED
   */
  public static ProcessUpdate ended(
      String process, long seq, ProcessState state, double stopTime, int returnCode) {
    return new ProcessUpdate(
        seq, process, state.value(), null, null, stopTime, returnCode, null, null);
  }

  /** Its command could not be started. */
  public static ProcessUpdate unlaunched(String process, long seq) {
    return bare(process, seq, ProcessState.FAILED);
  }

  /** Nobody knows what became of it. */
  public static ProcessUpdate lost(String process, long seq) {
    return bare(process, seq, ProcessState.LOST);
  }

  /** The new state; null if it is absent or unknown. */
  public @Nullable ProcessState state() {
    return stateNumber == null ? null : ProcessState.find(stateNumber);
  }

  private static ProcessUpdate bare(String process, long seq, ProcessState state) {
    return new ProcessUpdate(seq, process, state.value(), null, null, null, null, null, null);
  }
}
