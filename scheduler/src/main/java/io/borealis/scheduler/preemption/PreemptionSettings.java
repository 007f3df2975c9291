package io.borealis.scheduler.preemption;

import java.time.Duration;

/**
 * The pace of preemption (defaults: scheduling rules, section 7). Immutable.
 *
 * @param enabled whether any task takes the place of another
 * @param delay how long a task must have been pending
 * @param slotHold how long a place that was found may wait to be used
 * @param initialDelay from the beginning of a term to the first search
 * @param interval least time between two searches
 * @param batch most agents on which room is made for a group at a time, and how many places are
 *     sought for a group before it is the turn of the next
 * @param reservation how long an agent is kept for the group that made room on it
 */
public record PreemptionSettings(
    boolean enabled,
    Duration delay,
    Duration slotHold,
    Duration initialDelay,
    Duration interval,
    int batch,
    Duration reservation) {
  /** Aurora's defaults. */
  public static final PreemptionSettings DEFAULT =
      new PreemptionSettings(
          true,
          Duration.ofMinutes(3),
          Duration.ofMinutes(5),
          Duration.ofMinutes(3),
          Duration.ofMinutes(1),
          5,
          Duration.ofMinutes(3));
}
