package io.borealis.scheduler.agents;

import java.time.Duration;

/**
 * How agents are dealt with. Immutable.
 *
 * @param frameworkId names the cluster in what agents write down
 * @param timeout after this silence an agent counts as out of reach
 * @param reregistration how long a new leader waits for the agents of the tasks it knows
 * @param offerDelay how long freed resources gather before they are offered
 * @param partitionAware whether tasks out of reach are said to be so, and not to be lost
 */
public record AgentClusterSettings(
    String frameworkId,
    Duration timeout,
    Duration reregistration,
    Duration offerDelay,
    boolean partitionAware) {
  private static final Duration USUAL_POLL = Duration.ofSeconds(20);

  /** How long a poll is held: an agent has several attempts before it counts as out of reach. */
  public Duration poll() {
    Duration third = timeout.dividedBy(3);
    return third.compareTo(USUAL_POLL) < 0 ? third : USUAL_POLL;
  }
}
