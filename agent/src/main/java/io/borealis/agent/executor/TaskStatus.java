package io.borealis.agent.executor;

import io.borealis.agent.updates.TaskUpdate;
import io.borealis.api.agent.AgentTaskState;
import java.util.Optional;

/**
 * What somebody who watches a task says about it. Immutable.
 *
 * @param message for people
 * @param reason one of the names of the Mesos enum
 */
record TaskStatus(AgentTaskState state, Optional<String> message, Optional<String> reason) {
  static final String MEMORY = "REASON_CONTAINER_LIMITATION_MEMORY";
  static final String DISK = "REASON_CONTAINER_LIMITATION_DISK";

  static TaskStatus of(AgentTaskState state) {
    return new TaskStatus(state, Optional.empty(), Optional.empty());
  }

  static TaskStatus of(AgentTaskState state, String message) {
    return new TaskStatus(state, Optional.of(message), Optional.empty());
  }

  static TaskStatus failed(String message) {
    return of(AgentTaskState.TASK_FAILED, message);
  }

  static TaskStatus lost(String message) {
    return of(AgentTaskState.TASK_LOST, message);
  }

  static TaskStatus killed(String message) {
    return of(AgentTaskState.TASK_KILLED, message);
  }

  /** Failed, because it took more than it may. */
  static TaskStatus exceeded(String reason, String message) {
    return new TaskStatus(AgentTaskState.TASK_FAILED, Optional.of(message), Optional.of(reason));
  }

  /** Whether the task is to end, or has ended. */
  boolean isTerminal() {
    return TaskUpdate.isTerminal(state);
  }
}
