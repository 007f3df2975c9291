package io.borealis.scheduler.runtime;

import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/** Real clocks and real daemon threads. Thread-safe. */
public final class SystemRuntimes implements Runtimes {
  private final BiConsumer<String, Throwable> onError;
  private final ConcurrentLinkedQueue<ExecutorService> executors = new ConcurrentLinkedQueue<>();

  /**
   * @param onError receives the name of the loop and what an action threw
   */
  public SystemRuntimes(BiConsumer<String, Throwable> onError) {
    this.onError = onError;
  }

  @Override
  public Clock clock() {
    return SystemClock.INSTANCE;
  }

  @Override
  public EventLoop newLoop(String name) {
    Loop loop = new Loop(name);
    executors.add(loop.executor);
    return loop;
  }

  @Override
  public Executor newPool(String name, int threads) {
    ExecutorService pool = Executors.newFixedThreadPool(threads, numbered(name));
    executors.add(pool);
    return action -> pool.execute(() -> guarded(name, action));
  }

  @Override
  public void close() {
    executors.forEach(ExecutorService::shutdownNow);
  }

  private void guarded(String name, Runnable action) {
    try {
      action.run();
    } catch (Throwable error) {
      onError.accept(name, error);
    }
  }

  private static ThreadFactory numbered(String name) {
    AtomicInteger count = new AtomicInteger();
    return action -> {
      Thread thread = new Thread(action, name + "-" + count.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  private enum SystemClock implements Clock {
    INSTANCE;

    @Override
    public long wallMillis() {
      return System.currentTimeMillis();
    }

    @Override
    public long nanoTime() {
      return System.nanoTime();
    }
  }

  /** One thread; immediate actions and timers share its queue. */
  private final class Loop implements EventLoop {
    private final String name;
    private final ScheduledThreadPoolExecutor executor;
    private volatile long threadId = -1;

    Loop(String name) {
      this.name = name;
      this.executor =
          new ScheduledThreadPoolExecutor(
              1,
              action -> {
                Thread thread = new Thread(action, name);
                thread.setDaemon(true);
                threadId = thread.getId();
                return thread;
              });
      executor.setRemoveOnCancelPolicy(true);
    }

    @Override
    public void execute(Runnable action) {
      try {
        executor.execute(() -> guarded(name, action));
      } catch (RejectedExecutionException closed) {
        // After closing, actions are dropped.
      }
    }

    @Override
    public Timer schedule(Duration delay, Runnable action) {
      try {
        ScheduledFuture<?> future =
            executor.schedule(() -> guarded(name, action), delay.toNanos(), TimeUnit.NANOSECONDS);
        return () -> future.cancel(false);
      } catch (RejectedExecutionException closed) {
        return () -> {};
      }
    }

    @Override
    public boolean inLoop() {
      return Thread.currentThread().getId() == threadId;
    }
  }
}
