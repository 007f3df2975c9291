package io.borealis.scheduler.preemption;

import com.google.common.collect.ImmutableList;
import io.borealis.runtime.Clock;
import io.borealis.scheduler.metrics.Gauges;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** The slots that wait to be used, each for a limited time. For the scheduling loop. */
final class SlotCache {
  private record Held(Slot slot, long untilNanos) {}

  private final Duration hold;
  private final Clock clock;
  private final Counter removals;
  private final Counter expirations;
  private final Counter uses;
  private final AtomicInteger size = new AtomicInteger();
  private List<Held> slots = new ArrayList<>();

  SlotCache(Duration hold, Clock clock, MeterRegistry meters) {
    this.hold = hold;
    this.clock = clock;
    this.removals = meters.counter("preemption_slot_cache_removals");
    this.expirations = meters.counter("preemption_slot_cache_expiration_removals");
    this.uses = meters.counter("preemption_slot_cache_explicit_removals");
    Gauges.replace(meters, "preemption_slot_cache_size", size, AtomicInteger::get);
  }

  /** Puts what a new search has found in the place of all that is left of the last one. */
  void replace(ImmutableList<Slot> found) {
    removed(slots.size(), uses);
    long until = clock.nanoTime() + hold.toNanos();
    slots = new ArrayList<>();
    found.forEach(slot -> slots.add(new Held(slot, until)));
    size.set(slots.size());
  }

  /** Takes out the slots that are wanted, in the order in which they were found. */
  ImmutableList<Slot> take(Predicate<Slot> isWanted) {
    expire();
    List<Held> rest = new ArrayList<>();
    ImmutableList.Builder<Slot> taken = ImmutableList.builder();
    for (Held held : slots) {
      if (isWanted.test(held.slot())) {
        taken.add(held.slot());
      } else {
        rest.add(held);
      }
    }
    removed(slots.size() - rest.size(), uses);
    slots = rest;
    size.set(slots.size());
    return taken.build();
  }

  /** Whether some were not used in time, so that there may be others now. */
  boolean hasExpired() {
    int before = slots.size();
    expire();
    return slots.size() < before;
  }

  boolean isEmpty() {
    return slots.isEmpty();
  }

  private void expire() {
    long now = clock.nanoTime();
    List<Held> rest = new ArrayList<>();
    for (Held held : slots) {
      if (now - held.untilNanos() < 0) {
        rest.add(held);
      }
    }
    removed(slots.size() - rest.size(), expirations);
    slots = rest;
    size.set(slots.size());
  }

  private void removed(int count, Counter cause) {
    removals.increment(count);
    cause.increment(count);
  }
}
