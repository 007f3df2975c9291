package io.borealis.scheduler.leader;

import io.borealis.scheduler.journal.Journal;
import io.borealis.scheduler.leader.MemberEntry.Endpoint;
import io.borealis.scheduler.runtime.EventLoop;
import io.borealis.scheduler.store.Replica;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.leader.LeaderLatchListener;
import org.apache.curator.framework.state.ConnectionState;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a process from standby to leader and back. All state is confined to the leader loop;
 * blocking ZooKeeper calls run on a pool; {@link #state} may be read from any thread.
 *
 * <p>Losing leadership at any point leads back to standby. Only a step-down that does not finish in
 * time ends the process.
 */
public final class LeaderService {
  private static final Logger LOG = LoggerFactory.getLogger(LeaderService.class);

  /** How long a step-down waits for writes in flight, and for its entry to be removed. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** What this process is called and where it is found. Immutable. */
  public record Identity(
      String leaderId, Endpoint endpoint, String endpointName, String serversetPath) {}

  /** Told of each change, on the leader loop. */
  public interface Listener {
    /** The state changed. */
    void onState(LifecycleState state);
  }

  private final Identity identity;
  private final EventLoop loop;
  private final Executor blocking;
  private final CuratorFramework curator;
  private final Discovery discovery;
  private final Journal journal;
  private final Term.Factory terms;
  private final Duration stepDownLimit;
  private final Listener listener;
  private final Consumer<String> onStuck;

  private volatile LifecycleState state = LifecycleState.IDLE;
  private volatile @Nullable LeaderLatch latch;

  // Confined to the loop.
  private @Nullable Term term;
  private @Nullable String memberPath;
  private long attempt;
  private boolean readable = true;
  private boolean stopping;

  /**
   * @param blocking runs calls that wait for ZooKeeper
   * @param stepDownLimit how long a step-down may take before {@code onStuck} ends the process
   */
  public LeaderService(
      Identity identity,
      EventLoop loop,
      Executor blocking,
      CuratorFramework curator,
      Discovery discovery,
      Journal journal,
      Replica replica,
      Term.Factory terms,
      Duration stepDownLimit,
      Listener listener,
      Consumer<String> onStuck) {
    this.identity = identity;
    this.loop = loop;
    this.blocking = blocking;
    this.curator = curator;
    this.discovery = discovery;
    this.journal = journal;
    this.terms = terms;
    this.stepDownLimit = stepDownLimit;
    this.listener = listener;
    this.onStuck = onStuck;
    replica.observe(
        new Replica.Observer() {
          @Override
          public void onDeposed(String reason) {
            loop.execute(() -> stepDown(reason));
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
    curator
        .getConnectionStateListenable()
        .addListener(
            (client, connection) -> {
              if (connection == ConnectionState.LOST) {
                loop.execute(() -> stepDown("the ZooKeeper session was lost"));
              }
            });
  }

  /** The state now. */
  public LifecycleState state() {
    return state;
  }

  /** Whether this process stands in the election, or won it. Any thread may ask. */
  public boolean candidate() {
    return latch != null;
  }

  /** Begins: stands as a candidate once the journal is caught up. */
  public void start() {
    loop.execute(
        () -> {
          enter(LifecycleState.PREPARING_STORAGE);
          journal.whenCaughtUp().thenRun(() -> loop.execute(this::standby));
        });
  }

  private void standby() {
    if (stopping) {
      return;
    }
    enter(LifecycleState.STORAGE_PREPARED);
    if (readable) {
      stand();
    }
  }

  private void stand() {
    long current = ++attempt;
    LeaderLatch next =
        new LeaderLatch(curator, identity.serversetPath(), identity.endpoint().host());
    next.addListener(
        new LeaderLatchListener() {
          @Override
          public void isLeader() {
            loop.execute(() -> elected(current));
          }

          @Override
          public void notLeader() {
            loop.execute(
                () -> {
                  if (current == attempt) {
                    stepDown("the election latch was lost");
                  }
                });
          }
        });
    latch = next;
    blocking.execute(
        () -> {
          try {
            next.start();
          } catch (Exception failure) {
            LOG.warn("Cannot stand as a candidate", failure);
            loop.schedule(Duration.ofSeconds(1), () -> retry(current));
          }
        });
  }

  private void retry(long failed) {
    if (failed == attempt && !stopping) {
      stand();
    }
  }

  private void elected(long current) {
    if (current != attempt || state != LifecycleState.STORAGE_PREPARED) {
      return;
    }
    LOG.info("Elected, taking over the journal");
    enter(LifecycleState.LEADER_AWAITING_REGISTRATION);
    journal
        .takeOver(identity.leaderId())
        .whenComplete((epoch, failure) -> loop.execute(() -> tookOver(current, epoch, failure)));
  }

  private void tookOver(long current, @Nullable Long epoch, @Nullable Throwable failure) {
    if (current != attempt || state != LifecycleState.LEADER_AWAITING_REGISTRATION) {
      return;
    }
    if (failure != null || epoch == null) {
      stepDown("the journal could not be taken over: " + failure);
      return;
    }
    Term next;
    try {
      next = terms.create(epoch, reason -> loop.execute(() -> stepDownTerm(current, reason)));
      term = next;
      next.activate()
          .whenComplete((done, error) -> loop.execute(() -> activated(current, epoch, error)));
    } catch (RuntimeException broken) {
      LOG.error("The leader's components could not be built", broken);
      stepDown("its components could not be built: " + broken.getMessage());
    }
  }

  private void activated(long current, long epoch, @Nullable Throwable failure) {
    if (current != attempt || state != LifecycleState.LEADER_AWAITING_REGISTRATION) {
      return;
    }
    if (failure != null) {
      LOG.error("The leader's components could not be started", failure);
      stepDown("its components could not be started: " + failure.getMessage());
      return;
    }
    enter(LifecycleState.ACTIVE);
    advertise(epoch)
        .whenComplete((path, error) -> loop.execute(() -> advertised(current, path, error)));
  }

  private CompletionStage<String> advertise(long epoch) {
    CompletableFuture<String> path = new CompletableFuture<>();
    blocking.execute(
        () -> {
          try {
            path.complete(
                discovery.advertise(
                    MemberEntry.alive(identity.endpoint(), identity.endpointName()),
                    journal.epochPath(),
                    Math.toIntExact(epoch)));
          } catch (Exception failure) {
            path.completeExceptionally(failure);
          }
        });
    return path;
  }

  private void advertised(long current, @Nullable String path, @Nullable Throwable failure) {
    if (current != attempt || state != LifecycleState.ACTIVE) {
      withdraw(path);
      return;
    }
    if (failure != null) {
      stepDown("it could not advertise itself: " + failure.getMessage());
      return;
    }
    memberPath = path;
    LOG.info("Leading at {}", identity.endpoint());
  }

  private void stepDownTerm(long current, String reason) {
    if (current == attempt) {
      stepDown(reason);
    }
  }

  /** Refuse writes, flush, remove the entry, release the latch, stand by again. */
  private void stepDown(String reason) {
    boolean leading =
        state == LifecycleState.ACTIVE || state == LifecycleState.LEADER_AWAITING_REGISTRATION;
    if (!leading) {
      return;
    }
    LOG.warn("Stepping down: {}", reason);
    end(reason).whenComplete((done, failure) -> loop.execute(this::standby));
  }

  private CompletionStage<Void> end(String reason) {
    attempt++;
    Term ending = term;
    String path = memberPath;
    LeaderLatch release = latch;
    term = null;
    memberPath = null;
    latch = null;
    enter(LifecycleState.STORAGE_PREPARED);
    EventLoop.Timer stuck =
        loop.schedule(
            stepDownLimit, () -> onStuck.accept("stepping down did not finish: " + reason));
    CompletionStage<Void> drained =
        ending == null
            ? CompletableFuture.completedFuture(null)
            : within(PATIENCE, ending.drain(reason));
    return drained
        .thenCompose(
            flushed -> {
              if (ending != null) {
                ending.close();
              }
              journal.stepDown();
              return path == null
                  ? CompletableFuture.completedFuture(null)
                  : within(PATIENCE, discovery.withdraw(path));
            })
        .thenCompose(withdrawn -> released(release))
        .whenComplete((done, failure) -> stuck.cancel());
  }

  /**
   * Completes on the loop with the work or once its time is over, however it ended. A leader cut
   * off from ZooKeeper can neither flush nor remove its entry, and has to stand by all the same:
   * the journal's fence and the end of its session do the rest.
   */
  private CompletionStage<Void> within(Duration limit, CompletionStage<Void> work) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    EventLoop.Timer timer = loop.schedule(limit, () -> done.complete(null));
    work.whenComplete(
        (value, failure) ->
            loop.execute(
                () -> {
                  timer.cancel();
                  done.complete(null);
                }));
    return done;
  }

  private void leaveElection(String reason) {
    LOG.error("Leaving the election: {}", reason);
    readable = false;
    if (state == LifecycleState.STORAGE_PREPARED) {
      attempt++;
      LeaderLatch release = latch;
      latch = null;
      blocking.execute(() -> release(release));
    }
  }

  private void rejoin() {
    if (!readable) {
      LOG.info("The journal is readable again, standing as a candidate");
      readable = true;
      if (state == LifecycleState.STORAGE_PREPARED && latch == null && !stopping) {
        stand();
      }
    }
  }

  private void withdraw(@Nullable String path) {
    if (path != null) {
      var unused = discovery.withdraw(path);
    }
  }

  private CompletionStage<Void> released(@Nullable LeaderLatch latchToRelease) {
    return CompletableFuture.runAsync(() -> release(latchToRelease), blocking);
  }

  private static void release(@Nullable LeaderLatch latch) {
    if (latch != null) {
      try {
        latch.close();
      } catch (Exception failure) {
        LOG.warn("The election latch could not be released", failure);
      }
    }
  }

  private void enter(LifecycleState next) {
    if (state != next) {
      state = next;
      listener.onState(next);
    }
  }

  /** The advertised leader as everybody sees it. */
  public Optional<Endpoint> leader() {
    return discovery.leader();
  }

  /** Whether this process leads: its own state and the advertised entry agree. */
  public boolean leading() {
    return state == LifecycleState.ACTIVE
        && discovery.leader().map(identity.endpoint()::equals).orElse(false);
  }

  /** Hands over if leading and stands no more; completes when that is done. */
  public CompletionStage<Void> stop() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    loop.execute(
        () -> {
          stopping = true;
          end("shutting down")
              .whenComplete(
                  (ended, failure) ->
                      loop.execute(
                          () -> {
                            enter(LifecycleState.DEAD);
                            done.complete(null);
                          }));
        });
    return done;
  }
}
