package io.borealis.agent;

import io.borealis.agent.updates.RecoveredUpdates;
import io.borealis.agent.updates.TaskUpdate;
import io.borealis.api.agent.AgentTaskState;
import io.borealis.api.agent.LaunchTask;
import java.util.Optional;

/**
 * A run that a former agent process left, not yet over or not yet acknowledged. Immutable.
 *
 * @param updates empty when there was none
 */
record RecoveredRun(RunPaths paths, LaunchTask launch, Optional<RecoveredUpdates> updates) {
  /** The newest state that was written down; staging when none was. */
  AgentTaskState latest() {
    AgentTaskState latest = AgentTaskState.TASK_STAGING;
    for (TaskUpdate update :
        updates
            .map(RecoveredUpdates::updates)
            .orElse(com.google.common.collect.ImmutableList.of())) {
      if (!TaskUpdate.isTerminal(latest)) {
        latest = update.state();
      }
    }
    return latest;
  }

  /** Whether that the task runs was told. */
  boolean wasRunning() {
    return updates.stream()
        .flatMap(read -> read.updates().stream())
        .anyMatch(update -> update.state() == AgentTaskState.TASK_RUNNING);
  }

  /** How many updates the scheduler does not have. */
  int unacknowledged() {
    return updates
        .map(
            read ->
                (int)
                    read.updates().stream()
                        .flatMap(update -> update.uuid().stream())
                        .distinct()
                        .filter(uuid -> !read.acknowledged().contains(uuid))
                        .count())
        .orElse(0);
  }

  /** Whether the scheduler knows of the end. */
  boolean isOver() {
    return updates.stream()
        .flatMap(
            read ->
                read.updates().stream()
                    .filter(u -> read.acknowledged().contains(u.uuid().orElseThrow())))
        .anyMatch(TaskUpdate::isTerminal);
  }
}
