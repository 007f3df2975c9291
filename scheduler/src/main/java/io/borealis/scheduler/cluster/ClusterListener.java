package io.borealis.scheduler.cluster;

/** What a cluster tells its leader. Called on any thread; implementations do not block. */
public interface ClusterListener {
  /** Resources of one agent may be used until the offer is rescinded or declined. */
  void onOffer(Offer offer);

  /** The offer may not be used any more. */
  void onOfferRescinded(String offerId);

  /** The state of a task; to be acknowledged when it has a uuid. */
  void onStatus(StatusUpdate update);

  /** The agent left; its offers are void and its tasks are reported one by one. */
  void onAgentLost(String agentId);
}
