package io.borealis.scheduler.journal;

import io.borealis.scheduler.journal.JournalStatus.Role;
import io.borealis.scheduler.runtime.Clock;
import io.borealis.scheduler.runtime.EventLoop;
import java.util.ArrayDeque;
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
  private final JournalLimits limits;
  private final Layout layout;
  private final EventLoop loop;
  private final Clock clock;
  private final Znodes znodes;
  private final SnapshotFiles snapshots;
  private final Session session;
  private final SinceSnapshot since = new SinceSnapshot();
  private final SnapshotWatch watch;
  private final EntryReader reader;

  private @Nullable JournalListener listener;
  private Role role = Role.FOLLOWER;

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
    this.watch = new SnapshotWatch(znodes, layout, snapshots, session, this::snapshotSeen);
    this.reader =
        new EntryReader(znodes, layout, snapshots, watch, session, loop, since, this::note);
    this.status = currentStatus();
  }

  // ---- Session -----------------------------------------------------------------------------

  @Override
  public CompletionStage<Void> follow(JournalListener receiver) {
    loop.execute(
        () -> {
          listener = receiver;
          reader.deliverTo(receiver);
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
      case FOLLOWER -> reader.restart();
      case TAKING_OVER -> {
        if (epoch < 0 || !nonceWritten) {
          settleFence();
        } else {
          readTheRest();
        }
      }
      case LEADER -> resumeLeading();
      case SETTLING -> settle();
    }
  }

  private void snapshotSeen(SnapshotManifest manifest) {
    reader.snapshotSeen(manifest);
    note();
  }

  private void expired() {
    if (role == Role.LEADER) {
      depose("the journal's ZooKeeper session has expired");
    } else if (role == Role.TAKING_OVER) {
      failTakeover(new NotAppendedException("The journal's ZooKeeper session has expired"));
    }
    reader.interrupt();
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
          reader.whenCaughtUp().thenRun(() -> result.complete(null));
        });
    return result;
  }

  // ---- Taking over ---------------------------------------------------------------------------

  @Override
  public CompletionStage<Long> takeOver(String id) {
    CompletableFuture<Long> result = new CompletableFuture<>();
    loop.execute(
        () -> {
          Optional<String> unreadable = reader.unreadable();
          if (role != Role.FOLLOWER || unreadable.isPresent() || !session.established()) {
            result.completeExceptionally(
                new NotAppendedException(
                    unreadable
                        .map(reason -> "The journal cannot be read: " + reason)
                        .orElse("The journal is " + role)));
            return;
          }
          role = Role.TAKING_OVER;
          leaderId = id;
          takeover = result;
          stepDownWanted = false;
          reader.pause();
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
    readTheRest();
  }

  private void failTakeover(Exception reason) {
    CompletableFuture<Long> waiting = takeover;
    takeover = null;
    role = Role.FOLLOWER;
    nonceWritten = false;
    note();
    if (waiting != null) {
      waiting.completeExceptionally(reason);
    }
    reader.tail();
  }

  private void readTheRest() {
    CompletableFuture<Long> current = takeover;
    reader
        .drain()
        .thenCompose(done -> znodes.children(layout.entries(), null))
        .whenComplete(
            (names, failure) -> {
              if (takeover != current || role != Role.TAKING_OVER) {
                return;
              }
              if (failure == null) {
                List<Long> indexes = Layout.indexes(names);
                firstEntry = indexes.isEmpty() ? reader.next() : indexes.get(0);
                lead();
              } else if (Failures.unwrapped(failure) instanceof NotAppendedException unreadable) {
                failTakeover(unreadable);
              } else if (!Failures.isConnectionLoss(failure)) {
                failTakeover(new NotAppendedException("Cannot list entries: " + failure));
              } // Otherwise: again when connected.
            });
  }

  private void lead() {
    role = Role.LEADER;
    reader.pause();
    acked = reader.next() - 1;
    sendNext = acked + 1;
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
    since.add(pending.bytes.length);
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
                if (failure != null && watch.newest() >= first.index) {
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
    reader.tailFrom(acked + 1);
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
    watch.atLeast(index);
    since.restart(Math.max(0, acked - index));
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
        role == Role.FOLLOWER || role == Role.TAKING_OVER ? reader.next() - 1 : acked,
        since.entries(),
        since.bytes(),
        watch.newest(),
        role == Role.LEADER ? entryCount() : 0,
        reader.caughtUp() || role == Role.LEADER,
        reader.unreadable(),
        session.lastHeardNanos(),
        znodes.sessionTimeout(),
        session.connected());
  }
}
