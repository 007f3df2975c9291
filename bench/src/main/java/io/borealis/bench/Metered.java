package io.borealis.bench;

import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.borealis.runtime.Runtimes;
import io.borealis.runtime.SystemRuntimes;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Other runtimes, with the time that each loop was busy and the CPU it took. Thread-safe. */
final class Metered implements Runtimes {
  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final Runtimes runtimes;
  private final Map<String, Meter> meters = new ConcurrentHashMap<>();

  /** What a loop has done so far. */
  private static final class Meter {
    final AtomicLong busy = new AtomicLong();
    final AtomicLong longest = new AtomicLong();
    final AtomicLong longestCpu = new AtomicLong();

    void add(long nanos, long cpu) {
      busy.addAndGet(nanos);
      longest.accumulateAndGet(nanos, Math::max);
      longestCpu.accumulateAndGet(cpu, Math::max);
    }
  }

  Metered(Runtimes runtimes) {
    this.runtimes = runtimes;
  }

  /** Real clocks and threads, metered. */
  static Metered realTime() {
    return new Metered(
        new SystemRuntimes(
            (loop, failure) -> {
              // What is still under way when a run ends finds its threads gone.
              if (!(failure instanceof RejectedExecutionException)) {
                System.err.println("unexpected on " + loop + ": " + failure);
              }
            }));
  }

  /** How long the loop of this name was busy since the last reset. */
  Duration busy(String loop) {
    return Duration.ofNanos(meter(loop).busy.get());
  }

  /** The longest action of the loop since the last reset. */
  Duration longest(String loop) {
    return Duration.ofNanos(meter(loop).longest.get());
  }

  /** The most CPU time that an action of the loop took since the last reset. */
  Duration longestCpu(String loop) {
    return Duration.ofNanos(meter(loop).longestCpu.get());
  }

  void reset() {
    meters.clear();
  }

  private Meter meter(String loop) {
    return meters.computeIfAbsent(loop, name -> new Meter());
  }

  @Override
  public Clock clock() {
    return runtimes.clock();
  }

  @Override
  public EventLoop newLoop(String name) {
    return metered(name, runtimes.newLoop(name));
  }

  @Override
  public EventLoop newLoop(String name, Consumer<Throwable> onError) {
    return metered(name, runtimes.newLoop(name, onError));
  }

  private EventLoop metered(String name, EventLoop loop) {
    return new EventLoop() {
      @Override
      public void execute(Runnable action) {
        loop.execute(() -> run(name, action));
      }

      @Override
      public Timer schedule(Duration delay, Runnable action) {
        return loop.schedule(delay, () -> run(name, action));
      }
    };
  }

  @Override
  public Executor newPool(String name, int threads) {
    Executor pool = runtimes.newPool(name, threads);
    return action -> pool.execute(() -> run(name, action));
  }

  private void run(String name, Runnable action) {
    long start = System.nanoTime();
    long cpu = threads.getCurrentThreadCpuTime();
    try {
      action.run();
    } finally {
      meter(name).add(System.nanoTime() - start, threads.getCurrentThreadCpuTime() - cpu);
    }
  }

  @Override
  public void close() {
    runtimes.close();
  }
}
