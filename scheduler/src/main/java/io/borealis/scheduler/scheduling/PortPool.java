package io.borealis.scheduler.scheduling;

import com.google.common.collect.ImmutableMap;
import io.borealis.scheduler.cluster.PortRange;
import java.util.List;

/** Gives out the ports of an offer, lowest first. For one thread. */
final class PortPool {
  private final List<PortRange> ranges;
  private int range;
  private int used;

  PortPool(List<PortRange> ranges) {
    this.ranges = ranges;
  }

  /** One port for each name; the caller has checked that there are enough. */
  ImmutableMap<String, Integer> take(Iterable<String> names) {
    ImmutableMap.Builder<String, Integer> ports = ImmutableMap.builder();
    for (String name : names) {
      ports.put(name, next());
    }
    return ports.buildOrThrow();
  }

  private int next() {
    while (range < ranges.size()) {
      PortRange current = ranges.get(range);
      if (used < current.size()) {
        return current.first() + used++;
      }
      range++;
      used = 0;
    }
    throw new IllegalStateException("The offer has no port left");
  }
}
