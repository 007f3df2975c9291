package io.borealis.agent.executor;

import io.borealis.runtime.EventLoop;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks at something again and again, off the loop, until it finds something or is stopped.
 * Confined to the loop of the task.
 */
final class Watch {
  private final EventLoop loop;
  private final Executor io;
  private final Duration interval;
  private final Supplier<Optional<TaskStatus>> look;
  private final Consumer<TaskStatus> found;
  private boolean stopped;
  private EventLoop.@Nullable Timer timer;

  /**
   * @param look may block
   * @param found told at most once, on the loop
   */
  Watch(
      EventLoop loop,
      Executor io,
      Duration interval,
      Supplier<Optional<TaskStatus>> look,
      Consumer<TaskStatus> found) {
    this.loop = loop;
    this.io = io;
    this.interval = interval;
    this.look = look;
    this.found = found;
  }

  /** Looks for the first time after one interval. */
  void start() {
    timer =
        loop.schedule(
            interval,
            () ->
                io.execute(
                    () -> {
                      Optional<TaskStatus> seen = look.get();
                      loop.execute(() -> looked(seen));
                    }));
  }

  private void looked(Optional<TaskStatus> seen) {
    if (stopped) {
      return;
    }
    if (seen.isPresent()) {
      stopped = true;
      found.accept(seen.get());
    } else {
      start();
    }
  }

  void stop() {
    stopped = true;
    if (timer != null) {
      timer.cancel();
    }
  }
}
