package io.borealis.agent.link;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.Attribute;
import io.borealis.api.agent.AgentResources;
import org.jspecify.annotations.Nullable;

/**
 * What an agent says of itself. Immutable.
 *
 * @param agentId chosen when the work directory was new
 * @param host its name for schedulers and clients
 * @param observer where its pages are, as host:port; null for nowhere
 * @param version of this software
 */
public record AgentProfile(
    String agentId,
    String host,
    AgentResources resources,
    ImmutableSet<Attribute> attributes,
    @Nullable String observer,
    String version) {}
