package io.borealis.scheduler.cluster;

import com.google.common.collect.ImmutableList;
import io.borealis.api.Attribute;
import org.jspecify.annotations.Nullable;

/**
 * What is free on one agent. Immutable.
 *
 * @param resources the amounts; its port count is the size of the ranges
 * @param ports the free ports
 * @param attributes of the host, one entry per name
 * @param unavailableFromMs wall time at which the agent goes into maintenance, if planned
 */
public record Offer(
    String id,
    String agentId,
    String host,
    ResourceVector resources,
    ImmutableList<PortRange> ports,
    ImmutableList<Attribute> attributes,
    @Nullable Long unavailableFromMs) {}
