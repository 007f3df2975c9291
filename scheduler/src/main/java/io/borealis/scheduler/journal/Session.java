package io.borealis.scheduler.journal;

import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.zookeeper.KeeperException.Code;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal's ZooKeeper session: opens it, has the identity checked once, opens it anew when it
 * has expired, and knows when it was last heard from, without which reads must not be answered.
 * Confined to the journal's loop.
 */
final class Session {
  private static final Logger LOG = LoggerFactory.getLogger(Session.class);

  /** What happens to the session. Called on the journal's loop. */
  interface Events {
    /** Connected, for the first time or again, to a journal that is known to be ours. */
    void onReady();

    /** The session is gone with all its watches; another is opened after this call. */
    void onExpired();

    /** Something that is shown has changed. */
    void onChanged();

    /** The epoch as a server has it, which may lag behind. */
    void onEpoch(Znodes.Node epoch);
  }

  private final Znodes znodes;
  private final Layout layout;
  private final JournalIdentity identity;
  private final EventLoop loop;
  private final Clock clock;

  private final CompletableFuture<Void> started = new CompletableFuture<>();
  private boolean established;
  private boolean connected;
  private boolean closed;
  private long lastHeardNanos;

  Session(Znodes znodes, Layout layout, JournalIdentity identity, EventLoop loop, Clock clock) {
    this.znodes = znodes;
    this.layout = layout;
    this.identity = identity;
    this.loop = loop;
    this.clock = clock;
    this.lastHeardNanos = clock.nanoTime() - Duration.ofDays(1).toNanos();
  }

  /** Completes before the first {@link Events#onReady}; fails when the journal is another's. */
  CompletionStage<Void> started() {
    return started;
  }

  /** Whether requests can be sent to a journal that is known to be ours. */
  boolean ready() {
    return connected && established && !closed;
  }

  boolean established() {
    return established;
  }

  boolean connected() {
    return connected;
  }

  boolean closed() {
    return closed;
  }

  /** When the last request was sent that has been answered. */
  long lastHeardNanos() {
    return lastHeardNanos;
  }

  void open(Events events) {
    znodes.open(
        new Znodes.Events() {
          @Override
          public void onConnected() {
            if (!closed) {
              becameConnected(events);
            }
          }

          @Override
          public void onDisconnected() {
            connected = false;
            events.onChanged();
          }

          @Override
          public void onExpired() {
            connected = false;
            if (!closed) {
              LOG.warn("The journal's ZooKeeper session has expired");
              events.onExpired();
              znodes.reopen();
              events.onChanged();
            }
          }
        });
    heartbeat(events);
  }

  private void becameConnected(Events events) {
    connected = true;
    probe(events);
    events.onChanged();
    if (established) {
      events.onReady();
    } else {
      establish(events);
    }
  }

  private void establish(Events events) {
    identity
        .establish()
        .whenComplete(
            (done, failure) -> {
              if (failure != null) {
                notEstablished(events, Failures.unwrapped(failure));
              } else if (!established) {
                established = true;
                started.complete(null);
                events.onReady();
              }
            });
  }

  private void notEstablished(Events events, Throwable failure) {
    if (Failures.isBusy(failure)) {
      LOG.warn("The journal could not be looked at, trying again: {}", failure.toString());
      var unused =
          loop.schedule(
              Duration.ofSeconds(1),
              () -> {
                if (connected && !established) {
                  establish(events);
                }
              });
    } else if (!Failures.isConnectionLoss(failure)) {
      started.completeExceptionally(failure);
    } // Otherwise: again when connected.
  }

  private void heartbeat(Events events) {
    if (closed) {
      return;
    }
    if (connected) {
      probe(events);
    }
    var unused = loop.schedule(znodes.sessionTimeout().dividedBy(6), () -> heartbeat(events));
  }

  private void probe(Events events) {
    long sent = clock.nanoTime();
    znodes
        .get(layout.epoch())
        .whenComplete(
            (epoch, failure) -> {
              boolean answered = failure == null || Failures.is(failure, Code.NONODE);
              if (answered && heard(sent)) {
                events.onChanged();
              }
              if (failure == null) {
                events.onEpoch(epoch);
              }
            });
  }

  /** The time now, for {@link #heard}. */
  long nanoTime() {
    return clock.nanoTime();
  }

  /** Notes that a request sent at that time was answered; false when a later one was before. */
  boolean heard(long sentNanos) {
    if (sentNanos - lastHeardNanos <= 0) {
      return false;
    }
    lastHeardNanos = sentNanos;
    return true;
  }

  void close() {
    closed = true;
    connected = false;
    znodes.close();
  }
}
