package io.borealis.scheduler.cluster;

import org.jspecify.annotations.Nullable;

/** Names a task, and its agent where that is known, to reconcile. Immutable. */
public record TaskRef(String taskId, @Nullable String agentId) {}
