package io.borealis.scheduler.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * Gauges that come and go with what they show. Thread-safe by its own lock. Nobody looks for them
 * in the registry, which would take the longer the more there are.
 */
public final class GaugeSet implements AutoCloseable {
  private final MeterRegistry meters;
  private final Map<String, Gauge> gauges = new HashMap<>();
  private boolean closed;

  public GaugeSet(MeterRegistry meters) {
    this.meters = meters;
  }

  /** Shows the subject under the name, instead of what was shown before. */
  public synchronized <T> void put(String name, T subject, ToDoubleFunction<T> reading) {
    if (!closed) {
      remove(name);
      gauges.put(
          name, Gauge.builder(name, subject, reading).strongReference(true).register(meters));
    }
  }

  /** Shows nothing under the name any more. */
  public synchronized void remove(String name) {
    Gauge gauge = gauges.remove(name);
    if (gauge != null) {
      meters.remove(gauge);
    }
  }

  /** Removes all others. */
  public synchronized void keepOnly(Set<String> names) {
    for (Iterator<Map.Entry<String, Gauge>> all = gauges.entrySet().iterator(); all.hasNext(); ) {
      Map.Entry<String, Gauge> each = all.next();
      if (!names.contains(each.getKey())) {
        all.remove();
        meters.remove(each.getValue());
      }
    }
  }

  /** Removes all of them; no others come. */
  @Override
  public synchronized void close() {
    closed = true;
    keepOnly(Set.of());
  }
}
