package io.borealis.scheduler.prune;

import java.time.Duration;

/**
 * How long tasks that have ended are kept (task rules, section 12). Immutable.
 *
 * @param threshold a task is forgotten so long after its end
 * @param keptPerJob how many each job keeps at most, the newest
 * @param minRetention none is forgotten sooner, however many there are
 * @param batchSize most tasks in one transaction
 */
public record PrunePolicy(
    Duration threshold, int keptPerJob, Duration minRetention, int batchSize) {
  /** Aurora's defaults. */
  public static final PrunePolicy DEFAULT =
      new PrunePolicy(Duration.ofDays(2), 100, Duration.ofHours(1), 300);
}
