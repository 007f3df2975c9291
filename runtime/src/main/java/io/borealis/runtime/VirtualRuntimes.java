package io.borealis.runtime;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Loops and clocks on virtual time: everything runs on the caller's thread, in the order of time
 * and then of submission, while {@link #advance} or {@link #runReady} is called. Errors of actions
 * are thrown from there. For one thread.
 */
public final class VirtualRuntimes implements Runtimes {
  private final PriorityQueue<Task> queue = new PriorityQueue<>();
  private final Clock clock = new VirtualClock();
  private long nanos = 1_000_000_000L;
  private long wallOffsetMs = 1_700_000_000_000L;
  private long sequence;
  private boolean closed;

  @Override
  public Clock clock() {
    return clock;
  }

  @Override
  public EventLoop newLoop(String name) {
    return new Loop();
  }

  /** What actions throw is thrown all the same, so that a test notices. */
  @Override
  public EventLoop newLoop(String name, Consumer<Throwable> onError) {
    return newLoop(name);
  }

  @Override
  public Executor newPool(String name, int threads) {
    return action -> add(0, action);
  }

  /** Runs everything that is due within the duration and moves the clock there. */
  public void advance(Duration duration) {
    long end = nanos + duration.toNanos();
    while (!queue.isEmpty() && queue.peek().atNanos <= end) {
      Task task = queue.poll();
      nanos = Math.max(nanos, task.atNanos);
      if (!task.cancelled) {
        task.action.run();
      }
    }
    nanos = end;
  }

  /** Runs everything that is due now. */
  public void runReady() {
    advance(Duration.ZERO);
  }

  /** Makes the wall clock step, which the monotonic clock does not notice. */
  public void stepWallClock(Duration step) {
    wallOffsetMs += step.toMillis();
  }

  /** Drops all that waits, as the death of the process would. */
  public void crash() {
    queue.clear();
  }

  @Override
  public void close() {
    closed = true;
    queue.clear();
  }

  private Task add(long delayNanos, Runnable action) {
    Task task = new Task(nanos + Math.max(0, delayNanos), sequence++, action);
    if (!closed) {
      queue.add(task);
    }
    return task;
  }

  private final class VirtualClock implements Clock {
    @Override
    public long wallMillis() {
      return wallOffsetMs + nanos / 1_000_000;
    }

    @Override
    public long nanoTime() {
      return nanos;
    }
  }

  private final class Loop implements EventLoop {
    @Override
    public void execute(Runnable action) {
      var unused = add(0, action);
    }

    @Override
    public Timer schedule(Duration delay, Runnable action) {
      Task task = add(delay.toNanos(), action);
      return () -> task.cancelled = true;
    }
  }

  /** The times at which something waits, for tests of timers. */
  public List<Duration> pending() {
    List<Duration> pending = new ArrayList<>();
    for (Task task : queue) {
      if (!task.cancelled) {
        pending.add(Duration.ofNanos(task.atNanos - nanos));
      }
    }
    return pending;
  }

  private static final class Task implements Comparable<Task> {
    final long atNanos;
    final long order;
    final Runnable action;
    boolean cancelled;

    Task(long atNanos, long order, Runnable action) {
      this.atNanos = atNanos;
      this.order = order;
      this.action = action;
    }

    @Override
    public int compareTo(Task other) {
      int byTime = Long.compare(atNanos, other.atNanos);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }
}
