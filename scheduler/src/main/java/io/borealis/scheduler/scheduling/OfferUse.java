package io.borealis.scheduler.scheduling;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.borealis.api.InstanceKey;
import io.borealis.scheduler.cluster.Demand;
import io.borealis.scheduler.cluster.Offer;

/** The tasks that are meant to use up one offer. Immutable. */
record OfferUse(Offer offer, ImmutableList<Assignment> assignments) {
  /** One task with its ports and what it takes. Immutable. */
  record Assignment(
      String taskId, InstanceKey instance, ImmutableMap<String, Integer> ports, Demand need) {}
}
