package io.borealis.scheduler.agents;

import io.borealis.api.agent.AgentTaskState;
import io.borealis.api.agent.AgentUpdate;
import io.borealis.api.codec.Bytes;
import io.borealis.runtime.Clock;
import io.borealis.scheduler.cluster.ClusterListener;
import io.borealis.scheduler.cluster.ClusterTaskState;
import io.borealis.scheduler.cluster.StatusUpdate;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What the leader is told of tasks. Confined to the loop. */
final class FleetNews {
  private static final String MASTER = "SOURCE_MASTER";
  private static final String REMOVED = "REASON_AGENT_REMOVED";
  private static final int UUID_BYTES = 16;

  private final ClusterListener listener;
  private final boolean partitionAware;
  private final Clock clock;

  FleetNews(ClusterListener listener, boolean partitionAware, Clock clock) {
    this.listener = listener;
    this.partitionAware = partitionAware;
    this.clock = clock;
  }

  /**
   * A state in the words of the leader. That a task is about to end is none of them: there it would
   * count as ended (task rules, section 5.1).
   */
  ClusterTaskState stateOf(AgentTaskState state) {
    return switch (state) {
      case TASK_STAGING -> ClusterTaskState.TASK_STAGING;
      case TASK_STARTING -> ClusterTaskState.TASK_STARTING;
      case TASK_RUNNING, TASK_KILLING -> ClusterTaskState.TASK_RUNNING;
      case TASK_FINISHED -> ClusterTaskState.TASK_FINISHED;
      case TASK_FAILED -> ClusterTaskState.TASK_FAILED;
      case TASK_KILLED -> ClusterTaskState.TASK_KILLED;
      case TASK_LOST -> ClusterTaskState.TASK_LOST;
      case TASK_ERROR -> ClusterTaskState.TASK_ERROR;
      case TASK_DROPPED -> ClusterTaskState.TASK_DROPPED;
      case TASK_GONE -> gone();
      case TASK_GONE_BY_OPERATOR -> ClusterTaskState.TASK_GONE_BY_OPERATOR;
      case TASK_UNREACHABLE -> unreachable();
      case TASK_UNKNOWN -> unknown();
    };
  }

  private ClusterTaskState unreachable() {
    return partitionAware ? ClusterTaskState.TASK_UNREACHABLE : ClusterTaskState.TASK_LOST;
  }

  private ClusterTaskState unknown() {
    return partitionAware ? ClusterTaskState.TASK_UNKNOWN : ClusterTaskState.TASK_LOST;
  }

  private ClusterTaskState gone() {
    return partitionAware ? ClusterTaskState.TASK_GONE : ClusterTaskState.TASK_LOST;
  }

  /** Passes on what an agent reports. */
  void reported(String agentId, AgentUpdate update) {
    String taskId = update.taskId();
    AgentTaskState state = update.state();
    if (taskId == null || state == null) {
      throw new IllegalArgumentException("An update without its task or state was let in");
    }
    listener.onStatus(
        new StatusUpdate(
            taskId,
            agentId,
            stateOf(state),
            update.message(),
            update.reason(),
            update.source() == null ? "SOURCE_AGENT" : update.source(),
            uuidOf(update.uuid()),
            update.timestampMs()));
  }

  private static @Nullable String uuidOf(@Nullable Bytes bytes) {
    if (bytes == null) {
      return null;
    }
    ByteBuffer buffer = bytes.toByteBuffer();
    return new UUID(buffer.getLong(), buffer.getLong()).toString();
  }

  /** The bytes of a uuid as an agent knows it. */
  static Bytes bytesOf(String uuid) {
    UUID parsed = UUID.fromString(uuid);
    return Bytes.copyOf(
        ByteBuffer.allocate(UUID_BYTES)
            .putLong(parsed.getMostSignificantBits())
            .putLong(parsed.getLeastSignificantBits())
            .flip());
  }

  /** The agent of the task is back, and this is how far the task is. */
  void reregistered(FleetTask task) {
    tell(task.id, task.agent.id, task.state, "Agent is back", "REASON_AGENT_REREGISTERED");
  }

  /** The agent of the task is back without it. */
  void missing(FleetTask task) {
    tell(
        task.id, task.agent.id, gone(), "Agent is back without the task", "REASON_AGENT_RESTARTED");
  }

  /** The agent of the task was silent for long. */
  void outOfReach(FleetTask task, String message) {
    tell(task.id, task.agent.id, unreachable(), message, REMOVED);
  }

  /** The offer that the task was to use is gone, or has no room for it. */
  void dropped(String taskId, @Nullable String agentId, String message) {
    tell(taskId, agentId, ClusterTaskState.TASK_DROPPED, message, "REASON_INVALID_OFFERS");
  }

  /** The agent of the task is out of reach, as answer to a question. */
  void stillOutOfReach(FleetTask task) {
    answer(task.id, task.agent.id, unreachable(), "Reconciliation: Task is unreachable");
  }

  /**
   * The task is not here.
   *
   * @param agent where it should be, if that one is known
   */
  void unknown(
      String taskId, @Nullable String agentId, @Nullable FleetAgent agent, String message) {
    ClusterTaskState state =
        agent == null ? unknown() : agent.isRegistered() ? gone() : unreachable();
    answer(taskId, agentId, state, message);
  }

  private void answer(
      String taskId, @Nullable String agentId, ClusterTaskState state, String message) {
    tell(taskId, agentId, state, message, "REASON_RECONCILIATION");
  }

  private void tell(
      String taskId,
      @Nullable String agentId,
      ClusterTaskState state,
      String message,
      String reason) {
    listener.onStatus(
        new StatusUpdate(
            taskId, agentId, state, message, reason, MASTER, null, clock.wallMillis()));
  }
}
