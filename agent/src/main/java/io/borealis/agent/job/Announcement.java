package io.borealis.agent.job;

import com.google.common.collect.ImmutableMap;
import org.jspecify.annotations.Nullable;

/**
 * How a task makes itself known. Immutable.
 *
 * @param primaryPort the name of the port that is its main one
 * @param portmap further names of ports, each for another name or for a number
 * @param zkPath where, if not in the place that follows from the job
 */
public record Announcement(
    String primaryPort, ImmutableMap<String, String> portmap, @Nullable String zkPath) {}
