package io.borealis.scheduler.journal;

import io.borealis.runtime.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.apache.zookeeper.KeeperException.Code;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what became of the appends that were in doubt when a term of leadership ended. Keeps
 * the rule that answers are true: not appended means never, in doubt means unknown. Confined to the
 * journal's loop.
 */
final class Settlement {
  private final Znodes znodes;
  private final Layout layout;
  private final Session session;
  private final Fence fence;
  private final SnapshotFiles files;
  private final Deque<PendingEntry> inDoubt;
  private final EventLoop.Timer timer;
  private final Runnable settled;
  private boolean done;

  /**
   * @param inDoubt what was sent and not confirmed, in order
   * @param limit how long it may take
   * @param settled runs once each of these is answered
   */
  Settlement(
      Znodes znodes,
      Layout layout,
      Session session,
      Fence fence,
      SnapshotFiles files,
      EventLoop loop,
      List<PendingEntry> inDoubt,
      Duration limit,
      Runnable settled) {
    this.znodes = znodes;
    this.layout = layout;
    this.session = session;
    this.fence = fence;
    this.files = files;
    this.inDoubt = new ArrayDeque<>(inDoubt);
    this.settled = settled;
    this.timer = loop.schedule(limit, () -> giveUp("the journal could not be read in time"));
  }

  /** Whether everything is answered. */
  boolean done() {
    return done;
  }

  /** Begins, and begins again when the connection is there again. */
  void begin() {
    if (inDoubt.isEmpty()) {
      finish();
    } else if (session.connected()) {
      fence
          .bar()
          .whenComplete(
              (barred, failure) -> {
                if (failure == null) {
                  next();
                } // Otherwise: again when connected.
              });
    }
  }

  private void next() {
    PendingEntry first = inDoubt.peekFirst();
    if (first == null) {
      finish();
      return;
    }
    znodes
        .get(layout.entry(first.index()))
        .whenComplete(
            (node, failure) -> {
              if (inDoubt.peekFirst() == first) {
                settle(first, node, failure);
              }
            });
  }

  private void settle(PendingEntry first, Znodes.@Nullable Node node, @Nullable Throwable failure) {
    if (node != null && Arrays.equals(node.data(), first.bytes())) {
      inDoubt.remove();
      first.complete();
      next();
    } else if (node != null) {
      refuseAll();
    } else if (failure != null && Failures.is(failure, Code.NONODE)) {
      lookForSnapshot(first);
    }
  }

  /** It was never there, unless others have gone on so far that it has been deleted since. */
  private void lookForSnapshot(PendingEntry first) {
    files
        .newest()
        .whenComplete(
            (newest, failure) -> {
              if (failure != null || inDoubt.peekFirst() != first) {
                return;
              }
              if (newest.isPresent() && newest.get().index() >= first.index()) {
                giveUp("a snapshot has taken the place of the entry");
              } else {
                refuseAll();
              }
            });
  }

  /** The first is not there, so none that leans on it can be. */
  private void refuseAll() {
    inDoubt.forEach(
        entry -> entry.fail(new NotAppendedException("Another leader has taken over before")));
    finish();
  }

  /** What is not known by now is not going to be. */
  void giveUp(String reason) {
    inDoubt.forEach(entry -> entry.fail(new OutcomeUnknownException(reason)));
    finish();
  }

  private void finish() {
    if (!done) {
      done = true;
      inDoubt.clear();
      timer.cancel();
      settled.run();
    }
  }
}
