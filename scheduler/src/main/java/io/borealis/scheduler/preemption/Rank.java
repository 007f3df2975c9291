package io.borealis.scheduler.preemption;

import io.borealis.api.TaskConfig;
import io.borealis.scheduler.tier.TierRegistry;

/**
 * What decides who may take whose place (scheduling rules, section 7.1). Immutable.
 *
 * @param preemptible whether tasks of other roles may take the place
 */
record Rank(boolean preemptible, String role, int priority) {
  /** The rank of tasks of a configuration; of a tier that is gone they are what they were then. */
  static Rank of(TierRegistry tiers, TaskConfig config) {
    TierRegistry.Tier tier = config.tier() == null ? null : tiers.get(config.tier());
    boolean preemptible = tier == null ? !tiers.isProduction(config) : tier.preemptible();
    return new Rank(preemptible, config.job().role(), config.priority());
  }

  /** Whether a pending task of this rank may take the place of one of the other. */
  boolean mayDisplace(Rank victim) {
    return preemptible == victim.preemptible
        ? priority > victim.priority && role.equals(victim.role)
        : victim.preemptible;
  }
}
