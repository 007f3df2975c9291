package io.borealis.bench;

import io.borealis.bench.Figure.Target;
import java.util.Map;

/**
 * What a leader on virtual time used. Immutable.
 *
 * @param cpu seconds of CPU, without the simulated cluster
 * @param entries appended to the journal
 * @param bytes appended to the journal
 */
record Cost(double cpu, long entries, long bytes) {
  static final Cost NONE = new Cost(0, 0, 0);

  /** All since the time's last reset and the leader's beginning. */
  static Cost of(VirtualTime time, Leader leader) {
    Map<String, Long> cpu = time.cpuNanos();
    long all = cpu.values().stream().mapToLong(Long::longValue).sum();
    return new Cost(
        (all - cpu.getOrDefault("cluster", 0L)) / 1e9,
        leader.journal().entries(),
        leader.journal().bytes());
  }

  Cost plus(Cost other) {
    return new Cost(cpu + other.cpu, entries + other.entries, bytes + other.bytes);
  }

  Cost minus(Cost other) {
    return new Cost(cpu - other.cpu, entries - other.entries, bytes - other.bytes);
  }

  /** The share of one of so many. */
  Cost each(int count) {
    return new Cost(cpu / count, entries / count, bytes / count);
  }

  /** One line for people, with what each of so many instances took. */
  String describe(int instances) {
    return "%,d instances: %.3f s CPU (%.0f µs each), %,d entries, %,d bytes (%,d each)"
        .formatted(instances, cpu, cpu * 1e6 / instances, entries, bytes, bytes / instances);
  }

  /** What ten times as much may cost: a little more than ten times, for what grows beside. */
  static final Target LINEAR = Target.atMost(12);
}
