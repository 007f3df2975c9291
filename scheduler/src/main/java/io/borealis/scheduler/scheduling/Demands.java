package io.borealis.scheduler.scheduling;

import io.borealis.api.TaskConfig;
import io.borealis.scheduler.cluster.Demand;
import io.borealis.scheduler.cluster.ResourceVector;
import io.borealis.scheduler.executor.ExecutorRegistry;
import io.borealis.scheduler.tier.TierRegistry;

/**
 * What tasks need of an agent: their own resources and those of their executors, revocable ones if
 * their tier says so. Pure and immutable.
 */
public final class Demands {
  private final ExecutorRegistry executors;
  private final TierRegistry tiers;
  private final boolean revocableCpus;
  private final boolean revocableRam;

  /**
   * @param revocableCpus whether tasks of revocable tiers run on revocable cpus; so for RAM
   */
  public Demands(
      ExecutorRegistry executors, TierRegistry tiers, boolean revocableCpus, boolean revocableRam) {
    this.executors = executors;
    this.tiers = tiers;
    this.revocableCpus = revocableCpus;
    this.revocableRam = revocableRam;
  }

  /** What one task of the configuration needs. */
  public Demand of(TaskConfig config) {
    ResourceVector amounts = ResourceVector.of(config).plus(executors.overhead(config));
    return new Demand(amounts, isRevocable(config), revocableCpus, revocableRam);
  }

  private boolean isRevocable(TaskConfig config) {
    TierRegistry.Tier tier = config.tier() == null ? null : tiers.get(config.tier());
    return tier != null && tier.revocable();
  }
}
