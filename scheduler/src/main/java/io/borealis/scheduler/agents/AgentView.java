package io.borealis.scheduler.agents;

import com.google.common.collect.ImmutableList;
import io.borealis.api.Attribute;
import io.borealis.scheduler.cluster.ResourceVector;
import org.jspecify.annotations.Nullable;

/**
 * An agent as it is shown. Immutable.
 *
 * @param presence one of {@code AWAITED}, {@code REGISTERED} and {@code LOST}
 * @param observer where its pages are, as host:port
 * @param silentMs how long nothing was heard of it; null before it registered
 * @param tasks how many of its tasks are known and have not ended
 * @param commands how many commands it has not carried out
 */
public record AgentView(
    String agentId,
    String host,
    String presence,
    @Nullable String observer,
    String version,
    @Nullable Long silentMs,
    ImmutableList<Attribute> attributes,
    ResourceVector total,
    ResourceVector free,
    int tasks,
    int commands) {}
