package io.borealis.scheduler.cluster;

import com.google.common.collect.ImmutableList;
import io.borealis.api.Attribute;
import org.jspecify.annotations.Nullable;

/**
 * What is free on one agent. Immutable.
 *
 * @param resources the amounts that stay; its port count is the size of the ranges
 * @param revocable the amounts that can be taken away
 * @param ports the free ports
 * @param attributes of the host, one entry per name
 * @param unavailableFromMs wall time at which the agent goes into maintenance, if planned
 */
public record Offer(
    String id,
    String agentId,
    String host,
    ResourceVector resources,
    ResourceVector revocable,
    ImmutableList<PortRange> ports,
    ImmutableList<Attribute> attributes,
    @Nullable Long unavailableFromMs) {
  /** An offer without revocable resources. */
  public Offer(
      String id,
      String agentId,
      String host,
      ResourceVector resources,
      ImmutableList<PortRange> ports,
      ImmutableList<Attribute> attributes,
      @Nullable Long unavailableFromMs) {
    this(id, agentId, host, resources, ResourceVector.ZERO, ports, attributes, unavailableFromMs);
  }

  /** All amounts. */
  public Capacity capacity() {
    return new Capacity(resources, revocable);
  }

  /** The same with other amounts. */
  public Offer with(Capacity left) {
    return new Offer(
        id, agentId, host, left.firm(), left.revocable(), ports, attributes, unavailableFromMs);
  }
}
