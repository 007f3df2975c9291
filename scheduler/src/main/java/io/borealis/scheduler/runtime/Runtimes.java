package io.borealis.scheduler.runtime;

/**
 * Makes the clocks, loops and pools of one process (or of one simulated process). Thread-safe.
 *
 * <p>Closing stops every loop and pool it made; queued actions are dropped.
 */
public interface Runtimes extends AutoCloseable {
  /** The clocks all loops of this runtime share. */
  Clock clock();

  /** A new loop whose thread carries the name. */
  EventLoop newLoop(String name);

  /** A new pool for work that may run in parallel; a simulated runtime runs it in order. */
  java.util.concurrent.Executor newPool(String name, int threads);

  @Override
  void close();
}
