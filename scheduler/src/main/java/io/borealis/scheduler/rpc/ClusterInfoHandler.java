package io.borealis.scheduler.rpc;

import io.borealis.api.GetTierConfigResult;
import io.borealis.api.Response;
import io.borealis.api.Result;
import io.borealis.scheduler.tier.TierRegistry;

/** Answers calls about the cluster's settings. Immutable. */
public final class ClusterInfoHandler {
  private final TierRegistry tiers;

  /** Tells about these tiers. */
  public ClusterInfoHandler(TierRegistry tiers) {
    this.tiers = tiers;
  }

  Response getTierConfigs() {
    return Responses.ok(
        new Result.GetTierConfigResult(
            new GetTierConfigResult(tiers.defaultName(), tiers.describe())));
  }
}
