package io.borealis.scheduler.journal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The nodes of snapshots: writing in chunks with the manifest last, loading, and the deletion of
 * what two newer snapshots make superfluous. Confined to the journal's loop.
 */
final class SnapshotFiles {
  /** A snapshot as read back. */
  @SuppressWarnings("ArrayRecordComponent") // Handed over, never compared.
  record Loaded(SnapshotManifest manifest, byte[] bytes) {}

  private static final Logger LOG = LoggerFactory.getLogger(SnapshotFiles.class);
  private static final int KEPT = 2;

  private final Znodes znodes;
  private final Layout layout;
  private final JournalLimits limits;
  private final Set<Long> rejected = new HashSet<>();

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
                SnapshotManifest manifest = Layout.decodeManifest(node.data());
                if (manifest.index() != index) {
                  throw new CorruptJournalException("its manifest is of " + manifest.index());
                }
                return manifest;
              } catch (CorruptJournalException broken) {
                throw new CompletionException(broken);
              }
            });
  }

  /** The newest snapshot that is complete and not known to be broken. */
  CompletionStage<Optional<SnapshotManifest>> newest() {
    return complete(1).thenApply(found -> found.stream().findFirst());
  }

  /** From now on this one is passed over: its content is broken. */
  void reject(long index) {
    rejected.add(index);
  }

  /** So many complete snapshots, newest first. */
  private CompletionStage<List<SnapshotManifest>> complete(int wanted) {
    return znodes
        .children(layout.snapshots(), null)
        .thenCompose(
            names -> {
              List<Long> indexes = new ArrayList<>(Layout.indexes(names));
              indexes.removeAll(rejected);
              Collections.reverse(indexes);
              return complete(indexes, 0, wanted, new ArrayList<>());
            });
  }

  private CompletionStage<List<SnapshotManifest>> complete(
      List<Long> indexes, int at, int wanted, List<SnapshotManifest> found) {
    if (at == indexes.size() || found.size() == wanted) {
      return CompletableFuture.completedFuture(found);
    }
    long index = indexes.get(at);
    return orAbsent(manifest(index))
        .exceptionally(failure -> passOver(index, Failures.unwrapped(failure)))
        .thenCompose(
            manifest -> {
              manifest.ifPresent(found::add);
              return complete(indexes, at + 1, wanted, found);
            });
  }

  private Optional<SnapshotManifest> passOver(long index, Throwable failure) {
    if (failure instanceof CorruptJournalException) {
      LOG.error("Snapshot {} cannot be used: {}", index, failure.getMessage());
      reject(index);
      return Optional.empty();
    }
    throw new CompletionException(failure);
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
                  .handle((done, failure) -> Optional.ofNullable(failure))
                  .thenCompose(
                      failure ->
                          failure.isEmpty()
                              ? joined(manifest, chunks)
                              : notLoaded(index, failure.get()));
            });
  }

  /** A chunk is gone: with its snapshot, or alone. */
  private CompletionStage<Loaded> notLoaded(long index, Throwable failure) {
    return Failures.is(failure, Code.NONODE)
        ? manifest(index)
            .thenCompose(
                stillThere ->
                    CompletableFuture.failedFuture(
                        new CorruptJournalException("a chunk of it is missing")))
        : CompletableFuture.failedFuture(failure);
  }

  private static CompletionStage<Loaded> joined(
      SnapshotManifest manifest, List<CompletableFuture<Znodes.Node>> chunks) {
    try {
      byte[] bytes = join(manifest, chunks.stream().map(chunk -> chunk.join().data()).toList());
      return CompletableFuture.completedFuture(new Loaded(manifest, bytes));
    } catch (CorruptJournalException broken) {
      return CompletableFuture.failedFuture(broken);
    }
  }

  /** The bytes of the state, checked against the manifest. */
  static byte[] join(SnapshotManifest manifest, List<byte[]> chunks)
      throws CorruptJournalException {
    long length = chunks.stream().mapToLong(chunk -> chunk.length).sum();
    if (length != manifest.bytes()) {
      throw new CorruptJournalException(
          "its chunks have %d bytes, the manifest says %d".formatted(length, manifest.bytes()));
    }
    byte[] bytes = new byte[manifest.bytes()];
    int at = 0;
    for (byte[] part : chunks) {
      System.arraycopy(part, 0, bytes, at, part.length);
      at += part.length;
    }
    if (Layout.checksum(bytes) != manifest.crc32c()) {
      throw new CorruptJournalException("its chunks do not have the checksum of the manifest");
    }
    return bytes;
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
   *
   * @param full whether no entry may come any more: then there may be no other snapshot either, and
   *     entries up to the newest go if those up to the older one are gone already
   */
  CompletionStage<Long> truncate(
      long firstEntry, long lastEntry, boolean full, int epoch, LongConsumer progress) {
    return znodes
        .children(layout.snapshots(), null)
        .thenCompose(
            names ->
                complete(KEPT)
                    .thenCompose(
                        kept -> {
                          if (kept.isEmpty() || (kept.size() < KEPT && !full)) {
                            return CompletableFuture.completedFuture(firstEntry);
                          }
                          long older = kept.get(kept.size() - 1).index();
                          long oldest = full && older < firstEntry ? kept.get(0).index() : older;
                          List<Long> superfluous =
                              Layout.indexes(names).stream().filter(i -> i < oldest).toList();
                          // The newest entry never goes: the next append leans on it.
                          long last = Math.min(oldest, lastEntry - 1);
                          return deleteSnapshots(superfluous, 0, epoch)
                              .thenCompose(
                                  done -> deleteEntries(firstEntry, last, epoch, progress));
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

  private CompletionStage<Long> deleteEntries(
      long first, long last, int epoch, LongConsumer progress) {
    progress.accept(first);
    if (first > last) {
      return CompletableFuture.completedFuture(first);
    }
    long end = Math.min(last, first + limits.truncationBatch() - 1);
    List<Op> deletes = new ArrayList<>();
    for (long index = first; index <= end; index++) {
      deletes.add(Op.delete(layout.entry(index), -1));
    }
    return guarded(epoch, deletes.toArray(Op[]::new))
        .handle(
            (done, failure) -> failure == null ? later(end + 1) : afterMissing(first, end, failure))
        .thenCompose(Function.identity())
        .thenCompose(next -> deleteEntries(next, last, epoch, progress));
  }

  /** Entries are missing when the answer to an earlier attempt to delete them was lost. */
  private CompletionStage<Long> afterMissing(long first, long end, Throwable failure) {
    if (!Failures.is(failure, Code.NONODE)) {
      return CompletableFuture.failedStage(Failures.unwrapped(failure));
    }
    return firstThere(first, end)
        .thenCompose(
            there ->
                there == first
                    ? CompletableFuture.failedStage(Failures.unwrapped(failure))
                    : later(there));
  }

  private CompletionStage<Long> firstThere(long index, long end) {
    if (index > end) {
      return later(index);
    }
    return znodes
        .exists(layout.entry(index), null)
        .thenCompose(there -> there ? later(index) : firstThere(index + 1, end));
  }

  private static CompletionStage<Long> later(long index) {
    return CompletableFuture.completedFuture(index);
  }

  private CompletionStage<Void> guarded(int epoch, Op... operations) {
    List<Op> all = new ArrayList<>();
    all.add(Op.check(layout.epoch(), epoch));
    all.addAll(Arrays.asList(operations));
    return znodes.multi(all);
  }
}
