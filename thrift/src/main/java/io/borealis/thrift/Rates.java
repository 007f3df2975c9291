package io.borealis.thrift;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedMap;
import io.borealis.runtime.Clock;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * What Aurora derives from sums and counts: how much a second and how much for each event, over the
 * time between the last two looks at the page. Thread-safe.
 */
public final class Rates {
  private static final long SHORTEST_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Clock clock;
  private Sample before;
  private Sample last;

  private record Sample(long atNanos, ImmutableMap<String, Number> vars) {
    double growth(Sample since, String name) {
      Number then = since.vars.get(name);
      Number now = vars.get(name);
      return then == null || now == null ? 0 : now.doubleValue() - then.doubleValue();
    }
  }

  /** Rates of which nothing is known yet. */
  public Rates(Clock clock) {
    this.clock = clock;
    this.last = new Sample(clock.nanoTime(), ImmutableMap.of());
    this.before = last;
  }

  /**
   * The metrics with their rates. A look that follows the last one within a second sees the same
   * rates.
   *
   * @param sums names of sums, and of the counts that belong to them
   */
  public synchronized ImmutableSortedMap<String, Number> with(
      ImmutableSortedMap<String, Number> vars, ImmutableMap<String, String> sums) {
    long now = clock.nanoTime();
    if (now - last.atNanos >= SHORTEST_NANOS) {
      before = last;
      last = new Sample(now, vars);
    }
    double seconds = (last.atNanos - before.atNanos) / 1e9;
    Map<String, Number> all = new TreeMap<>(vars);
    for (Map.Entry<String, String> sum : sums.entrySet()) {
      String total = sum.getKey();
      String events = sum.getValue();
      double amount = last.growth(before, total);
      double count = last.growth(before, events);
      all.put(total + "_per_sec", seconds == 0 ? 0.0 : amount / seconds);
      all.put(events + "_per_sec", seconds == 0 ? 0.0 : count / seconds);
      all.put(total.replaceFirst("_total$", "_per_event"), count == 0 ? 0.0 : amount / count);
    }
    return ImmutableSortedMap.copyOf(all);
  }
}
