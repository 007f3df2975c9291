package io.borealis.scheduler.update;

import static io.borealis.api.JobUpdateStatus.ABORTED;
import static io.borealis.api.JobUpdateStatus.ERROR;
import static io.borealis.api.JobUpdateStatus.FAILED;
import static io.borealis.api.JobUpdateStatus.ROLLED_BACK;
import static io.borealis.api.JobUpdateStatus.ROLLED_FORWARD;
import static io.borealis.api.JobUpdateStatus.ROLLING_BACK;
import static io.borealis.api.JobUpdateStatus.ROLLING_FORWARD;
import static io.borealis.api.JobUpdateStatus.ROLL_BACK_AWAITING_PULSE;
import static io.borealis.api.JobUpdateStatus.ROLL_BACK_PAUSED;
import static io.borealis.api.JobUpdateStatus.ROLL_FORWARD_AWAITING_PULSE;
import static io.borealis.api.JobUpdateStatus.ROLL_FORWARD_PAUSED;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSetMultimap;
import io.borealis.api.AuroraConstants;
import io.borealis.api.JobUpdateStatus;
import org.jspecify.annotations.Nullable;

/** Which status may follow which (update rules, sections 2.2 and 2.3). Pure. */
final class UpdateTransitions {
  private static final ImmutableSetMultimap<JobUpdateStatus, JobUpdateStatus> ALLOWED =
      ImmutableSetMultimap.<JobUpdateStatus, JobUpdateStatus>builder()
          .putAll(
              ROLLING_FORWARD,
              ROLLING_BACK,
              ROLL_FORWARD_PAUSED,
              ROLL_FORWARD_AWAITING_PULSE,
              ROLLED_FORWARD,
              ABORTED,
              FAILED,
              ERROR)
          .putAll(
              ROLLING_BACK,
              ROLL_BACK_PAUSED,
              ROLL_BACK_AWAITING_PULSE,
              ROLLED_BACK,
              ABORTED,
              FAILED,
              ERROR)
          .putAll(
              ROLL_FORWARD_PAUSED,
              ROLLING_FORWARD,
              ROLLING_BACK,
              ROLL_FORWARD_AWAITING_PULSE,
              ABORTED,
              ERROR)
          .putAll(ROLL_BACK_PAUSED, ROLLING_BACK, ROLL_BACK_AWAITING_PULSE, ABORTED, ERROR)
          .putAll(
              ROLL_FORWARD_AWAITING_PULSE,
              ROLLING_FORWARD,
              ROLLING_BACK,
              ROLL_FORWARD_PAUSED,
              ABORTED,
              ERROR)
          .putAll(ROLL_BACK_AWAITING_PULSE, ROLLING_BACK, ROLL_BACK_PAUSED, ABORTED, ERROR)
          .build();

  private static final ImmutableMap<JobUpdateStatus, JobUpdateStatus> PAUSE =
      ImmutableMap.of(
          ROLLING_FORWARD, ROLL_FORWARD_PAUSED,
          ROLLING_BACK, ROLL_BACK_PAUSED,
          ROLL_FORWARD_PAUSED, ROLL_FORWARD_PAUSED,
          ROLL_BACK_PAUSED, ROLL_BACK_PAUSED,
          ROLL_FORWARD_AWAITING_PULSE, ROLL_FORWARD_PAUSED,
          ROLL_BACK_AWAITING_PULSE, ROLL_BACK_PAUSED);

  private static final ImmutableMap<JobUpdateStatus, JobUpdateStatus> RESUME_FRESH =
      ImmutableMap.of(
          ROLLING_FORWARD, ROLLING_FORWARD,
          ROLLING_BACK, ROLLING_BACK,
          ROLL_FORWARD_PAUSED, ROLLING_FORWARD,
          ROLL_BACK_PAUSED, ROLLING_BACK);

  /**
   * Resuming what has expired but does not show it yet leads to waiting, where the original refuses
   * with a "null" (W-6).
   */
  private static final ImmutableMap<JobUpdateStatus, JobUpdateStatus> RESUME_EXPIRED =
      ImmutableMap.of(
          ROLLING_FORWARD, ROLL_FORWARD_AWAITING_PULSE,
          ROLLING_BACK, ROLL_BACK_AWAITING_PULSE,
          ROLL_FORWARD_PAUSED, ROLL_FORWARD_AWAITING_PULSE,
          ROLL_BACK_PAUSED, ROLL_BACK_AWAITING_PULSE,
          ROLL_FORWARD_AWAITING_PULSE, ROLL_FORWARD_AWAITING_PULSE,
          ROLL_BACK_AWAITING_PULSE, ROLL_BACK_AWAITING_PULSE);

  private UpdateTransitions() {}

  static boolean allowed(JobUpdateStatus from, JobUpdateStatus to) {
    return ALLOWED.containsEntry(from, to);
  }

  static boolean isActive(@Nullable JobUpdateStatus status) {
    return status != null && AuroraConstants.ACTIVE_JOB_UPDATE_STATES.contains(status);
  }

  static boolean isTerminal(@Nullable JobUpdateStatus status) {
    return status != null && !isActive(status);
  }

  static boolean isRolling(@Nullable JobUpdateStatus status) {
    return status == ROLLING_FORWARD || status == ROLLING_BACK;
  }

  static boolean isAwaitingPulse(@Nullable JobUpdateStatus status) {
    return status != null && AuroraConstants.AWAITNG_PULSE_JOB_UPDATE_STATES.contains(status);
  }

  /** Where pausing leads; null where it is refused. */
  static @Nullable JobUpdateStatus paused(JobUpdateStatus from) {
    return PAUSE.get(from);
  }

  /** Where resuming leads; null where it is refused. */
  static @Nullable JobUpdateStatus resumed(JobUpdateStatus from, boolean pulseExpired) {
    return (pulseExpired ? RESUME_EXPIRED : RESUME_FRESH).get(from);
  }

  /** Where a rolling update waits for pulses. */
  static JobUpdateStatus blocked(JobUpdateStatus from) {
    return from == ROLLING_FORWARD ? ROLL_FORWARD_AWAITING_PULSE : ROLL_BACK_AWAITING_PULSE;
  }

  /** Where an update that waits for pulses goes on. */
  static JobUpdateStatus unblocked(JobUpdateStatus from) {
    return from == ROLL_FORWARD_AWAITING_PULSE ? ROLLING_FORWARD : ROLLING_BACK;
  }
}
