package io.borealis.scheduler.update;

import io.borealis.api.JobUpdateKey;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * When instances of updates are to be looked at again. One timer an update however many instances
 * wait; those due at the same time are handed out together. An instance waits once: the last wait
 * asked for counts. On the monotonic clock, and confined to the writer's loop.
 */
final class UpdateTimers {
  private final EventLoop loop;
  private final Clock clock;
  private final Listener listener;
  private final Map<JobUpdateKey, Waiting> waiting = new HashMap<>();

  /** Told of instances whose time has come. */
  interface Listener {
    /**
     * @param instances in ascending order
     * @param nowMs the event time it is now at least, even if the wall clock was set back
     */
    void onDue(JobUpdateKey key, List<Integer> instances, long nowMs);
  }

  private record Due(int instance, long atNanos, long untilMs) {}

  private static final class Waiting {
    final Map<Integer, Due> byInstance = new HashMap<>();

    /** May hold waits that were replaced. */
    final PriorityQueue<Due> dues;

    EventLoop.@Nullable Timer timer;
    @Nullable Due armedFor;

    Waiting(long originNanos) {
      dues = new PriorityQueue<>(Comparator.comparingLong(due -> due.atNanos - originNanos));
    }
  }

  UpdateTimers(EventLoop loop, Clock clock, Listener listener) {
    this.loop = loop;
    this.clock = clock;
    this.listener = listener;
  }

  /** Hands the instance out when so much time has passed as lies between the two. */
  void watch(JobUpdateKey key, int instance, long nowMs, long untilMs) {
    long now = clock.nanoTime();
    Waiting of = waiting.computeIfAbsent(key, unused -> new Waiting(now));
    long wait = TimeUnit.MILLISECONDS.toNanos(Math.max(0, untilMs - nowMs));
    Due due = new Due(instance, now + wait, untilMs);
    of.byInstance.put(instance, due);
    of.dues.add(due);
    arm(key, of);
  }

  private void arm(JobUpdateKey key, Waiting of) {
    Due first = of.dues.peek();
    while (first != null && !first.equals(of.byInstance.get(first.instance))) {
      of.dues.remove();
      first = of.dues.peek();
    }
    if (first != null && first.equals(of.armedFor)) {
      return;
    }
    if (of.timer != null) {
      of.timer.cancel();
    }
    if (first == null) {
      waiting.remove(key);
      return;
    }
    of.armedFor = first;
    long left = Math.max(0, first.atNanos - clock.nanoTime());
    of.timer = loop.schedule(Duration.ofNanos(left), () -> due(key, of));
  }

  private void due(JobUpdateKey key, Waiting of) {
    if (waiting.get(key) != of) {
      return;
    }
    long now = clock.nanoTime();
    long nowMs = Long.MIN_VALUE;
    List<Integer> instances = new ArrayList<>();
    for (Due next = of.dues.peek();
        next != null && next.atNanos - now <= 0;
        next = of.dues.peek()) {
      of.dues.remove();
      if (of.byInstance.remove(next.instance, next)) {
        instances.add(next.instance);
        nowMs = Math.max(nowMs, next.untilMs);
      }
    }
    instances.sort(null);
    of.armedFor = null;
    arm(key, of);
    if (!instances.isEmpty()) {
      listener.onDue(key, instances, nowMs);
    }
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
