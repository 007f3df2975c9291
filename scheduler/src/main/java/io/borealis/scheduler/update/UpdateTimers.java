package io.borealis.scheduler.update;

import io.borealis.api.JobUpdateKey;
import io.borealis.scheduler.runtime.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * When instances of updates are to be looked at again. One timer an update however many instances
 * wait; those due together are handed out together. Confined to the writer's loop.
 */
final class UpdateTimers {
  private static final long TOGETHER_MS = 5;

  private final EventLoop loop;
  private final BiConsumer<JobUpdateKey, List<Integer>> onDue;
  private final Map<JobUpdateKey, Waiting> waiting = new HashMap<>();

  private record Due(long atMs, int instance) {}

  private static final class Waiting {
    final PriorityQueue<Due> dues = new PriorityQueue<>(Comparator.comparingLong(Due::atMs));
    EventLoop.@Nullable Timer timer;
    long armedForMs = Long.MAX_VALUE;
  }

  /**
   * @param onDue receives the instances whose time has come
   */
  UpdateTimers(EventLoop loop, BiConsumer<JobUpdateKey, List<Integer>> onDue) {
    this.loop = loop;
    this.onDue = onDue;
  }

  /** Hands the instance out once the clock of events has come from now to then. */
  void watch(JobUpdateKey key, int instance, long untilMs, long nowMs) {
    Waiting of = waiting.computeIfAbsent(key, unused -> new Waiting());
    of.dues.add(new Due(untilMs, instance));
    if (untilMs < of.armedForMs) {
      arm(key, of, nowMs);
    }
  }

  private void arm(JobUpdateKey key, Waiting of, long nowMs) {
    if (of.timer != null) {
      of.timer.cancel();
    }
    Due first = of.dues.peek();
    if (first == null) {
      waiting.remove(key);
      return;
    }
    of.armedForMs = first.atMs;
    of.timer =
        loop.schedule(
            Duration.ofMillis(Math.max(0, first.atMs - nowMs)), () -> due(key, of, first.atMs));
  }

  private void due(JobUpdateKey key, Waiting of, long atMs) {
    if (waiting.get(key) != of) {
      return;
    }
    List<Integer> instances = new ArrayList<>();
    for (Due next = of.dues.peek();
        next != null && next.atMs <= atMs + TOGETHER_MS;
        next = of.dues.peek()) {
      instances.add(of.dues.remove().instance);
    }
    of.timer = null;
    of.armedForMs = Long.MAX_VALUE;
    arm(key, of, atMs);
    onDue.accept(key, instances);
  }

  /** Drops all that waits of an update. */
  void forget(JobUpdateKey key) {
    Waiting of = waiting.remove(key);
    if (of != null && of.timer != null) {
      of.timer.cancel();
    }
  }

  /** Drops everything. */
  void close() {
    List.copyOf(waiting.keySet()).forEach(this::forget);
  }
}
