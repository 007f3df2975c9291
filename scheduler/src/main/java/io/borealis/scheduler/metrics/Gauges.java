package io.borealis.scheduler.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.ToDoubleFunction;

/** Gauges of what each term has its own of. Stateless. */
public final class Gauges {
  private Gauges() {}

  /** Registers a gauge in place of the one an earlier term left behind. */
  public static <T> void replace(
      MeterRegistry meters, String name, T subject, ToDoubleFunction<T> reading) {
    meters.find(name).gauges().forEach(meters::remove);
    var unused = Gauge.builder(name, subject, reading).strongReference(true).register(meters);
  }
}
