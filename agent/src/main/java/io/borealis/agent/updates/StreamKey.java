package io.borealis.agent.updates;

/** Names the updates of one task. Immutable. */
public record StreamKey(String frameworkId, String taskId) {}
