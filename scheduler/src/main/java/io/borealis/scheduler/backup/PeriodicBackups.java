package io.borealis.scheduler.backup;

import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.store.State;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Has a leader write a backup whenever the newest is old enough, wherever that came from: a change
 * of leaders does not put it off. Confined to the writer's loop, which it never holds up.
 */
public final class PeriodicBackups implements AutoCloseable {
  /** A leader that has just begun has better to do. */
  private static final Duration SETTLE = Duration.ofMinutes(1);

  private static final Duration RETRY = Duration.ofMinutes(5);

  private final Backups backups;
  private final Supplier<State> durable;
  private final EventLoop loop;
  private final Clock clock;
  private boolean closed;

  public PeriodicBackups(Backups backups, Supplier<State> durable, EventLoop loop, Clock clock) {
    this.backups = backups;
    this.durable = durable;
    this.loop = loop;
    this.clock = clock;
  }

  /** Begins, if backups are wanted. */
  public void start() {
    if (!backups.wanted()) {
      return;
    }
    backups
        .newestMs()
        .thenAccept(
            newest ->
                loop.execute(
                    () -> {
                      long ageMs = newest.map(at -> clock.wallMillis() - at).orElse(0L);
                      Duration rest = backups.interval().minusMillis(Math.max(0, ageMs));
                      arm(longer(rest, shorter(SETTLE, backups.interval())));
                    }));
  }

  private void arm(Duration delay) {
    if (!closed) {
      var unused = loop.schedule(delay, this::write);
    }
  }

  private void write() {
    if (!closed) {
      backups
          .save(durable.get())
          .whenComplete(
              (name, failure) ->
                  loop.execute(
                      () ->
                          arm(
                              failure == null
                                  ? backups.interval()
                                  : shorter(RETRY, backups.interval()))));
    }
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) >= 0 ? one : other;
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) <= 0 ? one : other;
  }

  @Override
  public void close() {
    closed = true;
  }
}
