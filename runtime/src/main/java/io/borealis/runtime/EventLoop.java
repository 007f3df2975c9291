package io.borealis.runtime;

import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * A named thread that runs one action after the other, in the order given. Thread-safe: any thread
 * may add work. An action that throws ends neither the loop nor later actions; the error goes to
 * whoever made the loop.
 */
public interface EventLoop extends Executor {
  /** Runs the action once on this loop after the delay, measured on the monotonic clock. */
  Timer schedule(Duration delay, Runnable action);

  /** A pending action. */
  interface Timer {
    /** Stops the action from running if it has not begun. May be called repeatedly. */
    void cancel();
  }
}
