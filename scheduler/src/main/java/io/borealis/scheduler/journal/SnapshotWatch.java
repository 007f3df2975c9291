package io.borealis.scheduler.journal;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Knows the newest complete snapshot: watches the list of snapshots and the manifest that completes
 * the last of them. Confined to the journal's loop.
 */
final class SnapshotWatch {
  private final Znodes znodes;
  private final Layout layout;
  private final SnapshotFiles files;
  private final Session session;
  private final Consumer<SnapshotManifest> seen;
  private long newest;

  /**
   * @param seen told of each complete snapshot that is newer than those before
   */
  SnapshotWatch(
      Znodes znodes,
      Layout layout,
      SnapshotFiles files,
      Session session,
      Consumer<SnapshotManifest> seen) {
    this.znodes = znodes;
    this.layout = layout;
    this.files = files;
    this.session = session;
    this.seen = seen;
  }

  /** Index of the newest complete snapshot known, 0 without. */
  long newest() {
    return newest;
  }

  /** Takes note of a snapshot that was found or made in another way. */
  void atLeast(long index) {
    newest = Math.max(newest, index);
  }

  /** The newest has vanished: looks anew. */
  void forget() {
    newest = 0;
    look();
  }

  /** Looks for a newer snapshot now and at each change. */
  void look() {
    if (!session.ready()) {
      return;
    }
    znodes
        .children(layout.snapshots(), this::look)
        .whenComplete(
            (names, failure) -> {
              if (failure != null) {
                return;
              }
              List<Long> indexes = Layout.indexes(names);
              if (!indexes.isEmpty() && indexes.get(indexes.size() - 1) > newest) {
                awaitManifest(indexes.get(indexes.size() - 1));
              }
            });
  }

  private void awaitManifest(long index) {
    znodes
        .exists(layout.manifest(index), this::look)
        .whenComplete(
            (exists, failure) -> {
              if (failure == null && exists) {
                files
                    .manifest(index)
                    .thenApply(Optional::of)
                    .whenComplete((manifest, error) -> found(manifest, error));
              } else if (failure == null) {
                // An attempt that was given up may hide an older, complete one.
                files.newest().whenComplete((manifest, error) -> found(manifest, error));
              }
            });
  }

  private void found(Optional<SnapshotManifest> manifest, Throwable failure) {
    if (failure == null && manifest.isPresent() && manifest.get().index() > newest) {
      newest = manifest.get().index();
      seen.accept(manifest.get());
    }
  }
}
