package io.borealis.agent.observer;

import org.jspecify.annotations.Nullable;

/**
 * What the pages say of the agent. Immutable.
 *
 * @param agentId null until it has one
 * @param leader where the leading scheduler is, as host:port; null while none is known
 */
public record About(String hostname, @Nullable String agentId, @Nullable String leader) {}
