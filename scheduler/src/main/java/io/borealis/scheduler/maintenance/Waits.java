package io.borealis.scheduler.maintenance;

import com.google.common.collect.ImmutableList;
import io.borealis.runtime.Clock;
import io.borealis.scheduler.metrics.GaugeSet;
import io.borealis.scheduler.metrics.Gauges;
import io.borealis.scheduler.sla.SlaAttempts.Attempt;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Shows the tasks that may not leave their hosts yet, each with a gauge of the time until it must.
 * Confined to the writer's loop, except for {@link #all}.
 */
final class Waits {
  private static final Comparator<DrainWait> ORDER =
      Comparator.comparing(DrainWait::host).thenComparing(DrainWait::taskId);

  private final Clock clock;
  private final GaugeSet countdowns;
  private final Map<String, DrainWait> waits = new ConcurrentHashMap<>();

  /**
   * Whose time each of them shows: the next task of an instance may wait before this one is gone.
   */
  private final Map<String, String> owners = new HashMap<>();

  Waits(Clock clock, MeterRegistry meters) {
    this.clock = clock;
    this.countdowns = new GaugeSet(meters);
    Gauges.replace(meters, "maintenance_waiting_tasks", waits, Map::size);
  }

  /** All of them, by host; for any thread. */
  ImmutableList<DrainWait> all() {
    return ImmutableList.sortedCopyOf(ORDER, waits.values());
  }

  void begin(Drain drain, Attempt<TaskDrain.Victim> attempt) {
    TaskDrain.Victim victim = attempt.victim();
    if (victim.request() != null) {
      owners.put(gauge(victim), victim.taskId());
      countdowns.put(gauge(victim), drain, Drain::remainingMs);
    }
    show(attempt);
  }

  void show(Attempt<TaskDrain.Victim> attempt) {
    if (!attempt.isEnded()) {
      TaskDrain.Victim victim = attempt.victim();
      long left = Math.max(0, attempt.dueNanos() - clock.nanoTime());
      waits.put(
          victim.taskId(),
          new DrainWait(
              victim.host(),
              victim.taskId(),
              attempt.sinceMs(),
              attempt.made(),
              clock.wallMillis() + TimeUnit.NANOSECONDS.toMillis(left),
              forcedAt(victim),
              attempt.denial()));
    }
  }

  private static @Nullable Long forcedAt(TaskDrain.Victim victim) {
    return victim.request() == null ? null : Requests.deadlineMs(victim.request());
  }

  void end(TaskDrain.Victim victim) {
    waits.remove(victim.taskId());
    if (owners.remove(gauge(victim), victim.taskId())) {
      countdowns.remove(gauge(victim));
    }
  }

  private static String gauge(TaskDrain.Victim victim) {
    return "maintenance_countdown_ms_"
        + victim.job().role()
        + "/"
        + victim.job().environment()
        + "/"
        + victim.job().name()
        + "/"
        + victim.instance();
  }
}
