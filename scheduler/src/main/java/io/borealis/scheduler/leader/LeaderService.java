package io.borealis.scheduler.leader;

import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.journal.Journal;
import io.borealis.scheduler.store.Replica;
import io.borealis.thrift.MemberEntry;
import io.borealis.thrift.MemberEntry.Endpoint;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a process from standby to leader and back. All decisions are confined to the leader loop;
 * {@link #state}, {@link #candidate} and {@link #leading} may be read from any thread.
 *
 * <p>Losing leadership at any point leads back to standby. Only a step-down that does not finish in
 * time ends the process.
 */
public final class LeaderService {
  private static final Logger LOG = LoggerFactory.getLogger(LeaderService.class);

  /** How long a step-down waits for writes in flight, and for its entry to be removed. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** How long a candidate that has won may take until it is active. */
  private static final Duration TAKEOVER_LIMIT = Duration.ofMinutes(1);

  /** How long the entry may differ from what it should be before it is written again. */
  private static final Duration ENTRY_GRACE = Duration.ofSeconds(1);

  /** What this process is called and where it is found. Immutable. */
  public record Identity(String leaderId, Endpoint endpoint, String endpointName) {}

  /** Told of each change, on the leader loop. */
  public interface Listener {
    /** The state changed. */
    void onState(LifecycleState state);
  }

  private final Identity identity;
  private final EventLoop loop;
  private final Election election;
  private final Advertising advertising;
  private final Journal journal;
  private final Term.Factory terms;
  private final Duration stepDownLimit;
  private final Listener listener;
  private final Consumer<String> onStuck;

  private volatile LifecycleState state = LifecycleState.IDLE;
  private volatile Election.@Nullable Candidacy candidacy;

  // Confined to the loop.
  private @Nullable Term term;
  private @Nullable String entry;
  private int epoch;
  private long attempt;
  private int failedTerms;
  private boolean readable = true;
  private boolean checkingEntry;
  private boolean stopping;
  private @Nullable CompletionStage<Void> ending;

  /**
   * @param stepDownLimit how long a step-down may take before {@code onStuck} ends the process
   */
  public LeaderService(
      Identity identity,
      EventLoop loop,
      Election election,
      Advertising advertising,
      Journal journal,
      Replica replica,
      Term.Factory terms,
      Duration stepDownLimit,
      Listener listener,
      Consumer<String> onStuck) {
    this.identity = identity;
    this.loop = loop;
    this.election = election;
    this.advertising = advertising;
    this.journal = journal;
    this.terms = terms;
    this.stepDownLimit = stepDownLimit;
    this.listener = listener;
    this.onStuck = onStuck;
    advertising.onChange(() -> loop.execute(this::checkEntry));
    replica.observe(
        new Replica.Observer() {
          @Override
          public void onDeposed(String reason) {
            stepDown(reason);
          }

          @Override
          public void onUnreadable(String reason) {
            loop.execute(() -> leaveElection(reason));
          }

          @Override
          public void onHealed() {
            loop.execute(LeaderService.this::rejoin);
          }
        });
  }

  /** The state now. */
  public LifecycleState state() {
    return state;
  }

  /** Whether this process stands in the election, or won it. */
  public boolean candidate() {
    return candidacy != null;
  }

  /** Whether this process leads: its own state and the advertised entry agree. */
  public boolean leading() {
    return state == LifecycleState.ACTIVE && isAdvertised();
  }

  private boolean isAdvertised() {
    return advertising.leader().map(identity.endpoint()::equals).orElse(false);
  }

  // ---- Standing by -----------------------------------------------------------------------------

  /** Begins: stands as a candidate once the journal is caught up. */
  public void start() {
    loop.execute(
        () -> {
          enter(LifecycleState.PREPARING_STORAGE);
          whenCaughtUp(
              () -> {
                if (state == LifecycleState.PREPARING_STORAGE) {
                  enter(LifecycleState.STORAGE_PREPARED);
                  stand();
                }
              });
        });
  }

  private void whenCaughtUp(Runnable action) {
    journal.whenCaughtUp().thenRun(() -> loop.execute(action));
  }

  /** Stands as a candidate, unless it does already or may not at present. */
  private void stand() {
    if (state != LifecycleState.STORAGE_PREPARED
        || !readable
        || stopping
        || ending != null
        || candidacy != null) {
      return;
    }
    long current = ++attempt;
    candidacy =
        election.stand(
            new Election.Listener() {
              @Override
              public void onElected() {
                loop.execute(() -> elected(current));
              }

              @Override
              public void onDefeated(String reason) {
                loop.execute(() -> fall(current, reason));
              }
            });
  }

  private void leaveElection(String reason) {
    LOG.error("Leaving the election: {}", reason);
    readable = false;
    if (state == LifecycleState.STORAGE_PREPARED) {
      attempt++;
      Election.Candidacy held = candidacy;
      candidacy = null;
      if (held != null) {
        var unused = held.withdraw();
      }
    }
  }

  private void rejoin() {
    if (!readable) {
      LOG.info("The journal is readable again");
      readable = true;
      whenCaughtUp(this::stand);
    }
  }

  // ---- Becoming the leader ---------------------------------------------------------------------

  private void elected(long current) {
    if (current != attempt || state != LifecycleState.STORAGE_PREPARED) {
      return;
    }
    LOG.info("Elected, taking over the journal");
    enter(LifecycleState.LEADER_AWAITING_REGISTRATION);
    var unused =
        loop.schedule(
            TAKEOVER_LIMIT,
            () -> {
              if (awaits(current)) {
                fall("it did not become active in time");
              }
            });
    journal
        .takeOver(identity.leaderId())
        .whenComplete((done, failure) -> loop.execute(() -> tookOver(current, done, failure)));
  }

  private boolean awaits(long current) {
    return current == attempt && state == LifecycleState.LEADER_AWAITING_REGISTRATION;
  }

  private void tookOver(long current, @Nullable Long fence, @Nullable Throwable failure) {
    if (!awaits(current)) {
      return;
    }
    if (failure != null || fence == null) {
      fall("the journal could not be taken over: " + failure);
      return;
    }
    epoch = Math.toIntExact(fence);
    try {
      Term next = terms.create(fence, reason -> loop.execute(() -> fall(current, reason)));
      term = next;
      next.activate().whenComplete((done, error) -> loop.execute(() -> activated(current, error)));
    } catch (RuntimeException | Error broken) {
      LOG.error("The leader's components could not be built", broken);
      fall("its components could not be built: " + broken);
    }
  }

  private void activated(long current, @Nullable Throwable failure) {
    if (!awaits(current)) {
      return;
    }
    if (failure != null) {
      LOG.error("The leader's components could not be started", failure);
      fall("its components could not be started: " + failure);
      return;
    }
    enter(LifecycleState.ACTIVE);
    advertise(current);
  }

  private void advertise(long current) {
    advertising
        .advertise(
            MemberEntry.alive(identity.endpoint(), identity.endpointName()),
            entry,
            journal.epochPath(),
            epoch)
        .whenComplete((path, failure) -> loop.execute(() -> advertised(current, path, failure)));
  }

  private void advertised(long current, @Nullable String path, @Nullable Throwable failure) {
    if (current != attempt || state != LifecycleState.ACTIVE) {
      if (path != null) {
        var unused = advertising.withdraw(path);
      }
    } else if (failure == null) {
      entry = path;
      failedTerms = 0;
      LOG.info("Leading at {}", identity.endpoint());
      checkEntry();
    } else if (entry == null) {
      fall("it could not advertise itself: " + failure.getMessage());
    } else {
      LOG.warn("The entry could not be renewed", failure);
      checkEntry();
    }
  }

  /** An entry that somebody removed, or beside which another came, would leave clients lost. */
  private void checkEntry() {
    if (entry == null || isAdvertised() || checkingEntry) {
      return;
    }
    checkingEntry = true;
    long current = attempt;
    var unused =
        loop.schedule(
            ENTRY_GRACE,
            () -> {
              checkingEntry = false;
              if (current == attempt && entry != null && !isAdvertised()) {
                advertise(current);
              }
            });
  }

  // ---- Stepping down ---------------------------------------------------------------------------

  /** Ends the term, if there is one, and stands by again. Any thread may call. */
  public void stepDown(String reason) {
    loop.execute(() -> fall(reason));
  }

  private void fall(long current, String reason) {
    if (current == attempt) {
      fall(reason);
    }
  }

  private void fall(String reason) {
    if (state == LifecycleState.ACTIVE || state == LifecycleState.LEADER_AWAITING_REGISTRATION) {
      LOG.warn("Stepping down: {}", reason);
      Duration pause = pauseAfterTerm();
      end(reason).thenRun(() -> loop.schedule(pause, () -> whenCaughtUp(this::stand)));
    }
  }

  /** A term that never came to lead may fail again: others go first, and ZooKeeper has a rest. */
  private Duration pauseAfterTerm() {
    failedTerms = entry == null ? Math.min(failedTerms + 1, 5) : 0;
    return failedTerms == 0 ? Duration.ZERO : Duration.ofSeconds(1L << (failedTerms - 1));
  }

  /**
   * Refuses writes, flushes, removes the entry, releases the latch; completes, always well, on the
   * loop.
   */
  private CompletionStage<Void> end(String reason) {
    attempt++;
    Term last = term;
    String path = entry;
    Election.Candidacy held = candidacy;
    term = null;
    entry = null;
    candidacy = null;
    enter(LifecycleState.STORAGE_PREPARED);
    EventLoop.Timer stuck =
        loop.schedule(
            stepDownLimit, () -> onStuck.accept("stepping down did not finish: " + reason));
    CompletionStage<Void> drained = last == null ? done() : within(PATIENCE, last.drain(reason));
    CompletableFuture<Void> ended = new CompletableFuture<>();
    ending = ended;
    drained
        .thenCompose(
            flushed -> {
              close(last);
              journal.stepDown();
              return path == null ? done() : within(PATIENCE, advertising.withdraw(path));
            })
        .thenCompose(removed -> held == null ? done() : held.withdraw())
        .thenRun(
            () ->
                loop.execute(
                    () -> {
                      stuck.cancel();
                      ending = null;
                      ended.complete(null);
                    }));
    return ended;
  }

  private static void close(@Nullable Term term) {
    if (term != null) {
      try {
        term.close();
      } catch (RuntimeException failure) {
        LOG.error("The leader's components could not be closed", failure);
      }
    }
  }

  private static CompletionStage<Void> done() {
    return CompletableFuture.completedFuture(null);
  }

  /**
   * Completes on the loop with the work or once its time is over, however it ended. A leader cut
   * off from ZooKeeper can neither flush nor remove its entry, and has to stand by all the same:
   * the journal's fence and the end of its session do the rest.
   */
  private CompletionStage<Void> within(Duration limit, CompletionStage<Void> work) {
    CompletableFuture<Void> over = new CompletableFuture<>();
    EventLoop.Timer timer = loop.schedule(limit, () -> over.complete(null));
    work.whenComplete(
        (value, failure) ->
            loop.execute(
                () -> {
                  timer.cancel();
                  over.complete(null);
                }));
    return over;
  }

  /** Hands over if leading and stands no more; completes when that is done. */
  public CompletionStage<Void> stop() {
    CompletableFuture<Void> stopped = new CompletableFuture<>();
    loop.execute(
        () -> {
          stopping = true;
          CompletionStage<Void> before = ending == null ? done() : ending;
          before
              .thenCompose(ended -> end("shutting down"))
              .thenRun(
                  () -> {
                    enter(LifecycleState.DEAD);
                    stopped.complete(null);
                  });
        });
    return stopped;
  }

  private void enter(LifecycleState next) {
    if (state != next) {
      state = next;
      listener.onState(next);
    }
  }
}
