package io.borealis.agent.updates;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.agent.AgentTaskState;
import io.borealis.api.codec.Bytes;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What became of a task at some moment, on its way to the scheduler. Immutable.
 *
 * @param reason a name of the Mesos enum, such as {@code REASON_EXECUTOR_TERMINATED}
 * @param source {@code SOURCE_MASTER}, {@code SOURCE_AGENT} or {@code SOURCE_EXECUTOR}
 * @param timestamp seconds since the epoch
 * @param uuid tells it from all others; without one it is refused
 */
public record TaskUpdate(
    StreamKey key,
    Optional<String> executorId,
    Optional<String> agentId,
    AgentTaskState state,
    Optional<String> message,
    Optional<String> reason,
    Optional<String> source,
    double timestamp,
    Optional<UUID> uuid) {

  private static final ImmutableSet<AgentTaskState> TERMINAL =
      ImmutableSet.of(
          AgentTaskState.TASK_FINISHED,
          AgentTaskState.TASK_FAILED,
          AgentTaskState.TASK_KILLED,
          AgentTaskState.TASK_LOST,
          AgentTaskState.TASK_ERROR,
          AgentTaskState.TASK_DROPPED,
          AgentTaskState.TASK_GONE,
          AgentTaskState.TASK_GONE_BY_OPERATOR);

  /** Whether a task in this state has ended for good. */
  public static boolean isTerminal(AgentTaskState state) {
    return TERMINAL.contains(state);
  }

  /** The uuid as it goes over the wire; null without one. */
  public @Nullable Bytes uuidBytes() {
    return uuid.map(present -> Bytes.copyOf(UpdateCodec.bytes(present))).orElse(null);
  }

  /** Whether the task has ended for good. */
  public boolean isTerminal() {
    return isTerminal(state);
  }
}
