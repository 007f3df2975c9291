package io.borealis.scheduler.preemption;

import io.borealis.api.TaskConfig;
import io.borealis.scheduler.cluster.Capacity;
import io.borealis.scheduler.cluster.Demand;
import io.borealis.scheduler.cluster.ResourceVector;

/**
 * What preemption asks of a configuration. Immutable.
 *
 * @param demand what a task takes with its executor
 * @param held the same as what its end gives back
 */
record Profile(TaskConfig config, Rank rank, Demand demand, Capacity held) {
  static Profile of(TaskConfig config, Rank rank, Demand demand) {
    return new Profile(config, rank, demand, held(demand));
  }

  /** What makes a task worth displacing: revocable resources are worth nothing to most. */
  ResourceVector weight() {
    return held.firm();
  }

  private static Capacity held(Demand demand) {
    ResourceVector all = demand.amounts();
    if (!demand.revocable()) {
      return new Capacity(all, ResourceVector.ZERO);
    }
    ResourceVector revocable =
        new ResourceVector(
            demand.revocableCpus() ? all.milliCpus() : 0,
            demand.revocableRam() ? all.ramMb() : 0,
            0,
            0,
            0,
            0);
    return new Capacity(all.minus(revocable), revocable);
  }
}
