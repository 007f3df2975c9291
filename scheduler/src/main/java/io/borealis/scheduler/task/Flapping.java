package io.borealis.scheduler.task;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskEvent;
import io.borealis.scheduler.store.TaskTable;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** Decides how long a successor of tasks that ended soon has to wait. Pure but for the chance. */
final class Flapping {
  private final long thresholdMs;
  private final Backoff backoff;

  Flapping(TaskPolicy policy, DoubleSupplier random) {
    this.thresholdMs = policy.flappingThreshold().toMillis();
    this.backoff =
        new Backoff(policy.initialPenalty().toMillis(), policy.maxPenalty().toMillis(), random);
  }

  /** The penalty of a task in ms, from the lives of its ancestors (task rules, section 6.3). */
  long penaltyMs(TaskTable tasks, ScheduledTask task) {
    long penalty = 0;
    ScheduledTask ancestor = ancestor(tasks, task);
    while (ancestor != null && flapped(ancestor)) {
      long next = backoff.nextMs(penalty);
      if (next == penalty) {
        break;
      }
      penalty = next;
      ancestor = ancestor(tasks, ancestor);
    }
    return penalty;
  }

  private static @Nullable ScheduledTask ancestor(TaskTable tasks, ScheduledTask task) {
    return task.ancestorId() == null ? null : tasks.get(task.ancestorId());
  }

  /** Whether a task ended too soon, and not because somebody wanted it to. */
  boolean flapped(ScheduledTask task) {
    ImmutableList<TaskEvent> events = task.taskEvents();
    if (events.isEmpty() || !TaskStates.isTerminal(Iterables.getLast(events).status())) {
      return false;
    }
    for (TaskEvent event : events) {
      ScheduleStatus status = event.status();
      if (status == ScheduleStatus.RESTARTING
          || status == ScheduleStatus.KILLING
          || status == ScheduleStatus.DRAINING) {
        return false;
      }
    }
    for (TaskEvent event : events.reverse()) {
      if (TaskStates.isActive(event.status())) {
        return Iterables.getLast(events).timestamp() - event.timestamp() < thresholdMs;
      }
    }
    return false;
  }
}
