package io.borealis.scheduler.sla;

import java.time.Duration;

/**
 * How policies are checked and how often (defaults: scheduling rules, section 9). Immutable.
 *
 * @param minInstances jobs with fewer active tasks are not protected by count and percentage
 *     policies
 * @param nonProduction whether such policies also protect tasks that are not of a production tier
 * @param coordinatorTimeout longest time for a whole exchange with a coordinator
 * @param maxCoordinated most exchanges with coordinators at once
 * @param minRetry least time between two checks of a task that must wait
 * @param maxRetry longest time between them
 * @param batchSize most tasks checked in one transaction
 */
public record SlaSettings(
    int minInstances,
    boolean nonProduction,
    Duration coordinatorTimeout,
    int maxCoordinated,
    Duration minRetry,
    Duration maxRetry,
    int batchSize) {
  /** Aurora's defaults. */
  public static final SlaSettings DEFAULT =
      new SlaSettings(
          20, false, Duration.ofMinutes(1), 10, Duration.ofMinutes(1), Duration.ofMinutes(5), 300);
}
