package io.borealis.scheduler.journal;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * One term of leadership: appends while there is room, writes snapshots to make room. Keeps the
 * rule that a leader's first append is a takeover entry. Confined to the journal's loop.
 */
final class Term {
  private final Fence fence;
  private final Appender appender;
  private final Retention retention;
  private final int maxNodeBytes;

  /** The first transaction that was refused for want of room, 0 when there is none. */
  private long refusedFrom;

  Term(Fence fence, Appender appender, Retention retention, int maxNodeBytes) {
    this.fence = fence;
    this.appender = appender;
    this.retention = retention;
    this.maxNodeBytes = maxNodeBytes;
  }

  /** Marks its beginning, which a full journal does not prevent. Completes with the epoch. */
  CompletionStage<Long> begin(String leaderId) {
    CompletableFuture<Long> marked = new CompletableFuture<>();
    appender.append(List.of(Frame.takeover(leaderId, fence.epoch())), marked);
    return marked.thenApply(index -> fence.epoch());
  }

  /**
   * Appends as {@link Journal#append} does. After a refusal for want of room, what was built on the
   * refused is refused as well, even if there is room for it.
   */
  void append(EntryPayload payload, CompletableFuture<Long> done) {
    if (refusedFrom > 0 && payload.firstTransaction() > refusedFrom) {
      done.completeExceptionally(new JournalFullException("the transactions before were refused"));
      return;
    }
    List<Frame> frames = Frame.of(payload, fence.epoch(), maxNodeBytes);
    Optional<JournalFullException> refusal = retention.refusal(appender.end(), frames.size());
    refusedFrom = refusal.isPresent() ? payload.firstTransaction() : 0;
    refusal.ifPresentOrElse(done::completeExceptionally, () -> appender.append(frames, done));
  }

  /** As {@link Journal#writeSnapshot} does. */
  CompletionStage<Void> writeSnapshot(long index, SnapshotPayload payload) {
    return retention.write(index, payload);
  }

  /** The connection may be there again. */
  void resume() {
    appender.resume();
  }

  /** Ends it; gives the appends in doubt, in order. */
  List<PendingEntry> end() {
    return appender.stop("This process does not lead any more");
  }

  /** The last entry that is durable. */
  long lastEntry() {
    return appender.acked();
  }

  /** The last durable entry that ends a payload: chunks after it are to be read once more. */
  long lastWholeEntry() {
    return appender.ackedWhole();
  }

  /** Entries that exist or are to. */
  long entries() {
    return retention.entries(appender.end());
  }
}
