package io.borealis.scheduler.journal;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One node to append; the last of a payload completes the payload's future. Confined to the
 * journal's loop.
 */
final class PendingEntry {
  private final byte[] bytes;
  private final @Nullable CompletableFuture<Long> done;
  private long index;
  private long sentNanos;
  private boolean answered;

  PendingEntry(byte[] bytes, @Nullable CompletableFuture<Long> done) {
    this.bytes = bytes;
    this.done = done;
  }

  byte[] bytes() {
    return bytes;
  }

  /** Where it was sent to. */
  long index() {
    return index;
  }

  long sentNanos() {
    return sentNanos;
  }

  /** Whether ZooKeeper has said what became of it, or that it does not know. */
  boolean answered() {
    return answered;
  }

  void sent(long at, long nanos) {
    index = at;
    sentNanos = nanos;
    answered = false;
  }

  void answer() {
    answered = true;
  }

  /** Whether a payload is whole with it. */
  boolean endsPayload() {
    return done != null;
  }

  /** It is durable. */
  void complete() {
    if (done != null) {
      done.complete(index);
    }
  }

  void fail(JournalException reason) {
    if (done != null) {
      done.completeExceptionally(reason);
    }
  }
}
