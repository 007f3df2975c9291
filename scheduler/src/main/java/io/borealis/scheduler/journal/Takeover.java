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

  private CompletionStage<Long> findFirst() {
    return znodes
        .children(layout.entries(), null)
        .thenApply(Layout::indexes)
        .thenApply(indexes -> indexes.isEmpty() ? reader.next() : indexes.get(0));
  }
}
