package io.borealis.scheduler.tier;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.TaskConfig;
import io.borealis.api.TierConfig;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The tiers of this cluster, one of them the default. Immutable. */
public final class TierRegistry {
  /**
   * What a tier means for its tasks. Immutable.
   *
   * @param preemptible whether other tasks may take their place
   * @param revocable whether they run on resources that can be taken away
   */
  public record Tier(boolean preemptible, boolean revocable) {
    /** Whether the tasks count as production: nothing takes their place. */
    public boolean production() {
      return !preemptible && !revocable;
    }
  }

  private final String defaultName;
  private final ImmutableMap<String, Tier> tiers;

  /**
   * @throws IllegalArgumentException when there is no tier or the default is not one of them
   */
  public TierRegistry(String defaultName, Map<String, Tier> tiers) {
    if (tiers.isEmpty()) {
      throw new IllegalArgumentException("tiers: at least one tier must be listed");
    }
    if (!tiers.containsKey(defaultName)) {
      throw new IllegalArgumentException(
          "default: '" + defaultName + "' must be one of the tiers " + tiers.keySet());
    }
    this.defaultName = defaultName;
    this.tiers = ImmutableMap.copyOf(tiers);
  }

  /** The tiers of a scheduler without settings for them. */
  public static TierRegistry stock() {
    return new TierRegistry(
        "preemptible",
        ImmutableMap.of(
            "preferred", new Tier(false, false),
            "preemptible", new Tier(true, false),
            "revocable", new Tier(true, true)));
  }

  /** The name of the tier of tasks that name none. */
  public String defaultName() {
    return defaultName;
  }

  /** The tier of that name, if there is one. */
  public @Nullable Tier get(String name) {
    return tiers.get(name);
  }

  /** Whether a task is of a production tier; of a tier that is gone it is what it was then. */
  public boolean isProduction(TaskConfig task) {
    Tier tier = task.tier() == null ? null : tiers.get(task.tier());
    return tier == null ? Boolean.TRUE.equals(task.production()) : tier.production();
  }

  /** The tiers as clients see them, in the order in which they were given. */
  public ImmutableSet<TierConfig> describe() {
    ImmutableSet.Builder<TierConfig> all = ImmutableSet.builder();
    tiers.forEach(
        (name, tier) ->
            all.add(
                new TierConfig(
                    name,
                    ImmutableMap.of(
                        "preemptible", String.valueOf(tier.preemptible()),
                        "revocable", String.valueOf(tier.revocable())))));
    return all.build();
  }
}
