package io.borealis.scheduler.slastats;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskEvent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * For how long an instance was up and down within a window (scheduling rules, section 8.2). Time in
 * which nobody expects it to run counts as neither. Immutable.
 */
record Uptime(long upMs, long downMs) {
  private static final Comparator<ScheduledTask> BY_BEGINNING =
      Comparator.comparingLong(task -> Iterables.get(task.taskEvents(), 0).timestamp());

  private static final Comparator<TaskEvent> BY_TIME =
      Comparator.comparingLong(TaskEvent::timestamp);

  private enum Condition {
    UP,
    DOWN,
    REMOVED
  }

  /** Of one instance, from all its tasks that are known. */
  static Uptime of(List<ScheduledTask> tasks, long fromMs, long toMs) {
    long up = 0;
    long down = 0;
    Condition condition = Condition.REMOVED;
    long since = Long.MIN_VALUE;
    for (TaskEvent event : events(tasks)) {
      long overlap = overlap(since, event.timestamp(), fromMs, toMs);
      up += condition == Condition.UP ? overlap : 0;
      down += condition == Condition.DOWN ? overlap : 0;
      condition = after(condition, event.status());
      since = event.timestamp();
    }
    long overlap = overlap(since, Long.MAX_VALUE, fromMs, toMs);
    up += condition == Condition.UP ? overlap : 0;
    down += condition == Condition.DOWN ? overlap : 0;
    return new Uptime(up, down);
  }

  /** By time; what happened to a task comes before what happened to the next at the same time. */
  private static ImmutableList<TaskEvent> events(List<ScheduledTask> tasks) {
    if (tasks.size() == 1) {
      return tasks.get(0).taskEvents();
    }
    List<TaskEvent> events = new ArrayList<>();
    tasks.stream()
        .filter(task -> !task.taskEvents().isEmpty())
        .sorted(BY_BEGINNING)
        .forEach(task -> events.addAll(task.taskEvents()));
    return ImmutableList.sortedCopyOf(BY_TIME, events);
  }

  private static long overlap(long begin, long end, long fromMs, long toMs) {
    return Math.max(0, Math.min(end, toMs) - Math.max(begin, fromMs));
  }

  private static Condition after(Condition before, ScheduleStatus status) {
    return switch (status) {
      case LOST, DRAINING, PREEMPTING -> Condition.DOWN;
      case PENDING, ASSIGNED, STARTING ->
          before == Condition.DOWN ? Condition.DOWN : Condition.REMOVED;
      case THROTTLED, FINISHED, RESTARTING, FAILED, KILLING -> Condition.REMOVED;
      case RUNNING, PARTITIONED -> Condition.UP;
      case KILLED -> before == Condition.UP ? Condition.DOWN : before;
      default -> before;
    };
  }

  Uptime plus(Uptime other) {
    return new Uptime(upMs + other.upMs, downMs + other.downMs);
  }

  /** How much of the time in which it should have been up it was. */
  double percentage() {
    long expected = upMs + downMs;
    return expected == 0 ? 100.0 : 100.0 * upMs / expected;
  }
}
