package io.borealis.scheduler.preemption;

import io.borealis.api.TaskConfig;
import io.borealis.scheduler.cluster.Demand;
import io.borealis.scheduler.tier.TierRegistry;
import java.util.IdentityHashMap;
import java.util.function.Function;

/**
 * Makes the profile of each configuration once. Equal configurations are mostly one object, so the
 * object is what is looked up. For one thread and one search.
 */
final class Profiles {
  private final TierRegistry tiers;
  private final Function<TaskConfig, Demand> demands;
  private final IdentityHashMap<TaskConfig, Profile> known = new IdentityHashMap<>();

  Profiles(TierRegistry tiers, Function<TaskConfig, Demand> demands) {
    this.tiers = tiers;
    this.demands = demands;
  }

  Profile of(TaskConfig config) {
    Profile profile = known.get(config);
    if (profile == null) {
      profile = Profile.of(config, Rank.of(tiers, config), demands.apply(config));
      known.put(config, profile);
    }
    return profile;
  }
}
