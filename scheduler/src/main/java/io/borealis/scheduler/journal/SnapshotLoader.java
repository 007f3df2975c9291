package io.borealis.scheduler.journal;

import io.borealis.runtime.EventLoop;
import java.time.Duration;
import org.apache.zookeeper.KeeperException.Code;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads a snapshot, or the one before it when it is broken and the older one is new enough. Keeps
 * at it until one is loaded, none can be, or it is told to forget. Confined to the journal's loop.
 */
final class SnapshotLoader {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotLoader.class);

  /** Takes what is loaded. Called on the journal's loop. */
  interface Sink {
    /**
     * The content of a snapshot.
     *
     * @throws CorruptJournalException when it makes no sense
     */
    void onLoaded(long index, SnapshotManifest manifest, byte[] bytes)
        throws CorruptJournalException;

    /** It is broken, and none before it is new enough. */
    void onUnusable(long index, String reason);

    /** It was deleted under the read, so that there is a newer one. */
    void onVanished();
  }

  private final SnapshotFiles files;
  private final EventLoop loop;
  private final Sink sink;

  /** What is to be loaded, 0 for nothing, and the oldest that would do. */
  private long wanted;

  private long atLeast;
  private long round;

  SnapshotLoader(SnapshotFiles files, EventLoop loop, Sink sink) {
    this.files = files;
    this.loop = loop;
    this.sink = sink;
  }

  /** Loads this snapshot, or an older one down to that index. */
  void load(long index, long oldest) {
    wanted = index;
    atLeast = oldest;
    resume();
  }

  /** Begins again with what {@link #stop} or a loss of connection has interrupted. */
  void resume() {
    if (wanted == 0) {
      return;
    }
    long current = ++round;
    long index = wanted;
    files
        .load(index)
        .whenComplete(
            (loaded, failure) -> {
              if (current == round) {
                loaded(index, loaded, failure);
              }
            });
  }

  /** What is being loaded is dropped when it comes. */
  void stop() {
    round++;
  }

  /** Nothing is wanted any more. */
  void forget() {
    stop();
    wanted = 0;
  }

  private void loaded(
      long index, SnapshotFiles.@Nullable Loaded loaded, @Nullable Throwable failure) {
    if (failure != null || loaded == null) {
      notLoaded(index, Failures.unwrapped(failure));
      return;
    }
    try {
      sink.onLoaded(index, loaded.manifest(), loaded.bytes());
    } catch (CorruptJournalException | RuntimeException broken) {
      passOver(index, Failures.reason(broken));
    }
  }

  private void notLoaded(long index, Throwable failure) {
    if (failure instanceof CorruptJournalException) {
      passOver(index, Failures.reason(failure));
    } else if (Failures.is(failure, Code.NONODE)) {
      forget();
      sink.onVanished();
    } else {
      again(failure);
    }
  }

  /** The one before it will do, if that is new enough: entries since then are there. */
  private void passOver(long index, String reason) {
    LOG.error("Snapshot {} cannot be used: {}", index, reason);
    files.reject(index);
    long current = ++round;
    files
        .newest()
        .whenComplete(
            (older, failure) -> {
              if (current != round) {
                return;
              }
              if (failure != null) {
                again(failure);
              } else if (older.isPresent() && older.get().index() >= atLeast) {
                load(older.get().index(), atLeast);
              } else {
                forget();
                sink.onUnusable(index, reason);
              }
            });
  }

  private void again(Throwable failure) {
    if (!Failures.isConnectionLoss(failure)) {
      LOG.warn("Snapshot {} could not be read, trying again: {}", wanted, failure.toString());
      long current = round;
      var unused =
          loop.schedule(
              Duration.ofSeconds(1),
              () -> {
                if (current == round) {
                  resume();
                }
              });
    } // Otherwise: resumed when connected.
  }
}
