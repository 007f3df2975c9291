package io.borealis.scheduler.reconcile;

import java.time.Duration;

/**
 * When the cluster is asked for the state of tasks, to the millisecond (task rules, section 11).
 * Immutable.
 *
 * @param initialDelay until it is first asked for the tasks it should have
 * @param explicitInterval and then again and again
 * @param implicitInterval time between two questions for all tasks it has
 * @param spread how much later than the former that is first asked
 * @param batchSize most tasks in one question
 * @param batchInterval time between two such questions
 */
public record ReconcilePolicy(
    Duration initialDelay,
    Duration explicitInterval,
    Duration implicitInterval,
    Duration spread,
    int batchSize,
    Duration batchInterval) {
  /** Aurora's defaults. */
  public static final ReconcilePolicy DEFAULT =
      new ReconcilePolicy(
          Duration.ofMinutes(1),
          Duration.ofHours(1),
          Duration.ofHours(1),
          Duration.ofMinutes(30),
          1000,
          Duration.ofSeconds(5));
}
