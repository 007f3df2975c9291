package io.borealis.scheduler.update;

import java.time.Duration;

/**
 * What holds for all updates, whatever each asks for (defaults: update rules, section 8.1).
 * Immutable.
 *
 * @param pruningInterval time between two looks for updates to be forgotten
 * @param pruningThreshold an update that has ended is forgotten so long after its first event
 * @param keptPerJob how many of the younger ones that have ended each job keeps at most
 * @param tolerateInfrastructureExits whether the end of a task that the cluster took away is no
 *     failure (W-4)
 * @param stallThreshold an update in which nothing was recorded for longer is stalled (W-16)
 */
public record UpdatePolicy(
    Duration pruningInterval,
    Duration pruningThreshold,
    int keptPerJob,
    boolean tolerateInfrastructureExits,
    Duration stallThreshold) {
  /** Aurora's defaults. */
  public static final UpdatePolicy DEFAULT =
      new UpdatePolicy(
          Duration.ofMinutes(15), Duration.ofDays(30), 10, false, Duration.ofMinutes(15));

  /** The same, but tasks that the cluster takes away are no failures. */
  UpdatePolicy tolerant() {
    return new UpdatePolicy(pruningInterval, pruningThreshold, keptPerJob, true, stallThreshold);
  }
}
