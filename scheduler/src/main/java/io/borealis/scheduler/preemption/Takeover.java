package io.borealis.scheduler.preemption;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Lists;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskEvent;
import io.borealis.scheduler.store.State;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Finds in State for whom room was being made when the last leader went: the events of victims name
 * the tasks in whose favor they had to leave. Pure.
 */
final class Takeover {
  private Takeover() {}

  /** A claim of the last leader and the rest of its time. Immutable. */
  record Rest(Claim claim, Duration left) {}

  /** The claims that are not over yet, by agent. */
  static ImmutableMap<String, Rest> claims(State state, Duration hold) {
    ImmutableMap.Builder<String, Rest> claims = ImmutableMap.builder();
    for (ScheduledTask task : state.tasks().all()) {
      String agentId = task.assignedTask().slaveId();
      String host = task.assignedTask().slaveHost();
      if (agentId == null
          || host == null
          || Candidate.lastEventMs(task) <= state.stampMs() - hold.toMillis()) {
        continue;
      }
      TaskEvent event = displacement(task);
      long leftMs = event == null ? 0 : event.timestamp() + hold.toMillis() - state.stampMs();
      ScheduledTask favored = leftMs <= 0 || event == null ? null : favored(state, event);
      if (favored != null && event != null) {
        TaskConfig config = favored.assignedTask().task();
        if (!isPlaced(state, host, config, event.timestamp())) {
          claims.put(
              agentId,
              new Rest(
                  new Claim(config, favored.assignedTask().taskId(), host),
                  Duration.ofMillis(leftMs)));
        }
      }
    }
    return claims.buildKeepingLast();
  }

  private static @Nullable TaskEvent displacement(ScheduledTask task) {
    for (TaskEvent event : Lists.reverse(task.taskEvents())) {
      if (event.status() == ScheduleStatus.PREEMPTING) {
        String message = event.message();
        return message != null && message.startsWith(Displacements.MESSAGE) ? event : null;
      }
    }
    return null;
  }

  /** The task that is to have the room, if it still waits. */
  private static @Nullable ScheduledTask favored(State state, TaskEvent event) {
    String message = event.message() == null ? "" : event.message();
    ScheduledTask task =
        state
            .tasks()
            .get(message.substring(Math.min(message.length(), Displacements.MESSAGE.length())));
    return task != null && task.status() == ScheduleStatus.PENDING ? task : null;
  }

  /** Whether another task of the group has used the room since. */
  private static boolean isPlaced(State state, String host, TaskConfig config, long sinceMs) {
    for (ScheduledTask task : state.tasks().onHost(host)) {
      if (task.assignedTask().task().equals(config)) {
        for (TaskEvent event : task.taskEvents()) {
          if (event.status() == ScheduleStatus.ASSIGNED && event.timestamp() >= sinceMs) {
            return true;
          }
        }
      }
    }
    return false;
  }
}
