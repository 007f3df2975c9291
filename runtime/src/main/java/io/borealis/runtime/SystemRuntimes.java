package io.borealis.runtime;

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
import java.util.function.Consumer;

/** Real clocks and real daemon threads. Thread-safe. */
public final class SystemRuntimes implements Runtimes {
  private final BiConsumer<String, Throwable> onError;
  private final ConcurrentLinkedQueue<ExecutorService> executors = new ConcurrentLinkedQueue<>();

  /**
   * @param onError receives the name of the loop or pool, and what an action threw that nobody else
   *     cares for; it should end the process, since nobody knows what was left half done
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
    return newLoop(name, error -> onError.accept(name, error));
  }

  @Override
  public EventLoop newLoop(String name, Consumer<Throwable> onLoopError) {
    Loop loop = new Loop(name, onLoopError);
    executors.add(loop.executor);
    return loop;
  }

  @Override
  public Executor newPool(String name, int threads) {
    ExecutorService pool = Executors.newFixedThreadPool(threads, numbered(name));
    executors.add(pool);
    return action -> {
      try {
        pool.execute(guarded(action, error -> onError.accept(name, error)));
      } catch (RejectedExecutionException closed) {
        // After closing, actions are dropped.
      }
    };
  }

  @Override
  public void close() {
    executors.forEach(ExecutorService::shutdownNow);
  }

  private static Runnable guarded(Runnable action, Consumer<Throwable> onError) {
    return () -> {
      try {
        action.run();
      } catch (Throwable error) {
        onError.accept(error);
      }
    };
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
  private static final class Loop implements EventLoop {
    private final Consumer<Throwable> onError;
    private final ScheduledThreadPoolExecutor executor;

    Loop(String name, Consumer<Throwable> onError) {
      this.onError = onError;
      this.executor =
          new ScheduledThreadPoolExecutor(
              1,
              action -> {
                Thread thread = new Thread(action, name);
                thread.setDaemon(true);
                return thread;
              });
      executor.setRemoveOnCancelPolicy(true);
    }

    @Override
    public void execute(Runnable action) {
      try {
        executor.execute(guarded(action, onError));
      } catch (RejectedExecutionException closed) {
        // After closing, actions are dropped.
      }
    }

    @Override
    public Timer schedule(Duration delay, Runnable action) {
      try {
        ScheduledFuture<?> future =
            executor.schedule(guarded(action, onError), delay.toNanos(), TimeUnit.NANOSECONDS);
        return () -> future.cancel(false);
      } catch (RejectedExecutionException closed) {
        return () -> {};
      }
    }
  }
}
