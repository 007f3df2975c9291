package io.borealis.agent.checkpoint;

import io.borealis.api.thermos.TaskState;
import org.jspecify.annotations.Nullable;

/**
 * A step of a task, and who wrote it. Null stands for a field that is not there. Immutable.
 *
 * @param stateNumber the number of the new state, which may be one that nobody knows
 * @param timestampMs when, in ms since the epoch
 * @param runnerPid the process that wrote it
 * @param runnerUid the account of that process
 */
public record TaskUpdate(
    @Nullable Integer stateNumber,
    @Nullable Long timestampMs,
    @Nullable Integer runnerPid,
    @Nullable Integer runnerUid) {

  /** A complete step. */
  public static TaskUpdate of(TaskState state, long timestampMs, int runnerPid, int runnerUid) {
    return new TaskUpdate(state.value(), timestampMs, runnerPid, runnerUid);
  }

  /** The new state; null if it is absent or unknown. */
  public @Nullable TaskState state() {
    return stateNumber == null ? null : TaskState.find(stateNumber);
  }
}
