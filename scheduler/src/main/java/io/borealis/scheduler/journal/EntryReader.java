package io.borealis.scheduler.journal;

import io.borealis.runtime.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what others append and hands it to the listener. Keeps the rules for followers: next,
 * next+1, … until there is none, then a watch on the next; the newest snapshot instead when entries
 * are gone; nothing that is broken or unknown is ever skipped, a snapshot made after it heals it.
 * Confined to the journal's loop.
 */
final class EntryReader implements ReadAhead.Sink, SnapshotLoader.Sink {
  private static final Logger LOG = LoggerFactory.getLogger(EntryReader.class);

  /** What is being read. */
  private enum Mode {
    /** Whatever comes. */
    TAILING,
    /** What there is, and nobody can add to it. */
    DRAINING,
    /** Nothing: this process leads, or is about to. */
    PAUSED,
  }

  private final Znodes znodes;
  private final Layout layout;
  private final SnapshotFiles files;
  private final SnapshotWatch watch;
  private final HelpCalls help;
  private final Session session;
  private final EventLoop loop;
  private final SinceSnapshot since;
  private final Runnable changed;

  private final ReadAhead entries;
  private final SnapshotLoader loader;
  private final ChunkGroup group = new ChunkGroup();
  private final List<CompletableFuture<Void>> caughtUpWaiters = new ArrayList<>();
  private @Nullable JournalListener listener;
  private Mode mode = Mode.TAILING;
  private CompletableFuture<Void> drained = new CompletableFuture<>();
  private long next = 1;
  private long generation;
  private boolean caughtUp;
  private @Nullable String unreadable;

  /**
   * @param changed runs when something that is shown has changed
   */
  EntryReader(
      Znodes znodes,
      Layout layout,
      SnapshotFiles files,
      SnapshotWatch watch,
      HelpCalls help,
      Session session,
      EventLoop loop,
      SinceSnapshot since,
      Runnable changed) {
    this.znodes = znodes;
    this.layout = layout;
    this.files = files;
    this.watch = watch;
    this.help = help;
    this.session = session;
    this.loop = loop;
    this.since = since;
    this.changed = changed;
    this.entries = new ReadAhead(znodes, layout, loop, this);
    this.loader = new SnapshotLoader(files, loop, this);
  }

  /** Says, once and before anything is read, who is told. */
  void deliverTo(JournalListener receiver) {
    listener = receiver;
  }

  private JournalListener listener() {
    if (listener == null) {
      throw new IllegalStateException("Nobody follows");
    }
    return listener;
  }

  /** Index of the next entry to be read. */
  long next() {
    return next;
  }

  /** Whether everything that exists has been read. */
  boolean caughtUp() {
    return caughtUp;
  }

  /** Why reading has stopped, unless it goes on. */
  Optional<String> unreadable() {
    return Optional.ofNullable(unreadable);
  }

  /** Completes once everything is read and nothing is unreadable. */
  CompletionStage<Void> whenCaughtUp() {
    CompletableFuture<Void> result = new CompletableFuture<>();
    if (caughtUp && unreadable == null) {
      result.complete(null);
    } else {
      caughtUpWaiters.add(result);
    }
    return result;
  }

  // ---- What is to be read --------------------------------------------------------------------

  /** Follows, from where it was. */
  void tail() {
    stop(Mode.TAILING);
    read();
  }

  /**
   * Follows again after this process has led.
   *
   * @param appended the last entry of a whole payload that it appended, if it came to that
   */
  void tailAfter(long appended) {
    if (appended >= next) {
      next = appended + 1;
      group.clear();
    } // Otherwise somebody else may yet complete the group that was read last.
    caughtUp = false;
    mode = Mode.TAILING;
    changed.run();
    restart();
  }

  /**
   * Reads what there is, once nobody can append any more. Completes when no entry and no snapshot
   * is left to read and then reads no further; fails with {@link NotAppendedException} when that
   * cannot be reached. When the connection is lost it goes on with {@link #restart}.
   */
  CompletionStage<Void> drain() {
    drained = new CompletableFuture<>();
    mode = Mode.DRAINING;
    restart();
    return drained;
  }

  /** Reads nothing until told again. */
  void pause() {
    stop(Mode.PAUSED);
    caughtUp = false;
  }

  /** What was asked for and what is being loaded is dropped when it comes. */
  private void stop() {
    entries.stop();
    loader.stop();
    generation++;
  }

  private void stop(Mode following) {
    mode = following;
    stop();
  }

  /** Begins where it was: the connection is there again. */
  void restart() {
    stop();
    watch.look();
    read();
  }

  /** The session is gone; answers that still come are not waited for. */
  void interrupt() {
    entries.stop();
  }

  // ---- Entries -------------------------------------------------------------------------------

  private boolean readable() {
    return session.ready() && unreadable == null && mode != Mode.PAUSED;
  }

  private void read() {
    if (readable()) {
      entries.start(next);
    } else if (session.ready() && mode == Mode.TAILING) {
      loader.resume();
    }
  }

  @Override
  public boolean onEntry(long index, byte[] bytes) {
    try {
      Optional<EntryPayload> payload = group.add(Frame.decode(bytes));
      if (payload.isPresent()) {
        listener().onEntry(index, payload.get());
      }
    } catch (CorruptJournalException | RuntimeException broken) {
      stopReading("entry " + index + ": " + Failures.reason(broken));
      help.call(index, Failures.reason(broken));
      return false;
    }
    next = index + 1;
    since.add(bytes.length);
    changed.run();
    return true;
  }

  /** Entries that must be there are not: others come after the next one, or there are none. */
  void entriesAreMissing(boolean all) {
    if (all) {
      stopReading("entry " + (next - 1) + ": the journal was emptied after it, start anew");
    } else {
      stopReading("entry " + next + ": it is missing, but there are others after it");
      help.call(next, "it is missing");
    }
  }

  private void stopReading(String reason) {
    loader.forget();
    unreadable = reason;
    caughtUp = false;
    changed.run();
    LOG.error("The journal cannot be read further: {}", reason);
    listener().onUnreadable(reason);
    failDrain("The journal cannot be read: " + reason);
  }

  private void failDrain(String reason) {
    if (mode == Mode.DRAINING) {
      drained.completeExceptionally(new NotAppendedException(reason));
    }
  }

  // ---- The end -------------------------------------------------------------------------------

  /** The next entry does not exist: wait for it, unless a snapshot shows that it once did. */
  @Override
  public void onNone() {
    if (watch.newest() >= next) {
      load(watch.newest());
    } else if (mode == Mode.DRAINING) {
      unlessSnapshot(this::nowDrained);
    } else {
      awaitNext();
    }
  }

  private void awaitNext() {
    long current = generation;
    long awaited = next;
    znodes
        .exists(layout.entry(next), this::read)
        .whenComplete(
            (exists, failure) -> {
              if (current != generation || awaited != next || !readable()) {
                return;
              }
              if (failure != null) {
                again("Entry " + next, failure);
              } else if (exists) {
                read();
              } else if (watch.newest() >= next) {
                load(watch.newest());
              } else if (!caughtUp) {
                unlessSnapshot(this::nowCaughtUp);
              }
            });
  }

  private void nowCaughtUp() {
    caughtUp = true;
    changed.run();
    List.copyOf(caughtUpWaiters).forEach(waiter -> waiter.complete(null));
    caughtUpWaiters.clear();
  }

  private void nowDrained() {
    stop(Mode.PAUSED);
    drained.complete(null);
  }

  /**
   * A watch may be late: who has just begun, or is about to lead, asks whether there is a snapshot
   * that holds more than what was read.
   */
  private void unlessSnapshot(Runnable nothingMore) {
    long current = generation;
    long awaited = next;
    files
        .newest()
        .whenComplete(
            (newest, failure) -> {
              if (current != generation || awaited != next || !readable()) {
                return;
              }
              if (failure != null) {
                again("The list of snapshots", failure);
              } else if (newest.isPresent() && newest.get().index() >= next) {
                watch.atLeast(newest.get().index());
                load(watch.newest());
              } else {
                nothingMore.run();
              }
            });
  }

  // ---- Snapshots -----------------------------------------------------------------------------

  /** A complete snapshot exists that is newer than those before. */
  void snapshotSeen(SnapshotManifest manifest) {
    if (mode != Mode.TAILING) {
      return;
    }
    if (manifest.index() < next) {
      if (unreadable == null) {
        compare(manifest);
      }
    } else if (unreadable != null) {
      // Covers what could not be read, or it would not have been made after it.
      load(manifest.index());
    } else {
      read();
    }
  }

  private void compare(SnapshotManifest manifest) {
    long index = manifest.index();
    try {
      listener().onManifest(index, manifest);
      since.snapshot(next - 1 - index);
    } catch (CorruptJournalException | RuntimeException differs) {
      stopReading("snapshot " + index + ": " + Failures.reason(differs));
      load(index);
    }
  }

  private void load(long index) {
    stop();
    loader.load(index, Math.min(index, next));
  }

  @Override
  public void onLoaded(long index, SnapshotManifest manifest, byte[] bytes)
      throws CorruptJournalException {
    listener().onSnapshot(index, manifest, bytes);
    loader.forget();
    group.clear();
    next = index + 1;
    since.restart(0);
    if (unreadable != null) {
      LOG.info("Snapshot {} heals what could not be read: {}", index, unreadable);
      unreadable = null;
      listener().onHealed();
    }
    changed.run();
    stop();
    read();
  }

  @Override
  public void onUnusable(long index, String reason) {
    if (unreadable == null) {
      stopReading("snapshot " + index + ": " + reason);
    }
    help.call(index + 1, reason);
  }

  @Override
  public void onVanished() {
    watch.forget();
    var unused = loop.schedule(Duration.ofMillis(100), this::read);
  }

  /** Reads again later, unless that happens anyway when the connection is there again. */
  private void again(String what, Throwable failure) {
    if (!Failures.isConnectionLoss(failure)) {
      LOG.warn("{} could not be read, trying again: {}", what, failure.toString());
      var unused = loop.schedule(Duration.ofSeconds(1), this::read);
    }
  }
}
