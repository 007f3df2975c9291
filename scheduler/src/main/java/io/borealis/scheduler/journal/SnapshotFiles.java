package io.borealis.scheduler.journal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;

/**
 * The nodes of snapshots: writing in chunks with the manifest last, loading, and the deletion of
 * what two newer snapshots make superfluous. Confined to the journal's loop.
 */
final class SnapshotFiles {
  /** A snapshot as read back. */
  @SuppressWarnings("ArrayRecordComponent") // Handed over, never compared.
  record Loaded(SnapshotManifest manifest, byte[] bytes) {}

  private static final int KEPT = 2;

  private final Znodes znodes;
  private final Layout layout;
  private final JournalLimits limits;

  SnapshotFiles(Znodes znodes, Layout layout, JournalLimits limits) {
    this.znodes = znodes;
    this.layout = layout;
    this.limits = limits;
  }

  CompletionStage<SnapshotManifest> manifest(long index) {
    return znodes
        .get(layout.manifest(index))
        .thenApply(
            node -> {
              try {
                return Layout.decodeManifest(node.data());
              } catch (CorruptJournalException broken) {
                throw new CompletionException(broken);
              }
            });
  }

  /** The newest snapshot that is complete. */
  CompletionStage<Optional<SnapshotManifest>> newest() {
    return complete().thenApply(all -> all.isEmpty() ? Optional.empty() : Optional.of(all.get(0)));
  }

  /** The complete snapshots, newest first. */
  private CompletionStage<List<SnapshotManifest>> complete() {
    return znodes
        .children(layout.snapshots(), null)
        .thenCompose(
            names -> {
              List<Long> indexes = new ArrayList<>(Layout.indexes(names));
              java.util.Collections.reverse(indexes);
              return complete(indexes, 0, new ArrayList<>());
            });
  }

  private CompletionStage<List<SnapshotManifest>> complete(
      List<Long> indexes, int at, List<SnapshotManifest> found) {
    if (at == indexes.size()) {
      return CompletableFuture.completedFuture(found);
    }
    return orAbsent(manifest(indexes.get(at)))
        .thenCompose(
            manifest -> {
              manifest.ifPresent(found::add);
              return complete(indexes, at + 1, found);
            });
  }

  private static <T> CompletionStage<Optional<T>> orAbsent(CompletionStage<T> future) {
    return future.handle(
        (value, failure) -> {
          if (failure == null) {
            return Optional.of(value);
          } else if (Failures.is(failure, Code.NONODE)) {
            return Optional.empty();
          }
          throw new CompletionException(Failures.unwrapped(failure));
        });
  }

  /** Reads a snapshot whole; fails with {@link CorruptJournalException} when it is not. */
  CompletionStage<Loaded> load(long index) {
    return manifest(index)
        .thenCompose(
            manifest -> {
              List<CompletableFuture<Znodes.Node>> chunks = new ArrayList<>();
              for (int i = 0; i < manifest.chunks(); i++) {
                chunks.add(znodes.get(layout.chunk(index, i)).toCompletableFuture());
              }
              return CompletableFuture.allOf(chunks.toArray(CompletableFuture<?>[]::new))
                  .thenApply(done -> join(manifest, chunks));
            });
  }

  private static Loaded join(
      SnapshotManifest manifest, List<CompletableFuture<Znodes.Node>> chunks) {
    byte[] bytes = new byte[manifest.bytes()];
    int at = 0;
    for (CompletableFuture<Znodes.Node> chunk : chunks) {
      byte[] part = chunk.join().data();
      if (at + part.length > bytes.length) {
        throw new CompletionException(
            new CorruptJournalException("its chunks have more than " + bytes.length + " bytes"));
      }
      System.arraycopy(part, 0, bytes, at, part.length);
      at += part.length;
    }
    if (at != bytes.length || Layout.checksum(bytes) != manifest.crc32c()) {
      throw new CompletionException(
          new CorruptJournalException("its chunks do not have the checksum of the manifest"));
    }
    return new Loaded(manifest, bytes);
  }

  /** Writes chunks and then the manifest, each only under the fence. */
  CompletionStage<Void> write(long index, SnapshotPayload payload, int epoch) {
    byte[] bytes = payload.bytes();
    int size = limits.maxNodeBytes();
    int chunks = Math.max(1, (bytes.length + size - 1) / size);
    SnapshotManifest manifest =
        new SnapshotManifest(
            Frame.FORMAT,
            index,
            epoch,
            payload.lastTransaction(),
            payload.digest(),
            payload.codec(),
            chunks,
            bytes.length,
            Layout.checksum(bytes));
    return orAbsent(manifest(index))
        .thenCompose(
            existing ->
                existing.isPresent()
                    ? CompletableFuture.completedFuture(null)
                    : delete(index, epoch)
                        .thenCompose(
                            done ->
                                guarded(
                                    epoch, znodes.createOp(layout.snapshot(index), new byte[0])))
                        .thenCompose(done -> writeChunks(index, bytes, 0, chunks, epoch))
                        .thenCompose(
                            done ->
                                guarded(
                                    epoch,
                                    znodes.createOp(
                                        layout.manifest(index), Layout.encode(manifest)))));
  }

  private CompletionStage<Void> writeChunks(
      long index, byte[] bytes, int chunk, int chunks, int epoch) {
    if (chunk == chunks) {
      return CompletableFuture.completedFuture(null);
    }
    int size = limits.maxNodeBytes();
    byte[] part =
        Arrays.copyOfRange(bytes, chunk * size, Math.min(bytes.length, (chunk + 1) * size));
    return guarded(epoch, znodes.createOp(layout.chunk(index, chunk), part))
        .thenCompose(done -> writeChunks(index, bytes, chunk + 1, chunks, epoch));
  }

  /**
   * Deletes snapshots but the newest two, and entries up to the older of these. Completes with the
   * first entry that remains.
   */
  CompletionStage<Long> truncate(long firstEntry, long lastEntry, int epoch) {
    return znodes
        .children(layout.snapshots(), null)
        .thenCompose(
            names ->
                complete()
                    .thenCompose(
                        kept -> {
                          if (kept.size() < KEPT) {
                            return CompletableFuture.completedFuture(firstEntry);
                          }
                          long oldest = kept.get(KEPT - 1).index();
                          List<Long> superfluous =
                              Layout.indexes(names).stream().filter(i -> i < oldest).toList();
                          // The newest entry never goes: the next append leans on it.
                          long last = Math.min(oldest, lastEntry - 1);
                          return deleteSnapshots(superfluous, 0, epoch)
                              .thenCompose(done -> deleteEntries(firstEntry, last, epoch));
                        }));
  }

  private CompletionStage<Void> deleteSnapshots(List<Long> indexes, int at, int epoch) {
    return at == indexes.size()
        ? CompletableFuture.completedFuture(null)
        : delete(indexes.get(at), epoch)
            .thenCompose(done -> deleteSnapshots(indexes, at + 1, epoch));
  }

  /**
   * Deletes a snapshot if it is there, its manifest first, so that nobody takes it for complete.
   */
  private CompletionStage<Void> delete(long index, int epoch) {
    return orAbsent(znodes.children(layout.snapshot(index), null))
        .thenCompose(
            names -> {
              if (names.isEmpty()) {
                return CompletableFuture.completedFuture(null);
              }
              List<Op> deletes = new ArrayList<>();
              names.get().stream()
                  .sorted(java.util.Comparator.reverseOrder())
                  .forEach(name -> deletes.add(Op.delete(layout.snapshot(index) + "/" + name, -1)));
              deletes.add(Op.delete(layout.snapshot(index), -1));
              return guarded(epoch, deletes.toArray(Op[]::new));
            });
  }

  private CompletionStage<Long> deleteEntries(long first, long last, int epoch) {
    if (first > last) {
      return CompletableFuture.completedFuture(first);
    }
    long end = Math.min(last, first + limits.truncationBatch() - 1);
    List<Op> deletes = new ArrayList<>();
    for (long index = first; index <= end; index++) {
      deletes.add(Op.delete(layout.entry(index), -1));
    }
    return guarded(epoch, deletes.toArray(Op[]::new))
        .thenCompose(done -> deleteEntries(end + 1, last, epoch));
  }

  private CompletionStage<Void> guarded(int epoch, Op... operations) {
    List<Op> all = new ArrayList<>();
    all.add(Op.check(layout.epoch(), epoch));
    all.addAll(Arrays.asList(operations));
    return znodes.multi(all);
  }
}
