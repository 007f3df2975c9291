package io.borealis.scheduler.journal;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * One attempt to lead: fence, read the few entries left, go. Until the fence stands nothing is
 * read, since others could still append behind it. Confined to the journal's loop.
 */
final class Takeover {
  private final Znodes znodes;
  private final Layout layout;
  private final Fence fence;
  private final EntryReader reader;
  private final String leaderId;
  private final CompletableFuture<Long> firstEntry = new CompletableFuture<>();

  Takeover(Znodes znodes, Layout layout, Fence fence, EntryReader reader, String leaderId) {
    this.znodes = znodes;
    this.layout = layout;
    this.fence = fence;
    this.reader = reader;
    this.leaderId = leaderId;
  }

  String leaderId() {
    return leaderId;
  }

  /**
   * Begins. Completes when everything is read and nobody else can append any more, with the index
   * of the first entry that exists; fails with {@link NotAppendedException}.
   */
  CompletionStage<Long> begin() {
    reader.pause();
    fence
        .take(leaderId)
        .whenComplete(
            (done, failure) -> {
              if (failure == null) {
                readTheRest();
              } else {
                fail(failure);
              }
            });
    return firstEntry;
  }

  /** The connection is there again. */
  void resume() {
    if (fence.taking()) {
      fence.resumeTaking();
    } else {
      readTheRest();
    }
  }

  /** Gives up. */
  void fail(Throwable reason) {
    fence.abandon();
    firstEntry.completeExceptionally(
        reason instanceof NotAppendedException
            ? reason
            : new NotAppendedException("Cannot take over: " + reason.getMessage()));
  }

  /**
   * Entries follow each other without a gap, so that their number tells the first; there may be
   * more than a list can name. When the first is not there, the next to be read is missing and
   * others come after it, unless somebody else has begun to lead meanwhile.
   */
  private CompletionStage<Long> findFirst() {
    long next = reader.next();
    return znodes
        .childCount(layout.entries())
        .thenCompose(
            count ->
                count == 0 && next == 1
                    ? CompletableFuture.completedFuture(next)
                    : znodes
                        .exists(layout.entry(Math.max(1, next - count)), null)
                        .thenCompose(
                            there ->
                                there && count > 0 && next > count
                                    ? CompletableFuture.completedFuture(next - count)
                                    : fence
                                        .stands()
                                        .thenCompose(ours -> refuse(ours, count == 0))));
  }

  private CompletionStage<Long> refuse(boolean fenced, boolean emptied) {
    if (fenced) {
      reader.entriesAreMissing(emptied);
    }
    return CompletableFuture.failedFuture(
        new NotAppendedException(
            fenced ? "Entries are missing" : "Another process has taken over meanwhile"));
  }

  private void readTheRest() {
    reader
        .drain()
        .thenCompose(done -> findFirst())
        .whenComplete(
            (first, failure) -> {
              if (failure == null) {
                firstEntry.complete(first);
              } else if (!Failures.isConnectionLoss(failure)) {
                fail(Failures.unwrapped(failure));
              } // Otherwise: again when connected.
            });
  }
}
