package io.borealis.scheduler.journal;

import io.borealis.scheduler.journal.JournalStatus.Role;
import io.borealis.scheduler.runtime.Clock;
import io.borealis.scheduler.runtime.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal on {@link Znodes}: follows, takes over, appends under the fence, settles what is in
 * doubt. All state is confined to one event loop; public methods hand over to it.
 */
final class LogJournal implements Journal {
  private static final Logger LOG = LoggerFactory.getLogger(LogJournal.class);
  private static final int MAX_READ_AHEAD = 64;

  private final JournalLimits limits;
  private final Layout layout;
  private final EventLoop loop;
  private final Clock clock;
  private final Znodes znodes;
  private final SnapshotFiles snapshots;
  private final Session session;

  private final List<CompletableFuture<Void>> caughtUpWaiters = new ArrayList<>();
  private @Nullable JournalListener listener;
  private Role role = Role.FOLLOWER;

  // Following.
  private long next = 1;
  private final List<Frame> group = new ArrayList<>();
  private long generation;
  private boolean reading;
  private int readAhead = 1;
  private boolean caughtUp;
  private @Nullable String unreadable;
  private long newestSnapshot;

  // Leading.
  private long epoch = -1;
  private String leaderId = "";
  private String nonce = "";
  private boolean nonceWritten;
  private @Nullable CompletableFuture<Long> takeover;
  private final Deque<Pending> unsent = new ArrayDeque<>();
  private final Deque<Pending> outstanding = new ArrayDeque<>();
  private long acked;
  private long sendNext;
  private boolean refencing;
  private long firstEntry = 1;
  private boolean stepDownWanted;
  private EventLoop.@Nullable Timer settleTimer;

  private long entriesSinceSnapshot;
  private long bytesSinceSnapshot;
  private volatile JournalStatus status;

  /** One node to append; the last of a payload completes its future. */
  private static final class Pending {
    final byte[] bytes;
    final @Nullable CompletableFuture<Long> done;
    long index;
    long sentNanos;
    boolean answered;

    Pending(byte[] bytes, @Nullable CompletableFuture<Long> done) {
      this.bytes = bytes;
      this.done = done;
    }
  }

  LogJournal(JournalSettings settings, EventLoop loop, Clock clock, Znodes znodes) {
    this.limits = settings.limits();
    this.layout = new Layout(settings.root());
    this.loop = loop;
    this.clock = clock;
    this.znodes = znodes;
    this.snapshots = new SnapshotFiles(znodes, layout, limits);
    this.session =
        new Session(znodes, layout, new JournalIdentity(settings, layout, znodes), loop, clock);
    this.status = currentStatus();
  }

  // ---- Session -----------------------------------------------------------------------------

  @Override
  public CompletionStage<Void> follow(JournalListener receiver) {
    loop.execute(
        () -> {
          listener = receiver;
          session.open(
              new Session.Events() {
                @Override
                public void onReady() {
                  ready();
                }

                @Override
                public void onExpired() {
                  expired();
                }

                @Override
                public void onChanged() {
                  note();
                }
              });
        });
    return session.started();
  }

  private void ready() {
    switch (role) {
      case FOLLOWER -> restartReading();
      case TAKING_OVER -> {
        if (epoch < 0 || !nonceWritten) {
          settleFence();
        } else {
          restartReading();
        }
      }
      case LEADER -> resumeLeading();
      case SETTLING -> settle();
    }
  }

  private void expired() {
    if (role == Role.LEADER) {
      depose("the journal's ZooKeeper session has expired");
    } else if (role == Role.TAKING_OVER) {
      failTakeover(new NotAppendedException("The journal's ZooKeeper session has expired"));
    }
    reading = false;
  }

  // ---- Following -----------------------------------------------------------------------------

  private void restartReading() {
    generation++;
    reading = false;
    watchSnapshots();
    read();
  }

  /** Whether entries are delivered to the listener at present. */
  private boolean readable() {
    return session.ready()
        && unreadable == null
        && (role == Role.FOLLOWER || role == Role.TAKING_OVER);
  }

  private void read() {
    if (reading || !readable()) {
      return;
    }
    reading = true;
    long current = generation;
    int window = readAhead;
    for (int i = 0; i < window; i++) {
      boolean last = i == window - 1;
      long index = next + i;
      znodes
          .get(layout.entry(index))
          .whenComplete((node, failure) -> wasRead(current, index, last, node, failure));
    }
  }

  private void wasRead(
      long current,
      long index,
      boolean last,
      Znodes.@Nullable Node node,
      @Nullable Throwable failure) {
    if (current != generation || !reading) {
      return;
    }
    if (failure != null) {
      reading = false;
      generation++;
      if (Failures.is(failure, Code.NONODE)) {
        readAhead = 1;
        atEnd();
      } else if (!Failures.isConnectionLoss(failure)) {
        LOG.warn("Entry {} could not be read, trying again", index, failure);
        var unused = loop.schedule(Duration.ofSeconds(1), this::read);
      }
      return;
    }
    if (node != null && !deliver(index, node.data())) {
      reading = false;
      generation++;
      return;
    }
    if (last) {
      reading = false;
      readAhead = Math.min(MAX_READ_AHEAD, readAhead * 2);
      read();
    }
  }

  /** Hands an entry to the listener; false when reading must stop. */
  private boolean deliver(long index, byte[] bytes) {
    try {
      Frame frame = Frame.decode(bytes);
      if (frame.kind() == Frame.Kind.TAKEOVER) {
        group.clear();
      } else if (frame.chunks() == 1) {
        group.clear();
        listener()
            .onEntry(
                index, new EntryPayload(frame.first(), frame.last(), frame.codec(), frame.data()));
      } else {
        deliverChunk(index, frame);
      }
    } catch (CorruptJournalException broken) {
      stopReading("entry " + index + ": " + broken.getMessage());
      return false;
    }
    next = index + 1;
    entriesSinceSnapshot++;
    bytesSinceSnapshot += bytes.length;
    note();
    return true;
  }

  private void deliverChunk(long index, Frame frame) throws CorruptJournalException {
    if (frame.chunk() == 0) {
      group.clear();
    } else if (group.size() != frame.chunk() || group.get(0).chunks() != frame.chunks()) {
      throw new CorruptJournalException(
          "it is chunk %d, but %d came before".formatted(frame.chunk(), group.size()));
    }
    if (frame.chunk() < frame.chunks() - 1) {
      group.add(frame);
      return;
    }
    int length = frame.data().length;
    for (Frame part : group) {
      length += part.data().length;
    }
    byte[] whole = new byte[length];
    int at = 0;
    for (Frame part : group) {
      System.arraycopy(part.data(), 0, whole, at, part.data().length);
      at += part.data().length;
    }
    System.arraycopy(frame.data(), 0, whole, at, frame.data().length);
    listener().onEntry(index, new EntryPayload(frame.first(), frame.last(), frame.codec(), whole));
    group.clear();
  }

  private void stopReading(String reason) {
    unreadable = reason;
    caughtUp = false;
    note();
    LOG.error("The journal cannot be read further: {}", reason);
    listener().onUnreadable(reason);
    if (role == Role.TAKING_OVER) {
      failTakeover(new NotAppendedException("The journal cannot be read: " + reason));
    }
  }

  /** The next entry does not exist: wait for it, unless a snapshot shows that it once did. */
  private void atEnd() {
    if (newestSnapshot >= next) {
      load(newestSnapshot);
      return;
    }
    if (role == Role.TAKING_OVER) {
      lookForTruncation();
      return;
    }
    long current = generation;
    znodes
        .exists(layout.entry(next), this::read)
        .whenComplete(
            (exists, failure) -> {
              if (current != generation || failure != null || !readable()) {
                return;
              }
              if (exists) {
                read();
              } else if (newestSnapshot >= next) {
                load(newestSnapshot);
              } else {
                caughtUp = true;
                note();
                List.copyOf(caughtUpWaiters).forEach(waiter -> waiter.complete(null));
                caughtUpWaiters.clear();
              }
            });
  }

  /** A watch may be late; who is about to lead asks. */
  private void lookForTruncation() {
    long current = generation;
    snapshots
        .newest()
        .whenComplete(
            (newest, failure) -> {
              if (current != generation || role != Role.TAKING_OVER) {
                return;
              }
              if (failure != null) {
                if (!Failures.isConnectionLoss(failure)) {
                  failTakeover(new NotAppendedException("Snapshots cannot be listed: " + failure));
                }
              } else if (newest.isPresent() && newest.get().index() >= next) {
                newestSnapshot = newest.get().index();
                load(newestSnapshot);
              } else {
                beginLeading();
              }
            });
  }

  private void watchSnapshots() {
    if (!session.ready()) {
      return;
    }
    znodes
        .children(layout.snapshots(), this::watchSnapshots)
        .whenComplete(
            (names, failure) -> {
              if (failure != null) {
                return;
              }
              List<Long> indexes = Layout.indexes(names);
              if (!indexes.isEmpty() && indexes.get(indexes.size() - 1) > newestSnapshot) {
                awaitManifest(indexes.get(indexes.size() - 1));
              }
            });
  }

  private void awaitManifest(long index) {
    znodes
        .exists(layout.manifest(index), this::watchSnapshots)
        .whenComplete(
            (exists, failure) -> {
              if (failure == null && exists) {
                snapshots
                    .manifest(index)
                    .whenComplete((manifest, error) -> manifestSeen(index, manifest, error));
              } else if (failure == null) {
                // An attempt that was given up may hide an older, complete one.
                snapshots
                    .newest()
                    .whenComplete(
                        (newest, error) -> {
                          if (error == null && newest.isPresent()) {
                            manifestSeen(newest.get().index(), newest.get(), null);
                          }
                        });
              }
            });
  }

  private void manifestSeen(
      long index, @Nullable SnapshotManifest manifest, @Nullable Throwable failure) {
    if (failure != null || manifest == null || index <= newestSnapshot) {
      return;
    }
    newestSnapshot = index;
    if (role != Role.FOLLOWER) {
      note();
      return;
    }
    if (unreadable != null) {
      // Covers what could not be read, or it would not have been made after it.
      if (index >= next) {
        load(index);
      }
    } else if (index >= next) {
      if (!reading) {
        read();
      }
    } else {
      compare(index, manifest);
    }
    note();
  }

  private void compare(long index, SnapshotManifest manifest) {
    try {
      listener().onManifest(index, manifest);
      entriesSinceSnapshot = next - 1 - index;
    } catch (CorruptJournalException differs) {
      LOG.error("This State differs from snapshot {}: {}", index, differs.getMessage());
      stopReading("snapshot " + index + ": " + differs.getMessage());
      load(index);
    }
  }

  private void load(long index) {
    long current = ++generation;
    reading = false;
    snapshots
        .load(index)
        .whenComplete(
            (loaded, failure) -> {
              if (current != generation) {
                return;
              }
              if (failure != null) {
                loadFailed(index, failure);
                return;
              }
              try {
                listener().onSnapshot(index, loaded.manifest(), loaded.bytes());
              } catch (CorruptJournalException broken) {
                loadFailed(index, broken);
                return;
              }
              group.clear();
              next = index + 1;
              entriesSinceSnapshot = 0;
              bytesSinceSnapshot = 0;
              if (unreadable != null) {
                LOG.info("Snapshot {} heals what could not be read: {}", index, unreadable);
                unreadable = null;
                listener().onHealed();
              }
              note();
              read();
            });
  }

  private void loadFailed(long index, Throwable failure) {
    Throwable cause = Failures.unwrapped(failure);
    if (cause instanceof CorruptJournalException) {
      if (unreadable == null) {
        stopReading("snapshot " + index + ": " + cause.getMessage());
      }
    } else if (Failures.is(cause, Code.NONODE)) {
      // Deleted under the read: there is a newer one.
      newestSnapshot = 0;
      watchSnapshots();
      var unused = loop.schedule(Duration.ofMillis(100), this::read);
    } else if (!Failures.isConnectionLoss(cause)) {
      LOG.warn("Snapshot {} could not be read, trying again", index, cause);
      var unused = loop.schedule(Duration.ofSeconds(1), this::read);
    }
  }

  @Override
  public boolean caughtUp() {
    return status.caughtUp();
  }

  @Override
  public CompletionStage<Void> whenCaughtUp() {
    CompletableFuture<Void> result = new CompletableFuture<>();
    loop.execute(
        () -> {
          if (caughtUp && unreadable == null) {
            result.complete(null);
          } else {
            caughtUpWaiters.add(result);
          }
        });
    return result;
  }

  // ---- Taking over ---------------------------------------------------------------------------

  @Override
  public CompletionStage<Long> takeOver(String id) {
    CompletableFuture<Long> result = new CompletableFuture<>();
    loop.execute(
        () -> {
          if (role != Role.FOLLOWER || unreadable != null || !session.established()) {
            result.completeExceptionally(
                new NotAppendedException(
                    unreadable != null
                        ? "The journal cannot be read: " + unreadable
                        : "The journal is " + role));
            return;
          }
          role = Role.TAKING_OVER;
          leaderId = id;
          takeover = result;
          stepDownWanted = false;
          generation++;
          reading = false;
          caughtUp = false;
          nonceWritten = false;
          nonce = UUID.randomUUID().toString();
          note();
          if (session.connected()) {
            fence();
          }
        });
    return result;
  }

  private byte[] epochData() {
    return Layout.text(leaderId + "\n" + nonce + "\n");
  }

  private boolean isOurs(byte[] data) {
    return Layout.text(data).lines().skip(1).findFirst().orElse("").equals(nonce);
  }

  private void fence() {
    znodes
        .set(layout.epoch(), epochData(), -1)
        .whenComplete(
            (version, failure) -> {
              if (role != Role.TAKING_OVER || nonceWritten) {
                return;
              }
              if (failure == null) {
                fenced(version);
              } else if (!Failures.isConnectionLoss(failure)) {
                failTakeover(new NotAppendedException("Cannot fence: " + failure.getMessage()));
              } // Otherwise: settled when connected.
            });
  }

  private void settleFence() {
    znodes
        .get(layout.epoch())
        .whenComplete(
            (node, failure) -> {
              if (role != Role.TAKING_OVER || nonceWritten || failure != null) {
                return;
              }
              if (isOurs(node.data())) {
                fenced(node.version());
              } else {
                fence();
              }
            });
  }

  private void fenced(int version) {
    nonceWritten = true;
    epoch = version;
    note();
    restartReading();
  }

  private void failTakeover(Exception reason) {
    CompletableFuture<Long> waiting = takeover;
    takeover = null;
    role = Role.FOLLOWER;
    nonceWritten = false;
    generation++;
    reading = false;
    note();
    if (waiting != null) {
      waiting.completeExceptionally(reason);
    }
    read();
  }

  /** Everything is read and nobody else can append any more. */
  private void beginLeading() {
    long current = generation;
    znodes
        .children(layout.entries(), null)
        .whenComplete(
            (names, failure) -> {
              if (current != generation || role != Role.TAKING_OVER) {
                return;
              }
              if (failure != null) {
                if (!Failures.isConnectionLoss(failure)) {
                  failTakeover(new NotAppendedException("Cannot list entries: " + failure));
                }
                return;
              }
              List<Long> indexes = Layout.indexes(names);
              firstEntry = indexes.isEmpty() ? next : indexes.get(0);
              lead();
            });
  }

  private void lead() {
    role = Role.LEADER;
    group.clear();
    acked = next - 1;
    sendNext = next;
    refencing = false;
    CompletableFuture<Long> mark = new CompletableFuture<>();
    CompletionStage<Long> marked = mark;
    marked.whenComplete(
        (index, failure) -> {
          CompletableFuture<Long> waiting = takeover;
          takeover = null;
          if (waiting == null) {
            return;
          }
          if (failure == null) {
            LOG.info("Leading the journal with epoch {} after entry {}", epoch, index);
            waiting.complete(epoch);
          } else {
            waiting.completeExceptionally(failure);
          }
        });
    unsent.add(new Pending(Frame.takeover(leaderId, epoch).encode(), mark));
    note();
    pump();
  }

  // ---- Appending -----------------------------------------------------------------------------

  @Override
  public CompletionStage<Long> append(EntryPayload payload) {
    CompletableFuture<Long> done = new CompletableFuture<>();
    loop.execute(() -> enqueue(payload, done));
    return done;
  }

  private void enqueue(EntryPayload payload, CompletableFuture<Long> done) {
    if (role != Role.LEADER || session.closed()) {
      done.completeExceptionally(new NotAppendedException("This process does not lead"));
      return;
    }
    List<Frame> frames = Frame.of(payload, epoch, limits.maxNodeBytes());
    if (entryCount() + unsent.size() + frames.size() > limits.maxEntries()) {
      done.completeExceptionally(
          new JournalFullException(
              "%d entries wait for a snapshot, the limit is %d"
                  .formatted(entryCount(), limits.maxEntries())));
      return;
    }
    for (int i = 0; i < frames.size(); i++) {
      unsent.add(new Pending(frames.get(i).encode(), i == frames.size() - 1 ? done : null));
    }
    pump();
  }

  private long entryCount() {
    return Math.max(0, sendNext - firstEntry);
  }

  private void pump() {
    while (role == Role.LEADER
        && session.connected()
        && !refencing
        && outstanding.size() < limits.window()
        && !unsent.isEmpty()) {
      Pending pending = unsent.remove();
      pending.index = sendNext++;
      pending.answered = false;
      pending.sentNanos = clock.nanoTime();
      outstanding.add(pending);
      String previous = pending.index == 1 ? layout.entries() : layout.entry(pending.index - 1);
      znodes
          .multi(
              List.of(
                  Op.check(layout.epoch(), (int) epoch),
                  Op.check(previous, -1),
                  znodes.createOp(layout.entry(pending.index), pending.bytes)))
          .whenComplete((done, failure) -> answered(pending, failure));
    }
  }

  private void answered(Pending pending, @Nullable Throwable failure) {
    pending.answered = true;
    if (role != Role.LEADER || session.closed()) {
      return;
    }
    if (failure == null) {
      if (outstanding.peekFirst() == pending && !refencing) {
        outstanding.removeFirst();
        confirm(pending);
        pump();
      } // Otherwise what came before is in doubt; reading back settles this one too.
    } else if (Failures.isConnectionLoss(failure) || Failures.is(failure, Code.NODEEXISTS)) {
      refencing = true;
      resumeLeading();
    } else if (refencing) {
      resumeLeading();
    } else {
      depose(
          Failures.is(failure, Code.BADVERSION)
              ? "another process has taken over the journal"
              : "an append failed: " + failure.getMessage());
    }
  }

  private void confirm(Pending pending) {
    acked = pending.index;
    next = acked + 1;
    entriesSinceSnapshot++;
    bytesSinceSnapshot += pending.bytes.length;
    var unused = session.heard(pending.sentNanos);
    note();
    if (pending.done != null) {
      pending.done.complete(pending.index);
    }
  }

  /** After a loss of connection: fence again behind all that was sent, read back, go on. */
  private void resumeLeading() {
    if (!outstanding.isEmpty() && !refencing) {
      refencing = outstanding.stream().anyMatch(p -> p.answered);
    }
    if (!session.connected() || outstanding.stream().anyMatch(p -> !p.answered)) {
      return;
    }
    if (!refencing) {
      pump();
      return;
    }
    refence();
  }

  private void refence() {
    long was = epoch;
    znodes
        .set(layout.epoch(), epochData(), (int) was)
        .whenComplete(
            (version, failure) -> {
              if (role != Role.LEADER || epoch != was) {
                return;
              }
              if (failure == null) {
                epoch = version;
                readBack();
              } else if (Failures.is(failure, Code.BADVERSION)) {
                recognise();
              } else if (!Failures.isConnectionLoss(failure)) {
                depose("it could not be fenced again: " + failure.getMessage());
              } // Otherwise: again when connected.
            });
  }

  /** The epoch has moved: by our own attempt that was in doubt, or by another leader. */
  private void recognise() {
    znodes
        .sync(layout.epoch())
        .thenCompose(done -> znodes.get(layout.epoch()))
        .whenComplete(
            (node, failure) -> {
              if (role != Role.LEADER || failure != null) {
                return;
              }
              if (isOurs(node.data())) {
                epoch = node.version();
                readBack();
              } else {
                depose("another process has taken over the journal");
              }
            });
  }

  private void readBack() {
    Pending first = outstanding.peekFirst();
    if (first == null) {
      refencing = false;
      pump();
      return;
    }
    long current = epoch;
    znodes
        .get(layout.entry(first.index))
        .whenComplete(
            (node, failure) -> {
              if (role != Role.LEADER || epoch != current || outstanding.peekFirst() != first) {
                return;
              }
              if (failure == null && Arrays.equals(node.data(), first.bytes)) {
                outstanding.removeFirst();
                confirm(first);
                readBack();
              } else if (failure == null) {
                depose("entry " + first.index + " is another's");
              } else if (Failures.is(failure, Code.NONODE)) {
                sendAgain();
              } else if (!Failures.isConnectionLoss(failure)) {
                depose("entry " + first.index + " cannot be read: " + failure.getMessage());
              } // Otherwise: again when connected.
            });
  }

  private void sendAgain() {
    while (!outstanding.isEmpty()) {
      unsent.addFirst(outstanding.removeLast());
    }
    sendNext = acked + 1;
    refencing = false;
    pump();
  }

  // ---- Ending --------------------------------------------------------------------------------

  private void depose(String reason) {
    LOG.warn("Leadership of the journal is lost: {}", reason);
    beginSettling();
    listener().onDeposed(reason);
    settle();
  }

  private void beginSettling() {
    role = Role.SETTLING;
    refencing = false;
    for (Pending pending : unsent) {
      fail(pending, new NotAppendedException("This process does not lead any more"));
    }
    unsent.clear();
    settleTimer = loop.schedule(limits.settleTimeout(), this::giveUpSettling);
    note();
  }

  /**
   * Finds out what became of appends in doubt: once the epoch is another one they cannot be applied
   * any more, and what is there now is all there will be.
   */
  private void settle() {
    if (role != Role.SETTLING) {
      return;
    }
    if (outstanding.isEmpty()) {
      settled();
      return;
    }
    if (!session.connected()) {
      return;
    }
    // Another nonce: what was sent under the old one must not be taken for still possible.
    nonce = UUID.randomUUID().toString();
    znodes
        .set(layout.epoch(), epochData(), (int) epoch)
        .whenComplete(
            (version, failure) -> {
              if (role == Role.SETTLING
                  && (failure == null || Failures.is(failure, Code.BADVERSION))) {
                // A follower may lag behind the server that told us of the new epoch.
                znodes
                    .sync(layout.entries())
                    .whenComplete(
                        (done, error) -> {
                          if (error == null) {
                            settleNext();
                          }
                        });
              } // Otherwise: again when connected.
            });
  }

  private void settleNext() {
    Pending first = outstanding.peekFirst();
    if (role != Role.SETTLING || first == null) {
      if (role == Role.SETTLING) {
        settled();
      }
      return;
    }
    znodes
        .get(layout.entry(first.index))
        .whenComplete(
            (node, failure) -> {
              if (role != Role.SETTLING || outstanding.peekFirst() != first) {
                return;
              }
              if (failure == null && Arrays.equals(node.data(), first.bytes)) {
                outstanding.removeFirst();
                if (first.done != null) {
                  first.done.complete(first.index);
                }
                settleNext();
              } else if (failure == null || Failures.is(failure, Code.NONODE)) {
                if (failure != null && newestSnapshot >= first.index) {
                  // Gone because a snapshot holds it, or something else at this index.
                  giveUpSettling();
                  return;
                }
                outstanding.forEach(
                    p -> fail(p, new NotAppendedException("Another leader has taken over before")));
                outstanding.clear();
                settled();
              }
            });
  }

  private void giveUpSettling() {
    if (role == Role.SETTLING) {
      outstanding.forEach(
          p -> fail(p, new OutcomeUnknownException("the journal could not be read in time")));
      outstanding.clear();
      settled();
    }
  }

  private static void fail(Pending pending, JournalException reason) {
    if (pending.done != null) {
      pending.done.completeExceptionally(reason);
    }
  }

  private void settled() {
    if (settleTimer != null) {
      settleTimer.cancel();
      settleTimer = null;
    }
    if (stepDownWanted) {
      followAgain();
    }
  }

  @Override
  public void stepDown() {
    loop.execute(
        () -> {
          stepDownWanted = true;
          switch (role) {
            case FOLLOWER -> {}
            case TAKING_OVER ->
                failTakeover(new NotAppendedException("This process has stepped down"));
            case LEADER -> {
              beginSettling();
              settle();
            }
            case SETTLING -> {
              if (outstanding.isEmpty()) {
                followAgain();
              }
            }
          }
        });
  }

  private void followAgain() {
    role = Role.FOLLOWER;
    stepDownWanted = false;
    next = acked + 1;
    group.clear();
    readAhead = 1;
    caughtUp = false;
    note();
    restartReading();
  }

  // ---- Snapshots -----------------------------------------------------------------------------

  @Override
  public CompletionStage<Void> writeSnapshot(long index, SnapshotPayload payload) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    loop.execute(
        () -> {
          if (role != Role.LEADER) {
            result.completeExceptionally(new NotAppendedException("This process does not lead"));
            return;
          }
          snapshots
              .write(index, payload, (int) epoch)
              .whenComplete(
                  (done, failure) -> {
                    if (failure != null) {
                      result.completeExceptionally(Failures.unwrapped(failure));
                      return;
                    }
                    snapshotWritten(index);
                    result.complete(null);
                  });
        });
    return result;
  }

  private void snapshotWritten(long index) {
    newestSnapshot = Math.max(newestSnapshot, index);
    entriesSinceSnapshot = Math.max(0, acked - index);
    bytesSinceSnapshot = 0;
    note();
    snapshots
        .truncate(firstEntry, acked, (int) epoch)
        .whenComplete(
            (first, failure) -> {
              if (failure == null) {
                firstEntry = Math.max(firstEntry, first);
                note();
              } else {
                LOG.warn("Old entries remain until the next snapshot", failure);
              }
            });
  }

  // ---- The rest ------------------------------------------------------------------------------

  @Override
  public String epochPath() {
    return layout.epoch();
  }

  @Override
  public JournalStatus status() {
    return status;
  }

  @Override
  public void close() {
    loop.execute(
        () -> {
          if (session.closed()) {
            return;
          }
          unsent.forEach(p -> fail(p, new NotAppendedException("The journal is closed")));
          outstanding.forEach(p -> fail(p, new OutcomeUnknownException("the journal is closed")));
          unsent.clear();
          outstanding.clear();
          session.close();
          note();
        });
  }

  private JournalListener listener() {
    if (listener == null) {
      throw new IllegalStateException("Nobody follows");
    }
    return listener;
  }

  private void note() {
    status = currentStatus();
  }

  private JournalStatus currentStatus() {
    return new JournalStatus(
        role,
        epoch,
        role == Role.LEADER ? acked : next - 1,
        entriesSinceSnapshot,
        bytesSinceSnapshot,
        newestSnapshot,
        role == Role.LEADER ? entryCount() : 0,
        caughtUp || role == Role.LEADER,
        Optional.ofNullable(unreadable),
        session.lastHeardNanos(),
        znodes.sessionTimeout(),
        session.connected());
  }
}
