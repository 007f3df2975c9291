package io.borealis.scheduler.journal;

import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.journal.JournalStatus.Role;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal on {@link Znodes}: holds what this process is to it, follower, leader or in between,
 * and connects those who do the work: {@link Session}, {@link EntryReader}, {@link Fence}, {@link
 * Appender}, {@link Retention} and {@link Settlement}. All of them are confined to one event loop;
 * the public methods hand over to it and may be called from any thread.
 */
final class LogJournal implements Journal {
  private static final Logger LOG = LoggerFactory.getLogger(LogJournal.class);

  private final JournalLimits limits;
  private final Layout layout;
  private final EventLoop loop;
  private final Znodes znodes;
  private final SnapshotFiles files;
  private final Session session;
  private final SinceSnapshot since = new SinceSnapshot();
  private final SnapshotWatch watch;
  private final HelpCalls help;
  private final EntryReader reader;
  private final Fence fence;

  private @Nullable JournalListener listener;
  private Role role = Role.FOLLOWER;
  private @Nullable Takeover takeover;
  private @Nullable Term term;
  private @Nullable Settlement settlement;
  private boolean stepDownWanted;
  private volatile JournalStatus status;

  LogJournal(JournalSettings settings, EventLoop loop, Clock clock, Znodes znodes) {
    this.limits = settings.limits();
    this.layout = new Layout(settings.root());
    this.loop = loop;
    this.znodes = znodes;
    this.files = new SnapshotFiles(znodes, layout, limits);
    this.session =
        new Session(znodes, layout, new JournalIdentity(settings, layout, znodes), loop, clock);
    this.watch = new SnapshotWatch(znodes, layout, files, session, loop, this::snapshotSeen);
    this.help = new HelpCalls(znodes, layout, session, this::note);
    this.reader =
        new EntryReader(znodes, layout, files, watch, help, session, loop, since, this::note);
    this.fence = new Fence(znodes, layout, session);
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

                @Override
                public void onEpoch(Znodes.Node epoch) {
                  if (role == Role.LEADER && fence.isForeign(epoch)) {
                    depose("somebody else has taken the journal over");
                  }
                }
              });
        });
    return session.started();
  }

  private void ready() {
    help.resume();
    switch (role) {
      case FOLLOWER -> reader.restart();
      case TAKING_OVER -> takeover().resume();
      case LEADER -> {
        help.listen();
        term().resume();
      }
      case SETTLING -> settlement().begin();
    }
  }

  private void expired() {
    switch (role) {
      case FOLLOWER, SETTLING -> {}
      case TAKING_OVER ->
          takeover().fail(new NotAppendedException("The journal's ZooKeeper session has expired"));
      case LEADER -> depose("the journal's ZooKeeper session has expired");
    }
    reader.interrupt();
    watch.expired();
    help.expired();
  }

  // ---- Following ---------------------------------------------------------------------------

  @Override
  public boolean caughtUp() {
    return status.caughtUp();
  }

  @Override
  public CompletionStage<Void> whenCaughtUp() {
    CompletableFuture<Void> result = new CompletableFuture<>();
    loop.execute(() -> reader.whenCaughtUp().thenRun(() -> result.complete(null)));
    return result;
  }

  private void snapshotSeen(SnapshotManifest manifest) {
    reader.snapshotSeen(manifest);
    note();
  }

  private void followAgain() {
    role = Role.FOLLOWER;
    stepDownWanted = false;
    long last = term().lastWholeEntry();
    term = null;
    settlement = null;
    reader.tailAfter(last);
  }

  // ---- Taking over -------------------------------------------------------------------------

  @Override
  public CompletionStage<Long> takeOver(String leaderId) {
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
          } else {
            takeOver(leaderId, result);
          }
        });
    return result;
  }

  private void takeOver(String leaderId, CompletableFuture<Long> result) {
    Takeover attempt = new Takeover(znodes, layout, fence, reader, leaderId);
    role = Role.TAKING_OVER;
    takeover = attempt;
    stepDownWanted = false;
    attempt
        .begin()
        .whenComplete(
            (firstEntry, failure) -> {
              takeover = null;
              if (failure == null) {
                lead(attempt.leaderId(), firstEntry, result);
              } else {
                role = Role.FOLLOWER;
                note();
                result.completeExceptionally(failure);
                reader.tail();
              }
            });
    note();
  }

  private void lead(String leaderId, long firstEntry, CompletableFuture<Long> result) {
    reader.pause();
    Appender appender =
        new Appender(znodes, layout, session, fence, limits.window(), reader.next(), appended());
    Retention retention =
        new Retention(
            files,
            watch,
            since,
            fence,
            limits.maxEntries(),
            firstEntry,
            appender::acked,
            this::note);
    Term begun = new Term(fence, appender, retention, limits.maxNodeBytes());
    role = Role.LEADER;
    term = begun;
    help.listen();
    note();
    begun
        .begin(leaderId)
        .whenComplete(
            (epoch, failure) -> {
              if (failure == null && role == Role.LEADER && begun.equals(term)) {
                LOG.info("Leading the journal with epoch {} after {}", epoch, begun.lastEntry());
                result.complete(epoch);
              } else {
                // An entry that turns out to be there later does not bring leadership back.
                result.completeExceptionally(
                    failure == null
                        ? new NotAppendedException("Leadership was lost as it began")
                        : Failures.unwrapped(failure));
              }
            });
  }

  private Appender.Events appended() {
    return new Appender.Events() {
      @Override
      public void onDurable(int bytes) {
        since.add(bytes);
        note();
      }

      @Override
      public void onLost(String reason) {
        depose(reason);
      }
    };
  }

  // ---- Leading -----------------------------------------------------------------------------

  @Override
  public CompletionStage<Long> append(EntryPayload payload) {
    CompletableFuture<Long> done = new CompletableFuture<>();
    loop.execute(
        () -> {
          if (role == Role.LEADER) {
            term().append(payload, done);
          } else {
            done.completeExceptionally(new NotAppendedException("This process does not lead"));
          }
        });
    return done;
  }

  @Override
  public CompletionStage<Void> writeSnapshot(long index, SnapshotPayload payload) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    loop.execute(
        () -> {
          if (role != Role.LEADER) {
            result.completeExceptionally(new NotAppendedException("This process does not lead"));
            return;
          }
          term()
              .writeSnapshot(index, payload)
              .whenComplete(
                  (done, failure) -> {
                    if (failure == null) {
                      result.complete(null);
                    } else {
                      result.completeExceptionally(Failures.unwrapped(failure));
                    }
                  });
        });
    return result;
  }

  // ---- Ending ------------------------------------------------------------------------------

  private void depose(String reason) {
    LOG.warn("Leadership of the journal is lost: {}", reason);
    Settlement begun = endTerm();
    listener().onDeposed(reason);
    begun.begin();
  }

  private Settlement endTerm() {
    role = Role.SETTLING;
    Settlement begun =
        new Settlement(
            znodes,
            layout,
            session,
            fence,
            files,
            loop,
            term().end(),
            limits.settleTimeout(),
            this::settled);
    settlement = begun;
    note();
    return begun;
  }

  private void settled() {
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
                takeover().fail(new NotAppendedException("This process has stepped down"));
            case LEADER -> endTerm().begin();
            case SETTLING -> {
              if (settlement().done()) {
                followAgain();
              }
            }
          }
        });
  }

  @Override
  public void close() {
    loop.execute(
        () -> {
          if (session.closed()) {
            return;
          }
          session.close();
          if (role == Role.LEADER) {
            endTerm();
          }
          if (settlement != null) {
            settlement.giveUp("the journal is closed");
          }
          note();
        });
  }

  // ---- The rest ----------------------------------------------------------------------------

  @Override
  public String epochPath() {
    return layout.epoch();
  }

  @Override
  public JournalStatus status() {
    return status;
  }

  private JournalListener listener() {
    return held(listener);
  }

  private Takeover takeover() {
    return held(takeover);
  }

  private Term term() {
    return held(term);
  }

  private Settlement settlement() {
    return held(settlement);
  }

  /** What the role says there is. */
  private <T> T held(@Nullable T collaborator) {
    if (collaborator == null) {
      throw new IllegalStateException("Not while " + role);
    }
    return collaborator;
  }

  private void note() {
    status = currentStatus();
  }

  private JournalStatus currentStatus() {
    boolean leading = role == Role.LEADER;
    return new JournalStatus(
        role,
        fence.epoch(),
        term == null ? reader.next() - 1 : term.lastEntry(),
        since.entries(),
        since.bytes(),
        watch.newest(),
        leading && help.wanted() > watch.newest(),
        leading ? term().entries() : 0,
        leading || reader.caughtUp(),
        reader.unreadable(),
        session.lastHeardNanos(),
        znodes.sessionTimeout(),
        session.connected());
  }
}
