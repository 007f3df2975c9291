package io.borealis.scheduler.update;

import io.borealis.scheduler.runtime.Clock;
import io.borealis.scheduler.runtime.EventLoop;
import io.borealis.scheduler.store.WriteClass;
import io.borealis.scheduler.store.WriteTransaction;
import io.borealis.scheduler.store.Writes;
import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work nobody waits for, each in a transaction of its own, again and again until it is durable. Any
 * thread may hand work in; it is closed on the writer's loop.
 */
final class BackgroundWrites {
  private static final Logger LOG = LoggerFactory.getLogger(BackgroundWrites.class);
  private static final Duration DEADLINE = Duration.ofMinutes(1);
  private static final Duration RETRY = Duration.ofSeconds(2);

  private final Writes writes;
  private final EventLoop loop;
  private final Clock clock;
  private volatile boolean closed;

  BackgroundWrites(Writes writes, EventLoop loop, Clock clock) {
    this.writes = writes;
    this.loop = loop;
    this.clock = clock;
  }

  /**
   * @param work finds out itself whether there is anything left to do
   * @param what names it in the log
   */
  void submit(String what, Consumer<WriteTransaction> work) {
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
      var unused = loop.schedule(RETRY, () -> submit(what, work));
    }
  }

  boolean isClosed() {
    return closed;
  }

  /** Nothing is begun from now on. */
  void close() {
    closed = true;
  }
}
