package io.borealis.scheduler.task;

import io.borealis.runtime.Clock;
import io.borealis.scheduler.cluster.ClusterTaskState;
import io.borealis.scheduler.cluster.StatusUpdate;
import io.borealis.scheduler.metrics.Gauges;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Counts what the cluster reports, and how many reports wait to be durable. Thread-safe.
 *
 * <p>Reasons and sources become names of counters; of those that look like none the cluster could
 * make any number, so they share one.
 */
final class ReportCounters {
  private static final Pattern NAME = Pattern.compile("[A-Z][A-Z0-9_]{0,79}");

  private final MeterRegistry meters;
  private final Clock clock;
  private final Counter all;
  private final AtomicInteger waiting = new AtomicInteger();

  ReportCounters(MeterRegistry meters, Clock clock) {
    this.meters = meters;
    this.clock = clock;
    this.all = meters.counter("scheduler_status_update");
    Gauges.replace(meters, "status_updates_queue_size", waiting, AtomicInteger::get);
  }

  /** A report has come. */
  void taken(StatusUpdate update) {
    waiting.incrementAndGet();
    all.increment();
    if (update.reason() != null) {
      meters.counter("task_exit_" + name(update.reason(), "REASON_UNKNOWN")).increment();
    }
    String source = update.source();
    if (source != null) {
      String from = name(source, "SOURCE_UNKNOWN");
      if (update.state() == ClusterTaskState.TASK_LOST) {
        meters.counter("task_lost_" + from).increment();
      }
      long delayMs = clock.wallMillis() - update.timestampMs();
      if (update.timestampMs() > 0 && delayMs >= 0) {
        meters.timer("task_delivery_delay_" + from).record(delayMs, TimeUnit.MILLISECONDS);
      }
    }
  }

  /** It is stored, or could not be; the result is null then. */
  void ended(StatusUpdate update, TaskLifecycle.@Nullable Result result) {
    waiting.decrementAndGet();
    if (update.reason() != null && result != null) {
      String reason = name(update.reason(), "REASON_UNKNOWN");
      meters.counter("status_update_" + reason + "_" + result).increment();
    }
  }

  private static String name(String given, String otherwise) {
    return NAME.matcher(given).matches() ? given : otherwise;
  }
}
