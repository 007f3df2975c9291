package io.borealis.scheduler.journal;

import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much of the journal a leader keeps, for one term: writes snapshots, then deletes what they
 * make superfluous, and says when there is no room for more. Keeps the rules that the newest entry
 * never goes and that a full journal refuses writes. Confined to the journal's loop.
 */
final class Retention {
  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

  private final SnapshotFiles files;
  private final SnapshotWatch watch;
  private final SinceSnapshot since;
  private final Fence fence;
  private final int maxEntries;
  private final LongSupplier lastEntry;
  private final Runnable changed;
  private long firstEntry;

  /** Whether the last batch was refused for want of room. */
  private boolean full;

  /** Whether superfluous entries are being deleted. */
  private boolean freeing;

  /**
   * @param firstEntry the first entry that exists, or the next to be made
   * @param lastEntry the last entry that is durable
   * @param changed runs when something that is shown has changed
   */
  Retention(
      SnapshotFiles files,
      SnapshotWatch watch,
      SinceSnapshot since,
      Fence fence,
      int maxEntries,
      long firstEntry,
      LongSupplier lastEntry,
      Runnable changed) {
    this.files = files;
    this.watch = watch;
    this.since = since;
    this.fence = fence;
    this.maxEntries = maxEntries;
    this.firstEntry = firstEntry;
    this.lastEntry = lastEntry;
    this.changed = changed;
  }

  /** Entries that exist if this is the index after the last. */
  long entries(long end) {
    return Math.max(0, end - firstEntry);
  }

  /** Why no entry may come at this index, if none may. */
  Optional<JournalFullException> refusal(long end, int more) {
    full = entries(end) + more > maxEntries;
    if (full && !freeing && watch.newest() >= firstEntry) {
      // No snapshot may follow the newest, as nothing new can be written.
      free();
    }
    return full
        ? Optional.of(
            new JournalFullException(
                "%d entries wait for a snapshot, the limit is %d"
                    .formatted(entries(end), maxEntries)))
        : Optional.empty();
  }

  /** Writes a snapshot of what was durable at the index; truncation goes on behind it. */
  CompletionStage<Void> write(long index, SnapshotPayload payload) {
    return files.write(index, payload, (int) fence.epoch()).thenRun(() -> written(index));
  }

  private void written(long index) {
    watch.atLeast(index);
    since.restart(Math.max(0, lastEntry.getAsLong() - index));
    changed.run();
    free();
  }

  private void free() {
    freeing = true;
    boolean wasFull = full;
    files
        .truncate(firstEntry, lastEntry.getAsLong(), wasFull, (int) fence.epoch(), this::gone)
        .whenComplete(
            (first, failure) -> {
              freeing = false;
              if (failure == null) {
                gone(first);
              } else {
                LOG.warn("Old entries remain until the next snapshot: {}", failure.toString());
              }
              if (full && !wasFull) {
                free();
              }
            });
  }

  /** Everything before this entry is deleted. */
  private void gone(long first) {
    firstEntry = Math.max(firstEntry, first);
    changed.run();
  }
}
