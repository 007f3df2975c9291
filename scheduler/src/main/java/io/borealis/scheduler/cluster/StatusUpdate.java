package io.borealis.scheduler.cluster;

import org.jspecify.annotations.Nullable;

/**
 * The state of a task as the cluster sees it. Immutable.
 *
 * @param agentId null when the cluster does not know the agent
 * @param reason one of the names of the Mesos enum, such as {@code REASON_RECONCILIATION}
 * @param source who says so, by the names of the Mesos enum, such as {@code SOURCE_AGENT}
 * @param uuid null when no acknowledgement is expected
 */
public record StatusUpdate(
    String taskId,
    @Nullable String agentId,
    ClusterTaskState state,
    @Nullable String message,
    @Nullable String reason,
    @Nullable String source,
    @Nullable String uuid,
    long timestampMs) {
  /** An update of which nobody says where it comes from. */
  public StatusUpdate(
      String taskId,
      @Nullable String agentId,
      ClusterTaskState state,
      @Nullable String message,
      @Nullable String reason,
      @Nullable String uuid,
      long timestampMs) {
    this(taskId, agentId, state, message, reason, null, uuid, timestampMs);
  }
}
