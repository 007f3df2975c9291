package io.borealis.scheduler.rpc;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;

/** Counts how much the calls that succeed read or change, each by itself. Thread-safe. */
final class Workload {
  private final ImmutableMap<String, Counter> counters;

  private Workload(MeterRegistry meters, String prefix, List<String> calls) {
    this.counters = Maps.toMap(calls, call -> meters.counter(prefix + call));
  }

  /** Counts what calls that read return. */
  static Workload ofReads(MeterRegistry meters, String... calls) {
    return new Workload(meters, "scheduler_thrift_workload_", List.of(calls));
  }

  /** Counts the instances, tasks or hosts that calls touch. */
  static Workload ofWrites(MeterRegistry meters, String... calls) {
    return new Workload(meters, "thrift_workload_", List.of(calls));
  }

  void add(String call, int amount) {
    counters.get(call).increment(amount);
  }
}
