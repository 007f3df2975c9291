package io.borealis.scheduler.slastats;

import com.google.common.collect.ImmutableMap;
import io.borealis.api.TaskConfig;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.metrics.GaugeSet;
import io.borealis.scheduler.store.State;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows how well jobs and the cluster do, anew after each interval. The gauges of what is gone go
 * too. Started and closed on the writer's loop; computes on another thread, one after the other.
 */
public final class SlaStats implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SlaStats.class);

  private final SlaStatsSettings settings;
  private final Predicate<TaskConfig> production;
  private final Supplier<State> state;
  private final EventLoop loop;
  private final Executor computing;
  private final Clock clock;
  private final GaugeSet gauges;

  /** What the gauges show; for the thread that computes. */
  private final Map<String, Reading> readings = new HashMap<>();

  private EventLoop.@Nullable Timer timer;
  private boolean closed;

  private static final class Reading {
    volatile double value;
  }

  /**
   * @param production whether a task is of a production tier
   * @param state the durable State
   * @param loop the writer's
   * @param computing where metrics are computed
   */
  public SlaStats(
      SlaStatsSettings settings,
      Predicate<TaskConfig> production,
      Supplier<State> state,
      EventLoop loop,
      Executor computing,
      Clock clock,
      MeterRegistry meters) {
    this.settings = settings;
    this.production = production;
    this.state = state;
    this.loop = loop;
    this.computing = computing;
    this.clock = clock;
    this.gauges = new GaugeSet(meters);
  }

  /** Computes for the first time when an interval has passed, and then again and again. */
  public void start() {
    if (!closed && !settings.isEmpty()) {
      timer = loop.schedule(settings.interval(), () -> computing.execute(this::compute));
    }
  }

  private void compute() {
    try {
      State now = state.get();
      show(SlaReport.of(now, settings, production, Math.max(clock.wallMillis(), now.stampMs())));
    } catch (RuntimeException failure) {
      LOG.error("The SLA metrics could not be computed", failure);
    } finally {
      loop.execute(this::start);
    }
  }

  private void show(ImmutableMap<String, Double> values) {
    readings.keySet().retainAll(values.keySet());
    gauges.keepOnly(values.keySet());
    values.forEach(
        (name, value) -> {
          Reading reading = readings.get(name);
          if (reading == null) {
            reading = new Reading();
            reading.value = value;
            readings.put(name, reading);
            gauges.put(name, reading, shown -> shown.value);
          } else {
            reading.value = value;
          }
        });
  }

  /** Shows nothing any more. */
  @Override
  public void close() {
    closed = true;
    if (timer != null) {
      timer.cancel();
    }
    gauges.close();
  }
}
