package io.borealis.scheduler.journal;

import io.borealis.runtime.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows the newest complete snapshot: watches the list of snapshots and the manifest that completes
 * the last of them. Confined to the journal's loop.
 */
final class SnapshotWatch {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotWatch.class);

  private final Znodes znodes;
  private final Layout layout;
  private final SnapshotFiles files;
  private final Session session;
  private final EventLoop loop;
  private final Consumer<SnapshotManifest> seen;
  private long newest;

  // One watch of each kind: two that renew each other would double with every snapshot.
  private boolean looking;
  private boolean lookAgain;
  private boolean listWatched;
  private long manifestWatched;

  /**
   * @param seen told of each complete snapshot that is newer than those before
   */
  SnapshotWatch(
      Znodes znodes,
      Layout layout,
      SnapshotFiles files,
      Session session,
      EventLoop loop,
      Consumer<SnapshotManifest> seen) {
    this.znodes = znodes;
    this.layout = layout;
    this.files = files;
    this.session = session;
    this.loop = loop;
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

  /** The session and all its watches are gone. */
  void expired() {
    listWatched = false;
    manifestWatched = 0;
  }

  /** Looks for a newer snapshot now and at each change. */
  void look() {
    if (!session.ready()) {
      return;
    } else if (looking) {
      lookAgain = true;
      return;
    }
    looking = true;
    lookAgain = false;
    // A watch that is there may fire while this is under way: only one that was set now is noted.
    boolean watching = !listWatched;
    znodes
        .children(layout.snapshots(), watching ? this::listChanged : null)
        .whenComplete(
            (names, failure) -> {
              looking = false;
              if (failure == null) {
                listWatched |= watching;
                listed(Layout.indexes(names));
              } else {
                again(failure);
              }
              if (lookAgain) {
                look();
              }
            });
  }

  private void listChanged() {
    listWatched = false;
    look();
  }

  private void listed(List<Long> indexes) {
    if (!indexes.isEmpty() && indexes.get(indexes.size() - 1) > newest) {
      awaitManifest(indexes.get(indexes.size() - 1));
    }
  }

  private void awaitManifest(long index) {
    boolean watching = manifestWatched != index;
    znodes
        .exists(layout.manifest(index), watching ? this::manifestChanged : null)
        .whenComplete(
            (exists, failure) -> {
              if (failure != null) {
                again(failure);
                return;
              }
              if (watching) {
                manifestWatched = index;
              }
              // An attempt that was given up may hide an older, complete one.
              files.newest().whenComplete((manifest, error) -> found(manifest, error));
            });
  }

  private void manifestChanged() {
    manifestWatched = 0;
    look();
  }

  /** Looks again later, unless that happens anyway when the connection is there again. */
  private void again(Throwable failure) {
    if (!Failures.isConnectionLoss(failure)) {
      LOG.warn("Snapshots could not be looked at, trying again: {}", failure.toString());
      var unused = loop.schedule(Duration.ofSeconds(1), this::look);
    }
  }

  private void found(Optional<SnapshotManifest> manifest, Throwable failure) {
    if (failure != null) {
      again(failure);
    } else if (manifest.isPresent() && manifest.get().index() > newest) {
      newest = manifest.get().index();
      seen.accept(manifest.get());
    }
  }
}
