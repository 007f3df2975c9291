package io.borealis.scheduler.scheduling;

import java.time.Duration;

/**
 * The pace of scheduling. Immutable.
 *
 * @param firstDelay from a task's becoming pending to the first attempt
 * @param initialPenalty after the first attempt that places nothing, at least; grows from there
 * @param assignmentsPerTransaction how many tasks are placed at once at most
 * @param offerHold how long an unused offer is held
 * @param offerHoldJitter spreads the ends of holds
 * @param holdForever whether offers are never given back
 * @param offerRefusal how long declined resources are not offered again
 * @param offerOrder in which offers are tried
 * @param affinityHold how long the agent of a task that an update replaces is kept for its
 *     replacement; zero when none is
 */
public record SchedulingSettings(
    Duration firstDelay,
    Duration initialPenalty,
    Duration maxPenalty,
    int assignmentsPerTransaction,
    Duration offerHold,
    Duration offerHoldJitter,
    boolean holdForever,
    Duration offerRefusal,
    OfferOrder offerOrder,
    Duration affinityHold) {
  /** The settings of a production cluster. */
  public static final SchedulingSettings DEFAULT =
      new SchedulingSettings(
          Duration.ofMillis(1),
          Duration.ofSeconds(1),
          Duration.ofMinutes(1),
          200,
          Duration.ofMinutes(5),
          Duration.ofMinutes(1),
          false,
          Duration.ofSeconds(5),
          OfferOrder.BY_HOST,
          Duration.ZERO);

  /** The same with agents kept for replacements for so long. */
  public SchedulingSettings withAffinity(Duration hold) {
    return new SchedulingSettings(
        firstDelay,
        initialPenalty,
        maxPenalty,
        assignmentsPerTransaction,
        offerHold,
        offerHoldJitter,
        holdForever,
        offerRefusal,
        offerOrder,
        hold);
  }
}
