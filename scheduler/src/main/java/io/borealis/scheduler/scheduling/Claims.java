package io.borealis.scheduler.scheduling;

import io.borealis.api.TaskConfig;
import java.util.function.Consumer;

/**
 * Agents on which room is being made for one group of equal tasks. Asked and told on the scheduling
 * loop; must not block.
 */
public interface Claims {
  /** Nothing is claimed. */
  Claims NONE = (agentId, config) -> false;

  /** Whether the agent is claimed for tasks of another configuration. */
  boolean isClosedTo(String agentId, TaskConfig config);

  /** Told that a task of the configuration has its place on the agent. */
  default void placed(String agentId, TaskConfig config) {}

  /** Told that no task of the configuration is pending any more. */
  default void ended(TaskConfig config) {}

  /** Told that the agent is gone. */
  default void lost(String agentId) {}

  /** Names who wants to know which agents are open to everybody again. */
  default void whenOpened(Consumer<String> listener) {}
}
