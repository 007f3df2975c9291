package io.borealis.scheduler.journal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.jspecify.annotations.Nullable;

/**
 * Appends for one term of leadership, several entries in flight in order. Keeps the rules that each
 * entry is created only under the fence and behind the one before, and that after a loss of
 * connection it fences anew, reads the tail and appends what is missing byte for byte. Confined to
 * the journal's loop.
 */
final class Appender {
  /** What becomes of appends. Called on the journal's loop. */
  interface Events {
    /** An entry of this size is durable. */
    void onDurable(int bytes);

    /** No append can succeed any more; {@link #end} gives what is in doubt. */
    void onLost(String reason);
  }

  private final Znodes znodes;
  private final Layout layout;
  private final Session session;
  private final Fence fence;
  private final int window;
  private final Events events;

  private final Deque<PendingEntry> unsent = new ArrayDeque<>();
  private final Deque<PendingEntry> outstanding = new ArrayDeque<>();
  private long acked;
  private long ackedWhole;
  private long sendNext;
  private boolean refencing;
  private long round;
  private boolean ended;

  /**
   * @param window entries in flight
   * @param next index of the first entry
   */
  Appender(
      Znodes znodes,
      Layout layout,
      Session session,
      Fence fence,
      int window,
      long next,
      Events events) {
    this.znodes = znodes;
    this.layout = layout;
    this.session = session;
    this.fence = fence;
    this.window = window;
    this.events = events;
    this.acked = next - 1;
    this.ackedWhole = next - 1;
    this.sendNext = next;
  }

  /** The last entry known to be durable. */
  long acked() {
    return acked;
  }

  /** The last entry known to be durable that ends a payload: where a reader can go on. */
  long ackedWhole() {
    return ackedWhole;
  }

  /** The index after all that is appended, in flight or waiting. */
  long end() {
    return sendNext + unsent.size();
  }

  /**
   * Appends the frames of one payload.
   *
   * @param done completes with the index of the last, or fails as {@link Journal#append} does
   */
  void append(List<Frame> frames, CompletableFuture<Long> done) {
    for (int i = 0; i < frames.size(); i++) {
      unsent.add(new PendingEntry(frames.get(i).encode(), i == frames.size() - 1 ? done : null));
    }
    pump();
  }

  /** Appends no more: what was not sent is refused, what is in doubt is handed over in order. */
  List<PendingEntry> stop(String reason) {
    ended = true;
    unsent.forEach(entry -> entry.fail(new NotAppendedException(reason)));
    unsent.clear();
    List<PendingEntry> inDoubt = new ArrayList<>(outstanding);
    outstanding.clear();
    return inDoubt;
  }

  // ---- Sending -------------------------------------------------------------------------------

  private void pump() {
    while (!ended
        && session.connected()
        && !refencing
        && outstanding.size() < window
        && !unsent.isEmpty()) {
      PendingEntry entry = unsent.remove();
      entry.sent(sendNext++, session.nanoTime());
      outstanding.add(entry);
      String previous = entry.index() == 1 ? layout.entries() : layout.entry(entry.index() - 1);
      znodes
          .multi(
              List.of(
                  fence.check(),
                  Op.check(previous, -1),
                  znodes.createOp(layout.entry(entry.index()), entry.bytes())))
          .whenComplete((done, failure) -> answered(entry, failure));
    }
  }

  private void answered(PendingEntry entry, @Nullable Throwable failure) {
    entry.answer();
    if (ended) {
      return;
    }
    if (failure == null) {
      if (outstanding.peekFirst() == entry && !refencing) {
        confirmFirst();
        pump();
      } // Otherwise what came before is in doubt; reading back settles this one too.
    } else if (Failures.isConnectionLoss(failure) || Failures.is(failure, Code.NODEEXISTS)) {
      refencing = true;
      resume();
    } else if (refencing) {
      resume();
    } else {
      events.onLost(
          Failures.is(failure, Code.BADVERSION)
              ? "another process has taken over the journal"
              : "an append failed: " + failure.getMessage());
    }
  }

  private void confirmFirst() {
    PendingEntry entry = outstanding.remove();
    acked = entry.index();
    if (entry.endsPayload()) {
      ackedWhole = acked;
    }
    var unused = session.heard(entry.sentNanos());
    events.onDurable(entry.bytes().length);
    entry.complete();
  }

  // ---- After a loss of connection ------------------------------------------------------------

  /** The connection may be there again: fences behind all that was sent, reads back, goes on. */
  void resume() {
    if (!outstanding.isEmpty() && !refencing) {
      refencing = outstanding.stream().anyMatch(PendingEntry::answered);
    }
    if (!session.connected() || !outstanding.stream().allMatch(PendingEntry::answered)) {
      return;
    }
    if (refencing) {
      refence();
    } else {
      pump();
    }
  }

  private void refence() {
    // Only the newest round counts: another may have lost its connection half way.
    long current = ++round;
    fence
        .renew()
        .whenComplete(
            (ours, failure) -> {
              if (ended || round != current) {
                return;
              }
              if (failure != null) {
                if (!Failures.isConnectionLoss(failure)) {
                  events.onLost("it could not be fenced again: " + failure.getMessage());
                } // Otherwise: again when connected.
              } else if (ours) {
                readBack(current);
              } else {
                events.onLost("another process has taken over the journal");
              }
            });
  }

  private void readBack(long current) {
    PendingEntry first = outstanding.peekFirst();
    if (first == null) {
      goOn();
      return;
    }
    znodes
        .get(layout.entry(first.index()))
        .whenComplete(
            (node, failure) -> {
              if (ended || round != current) {
                return;
              }
              if (failure == null && Arrays.equals(node.data(), first.bytes())) {
                confirmFirst();
                readBack(current);
              } else if (failure == null) {
                events.onLost("entry " + first.index() + " is another's");
              } else if (Failures.is(failure, Code.NONODE)) {
                goOn();
              } else if (!Failures.isConnectionLoss(failure)) {
                events.onLost(
                    "entry " + first.index() + " cannot be read: " + failure.getMessage());
              } // Otherwise: again when connected.
            });
  }

  /** All that was applied is known; what was not can be sent again. */
  private void goOn() {
    while (!outstanding.isEmpty()) {
      unsent.addFirst(outstanding.removeLast());
    }
    sendNext = acked + 1;
    refencing = false;
    pump();
  }
}
