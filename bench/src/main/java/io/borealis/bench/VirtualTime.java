package io.borealis.bench;

import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.borealis.runtime.Runtimes;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Runs all loops on the caller's thread in the order of virtual time, and keeps account of the CPU
 * time that each took. For one thread.
 */
final class VirtualTime implements Runtimes {
  private static final long EPOCH_MS = 1_700_000_000_000L;

  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final PriorityQueue<Task> queue = new PriorityQueue<>();
  private final Map<String, Long> cpu = new HashMap<>();
  private long nanos = 1_000_000_000L;
  private long sequence;

  private static final class Task implements Comparable<Task> {
    final long atNanos;
    final long order;
    final String loop;
    final Runnable action;
    boolean cancelled;

    Task(long atNanos, long order, String loop, Runnable action) {
      this.atNanos = atNanos;
      this.order = order;
      this.loop = loop;
      this.action = action;
    }

    @Override
    public int compareTo(Task other) {
      int byTime = Long.compare(atNanos, other.atNanos);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  @Override
  public Clock clock() {
    return new Clock() {
      @Override
      public long wallMillis() {
        return EPOCH_MS + nanos / 1_000_000;
      }

      @Override
      public long nanoTime() {
        return nanos;
      }
    };
  }

  @Override
  public EventLoop newLoop(String name) {
    return new EventLoop() {
      @Override
      public void execute(Runnable action) {
        Task unused = add(Duration.ZERO, name, action);
      }

      @Override
      public Timer schedule(Duration delay, Runnable action) {
        Task task = add(delay, name, action);
        return () -> task.cancelled = true;
      }
    };
  }

  /** What actions throw ends the run. */
  @Override
  public EventLoop newLoop(String name, Consumer<Throwable> onError) {
    return newLoop(name);
  }

  @Override
  public Executor newPool(String name, int size) {
    return newLoop(name);
  }

  private Task add(Duration delay, String loop, Runnable action) {
    Task task = new Task(nanos + Math.max(0, delay.toNanos()), sequence++, loop, action);
    queue.add(task);
    return task;
  }

  /** Runs until the condition holds, which is looked at between actions. */
  void runUntil(BooleanSupplier condition, Duration limit) {
    long end = nanos + limit.toNanos();
    while (!condition.getAsBoolean()) {
      Task task = queue.poll();
      if (task == null || task.atNanos > end) {
        throw new IllegalStateException("did not happen within " + limit);
      }
      nanos = Math.max(nanos, task.atNanos);
      if (!task.cancelled) {
        long start = threads.getCurrentThreadCpuTime();
        task.action.run();
        cpu.merge(task.loop, threads.getCurrentThreadCpuTime() - start, Long::sum);
      }
    }
  }

  /** Runs until the future is done. */
  <T> T await(CompletionStage<T> stage) {
    CompletableFuture<T> future = stage.toCompletableFuture();
    runUntil(future::isDone, Duration.ofHours(1));
    return future.join();
  }

  /** Runs for so long. */
  void runFor(Duration span) {
    boolean[] over = {false};
    Task unused = add(span, "end", () -> over[0] = true);
    runUntil(() -> over[0], span);
  }

  /** CPU time by loop since the last reset. */
  Map<String, Long> cpuNanos() {
    return Map.copyOf(cpu);
  }

  void resetCpu() {
    cpu.clear();
  }

  @Override
  public void close() {
    queue.clear();
  }
}
