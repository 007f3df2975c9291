package io.borealis.thrift;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedMap;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * The metrics as flat names with numbers, the way Aurora's {@code /vars} shows them. A second view
 * of the meters that Prometheus scrapes. Thread-safe.
 */
public final class Vars {
  private final MeterRegistry registry;

  public Vars(MeterRegistry registry) {
    this.registry = registry;
  }

  /**
   * Every metric by name. A timer {@code x} gives {@code x_nanos_total} and {@code x_events}, other
   * amounts of a unit {@code u} give {@code x_u_total} and {@code x_events}; the values of tags
   * follow the name.
   */
  public ImmutableSortedMap<String, Number> all() {
    return read(new LinkedHashMap<>());
  }

  /** The same, with the rates since the last time. */
  public ImmutableSortedMap<String, Number> all(Rates rates) {
    Map<String, String> sums = new LinkedHashMap<>();
    ImmutableSortedMap<String, Number> vars = read(sums);
    return rates.with(vars, ImmutableMap.copyOf(sums));
  }

  /**
   * @param sums takes up the names of sums, with those of the counts that belong to them
   */
  private ImmutableSortedMap<String, Number> read(Map<String, String> sums) {
    Map<String, Number> vars = new TreeMap<>();
    for (Meter meter : registry.getMeters()) {
      String name = name(meter.getId());
      if (meter instanceof Timer timer) {
        vars.put(name + "_nanos_total", (long) timer.totalTime(TimeUnit.NANOSECONDS));
        vars.put(name + "_events", timer.count());
        sums.put(name + "_nanos_total", name + "_events");
      } else if (meter instanceof DistributionSummary amounts) {
        String total = name + "_" + amounts.getId().getBaseUnit() + "_total";
        vars.put(total, number(amounts.totalAmount()));
        vars.put(name + "_events", amounts.count());
        sums.put(total, name + "_events");
      } else if (meter instanceof Counter counter) {
        vars.put(name, number(counter.count()));
      } else if (meter instanceof Gauge gauge && !Double.isNaN(gauge.value())) {
        vars.put(name, number(gauge.value()));
      }
    }
    return ImmutableSortedMap.copyOf(vars);
  }

  private static String name(Meter.Id id) {
    StringBuilder name = new StringBuilder(id.getName());
    for (Tag tag : id.getTagsAsIterable()) {
      name.append('_').append(tag.getValue());
    }
    return name.toString().replaceAll("[^A-Za-z0-9_/.-]", "_");
  }

  private static Number number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1L << 53
        ? (Number) (long) value
        : (Number) value;
  }
}
