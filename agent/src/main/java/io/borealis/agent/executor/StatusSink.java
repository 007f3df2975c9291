package io.borealis.agent.executor;

import io.borealis.api.agent.AgentTaskState;
import org.jspecify.annotations.Nullable;

/** Where an executor tells what became of its task, in order. Any thread may call; never blocks. */
@FunctionalInterface
public interface StatusSink {
  /**
   * Takes one status. It is kept and sent until the scheduler has it.
   *
   * @param reason one of the names of the Mesos enum, such as {@code
   *     REASON_CONTAINER_LIMITATION_MEMORY}
   */
  void status(AgentTaskState state, @Nullable String message, @Nullable String reason);
}
