package io.borealis.agent.plan;

import java.time.Duration;

/**
 * What a plan has to know of a process. Immutable.
 *
 * @param daemon whether it is started again after a success
 * @param ephemeral whether the plan is complete without its end
 * @param maxFailures the number of failures after which it is not started again; 0 means never
 * @param minDuration the least time from an end to the next start; less than zero counts as zero
 */
public record PlannedProcess(
    String name, boolean daemon, boolean ephemeral, int maxFailures, Duration minDuration) {
  /** Longer than any task lives, and short enough to be counted in nanoseconds. */
  private static final Duration LONGEST = Duration.ofDays(365 * 50);

  /** Brings the duration into the range that can be counted. */
  public PlannedProcess {
    if (minDuration.isNegative()) {
      minDuration = Duration.ZERO;
    } else if (minDuration.compareTo(LONGEST) > 0) {
      minDuration = LONGEST;
    }
  }
}
