package io.borealis.scheduler.update;

import com.google.common.collect.ImmutableList;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateStatus;
import org.jspecify.annotations.Nullable;

/**
 * Why an active update is where it is. Immutable.
 *
 * @param sentence all of it in words
 * @param waits what it waits for; empty when it is just moving
 * @param failures instances that failed, or whose new tasks ended so far
 * @param maxFailedInstances how many may fail
 * @param pulses of an update that depends on them; else null
 * @param stillForMs how long ago the last event was recorded
 * @param stalled whether that is longer than it should be
 */
public record Explanation(
    JobUpdateKey key,
    JobUpdateStatus status,
    String sentence,
    ImmutableList<Wait> waits,
    Progress progress,
    ImmutableList<Failure> failures,
    int maxFailedInstances,
    @Nullable PulseRecord pulses,
    long stillForMs,
    boolean stalled) {

  /** The code of what it waits for first; {@code MOVING} when that is nothing. */
  public String reason() {
    return waits.isEmpty() ? "MOVING" : waits.get(0).reason();
  }

  /** How many instances of the current direction are where. */
  public record Progress(boolean rollback, int instances, int begun, int underWay, int failed) {}

  /**
   * An instance in trouble.
   *
   * @param exits how often its new task ended
   * @param failed whether that was too often
   */
  public record Failure(int instance, int exits, boolean failed) {}

  /**
   * What is known of the pulses (W-37).
   *
   * @param lastAgoMs since the last pulse; null before the first
   * @param unblockedBy who pulsed when it last went on (W-28)
   */
  public record PulseRecord(
      long timeoutMs, @Nullable Long lastAgoMs, @Nullable String unblockedBy) {}
}
