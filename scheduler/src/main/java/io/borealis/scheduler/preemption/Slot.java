package io.borealis.scheduler.preemption;

import com.google.common.collect.ImmutableList;
import io.borealis.api.TaskConfig;

/**
 * An agent on which tasks of a group would have room if others left. Immutable.
 *
 * @param config of the group
 * @param pending the tasks of the group that waited for long enough, in the order of their turns
 * @param victims the tasks that would have to leave
 */
public record Slot(
    TaskConfig config,
    ImmutableList<String> pending,
    String agentId,
    ImmutableList<String> victims) {}
