package io.borealis.agent.health;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;

/** What the health checks of all tasks of the agent add up to. Thread-safe. */
public final class HealthMetrics {
  private final Counter checks;
  private final Counter latency;
  private final AtomicInteger snoozed = new AtomicInteger();
  private final AtomicInteger failures = new AtomicInteger();

  /** Registers the meters; once per agent. */
  public HealthMetrics(MeterRegistry meters) {
    this.checks = meters.counter("health_checker_checks");
    this.latency = meters.counter("health_checker_total_latency_secs");
    gauge(meters, "health_checker_snoozed", snoozed);
    gauge(meters, "health_checker_consecutive_failures", failures);
  }

  private static void gauge(MeterRegistry meters, String name, AtomicInteger value) {
    var unused =
        Gauge.builder(name, value, AtomicInteger::get).strongReference(true).register(meters);
  }

  /** A check was made and took so long. */
  void checked(long nanos) {
    checks.increment();
    latency.increment(nanos / 1e9);
  }

  /** So many more tasks are snoozed than before. */
  void addSnoozed(int difference) {
    snoozed.addAndGet(difference);
  }

  /** So many more failures in a row were counted than before, over all tasks. */
  void addFailures(int difference) {
    failures.addAndGet(difference);
  }
}
