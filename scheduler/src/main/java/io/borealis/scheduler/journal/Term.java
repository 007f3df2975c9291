package io.borealis.scheduler.journal;

import java.util.List;
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

  /** Appends as {@link Journal#append} does. */
  void append(EntryPayload payload, CompletableFuture<Long> done) {
    List<Frame> frames = Frame.of(payload, fence.epoch(), maxNodeBytes);
    retention
        .refusal(appender.end(), frames.size())
        .ifPresentOrElse(done::completeExceptionally, () -> appender.append(frames, done));
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
