package io.borealis.scheduler.store;

import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work nobody waits for, each in a transaction of its own, again and again until it is durable. Any
 * thread may hand work in; it is closed on the writer's loop.
 */
public final class BackgroundWrites implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BackgroundWrites.class);
  private static final Duration DEADLINE = Duration.ofMinutes(1);

  private final Writes writes;
  private final EventLoop loop;
  private final Clock clock;
  private final Duration retry;
  private volatile boolean closed;

  /**
   * @param loop the writer's
   * @param retry how long what was refused waits before it is tried again
   */
  public BackgroundWrites(Writes writes, EventLoop loop, Clock clock, Duration retry) {
    this.writes = writes;
    this.loop = loop;
    this.clock = clock;
    this.retry = retry;
  }

  /**
   * Does the work in a transaction of its own.
   *
   * @param work finds out itself whether there is anything left to do
   * @param what names it in the log
   */
  public void submit(String what, Consumer<WriteTransaction> work) {
    if (closed) {
      return;
    }
    writes
        .submit(
            WriteClass.BACKGROUND,
            clock.nanoTime() + DEADLINE.toNanos(),
            tx -> {
              work.accept(tx);
              return true;
            })
        .whenComplete(
            (done, failure) -> {
              if (failure != null) {
                loop.execute(() -> again(what, work, failure));
              }
            });
  }

  private void again(String what, Consumer<WriteTransaction> work, Throwable failure) {
    if (!closed) {
      LOG.warn("Put off: {}: {}", what, failure.getMessage());
      var unused = loop.schedule(retry, () -> submit(what, work));
    }
  }

  /** Whether nothing is begun any more. */
  public boolean isClosed() {
    return closed;
  }

  /** Nothing is begun from now on. */
  @Override
  public void close() {
    closed = true;
  }
}
