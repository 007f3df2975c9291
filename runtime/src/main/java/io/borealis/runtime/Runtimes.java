package io.borealis.runtime;

import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Makes the clocks, loops and pools of one process (or of one simulated process). Thread-safe.
 *
 * <p>Closing stops every loop and pool it made; queued actions are dropped.
 */
public interface Runtimes extends AutoCloseable {
  /** The clocks all loops of this runtime share. */
  Clock clock();

  /** A new loop whose thread carries the name; what its actions throw ends the process. */
  EventLoop newLoop(String name);

  /** A new loop whose actions may throw: its maker knows how to go on after that. */
  EventLoop newLoop(String name, Consumer<Throwable> onError);

  /** A new pool for work that may run in parallel; a simulated runtime runs it in order. */
  Executor newPool(String name, int threads);

  @Override
  void close();
}
