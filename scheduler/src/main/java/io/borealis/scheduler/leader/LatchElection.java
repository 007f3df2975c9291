package io.borealis.scheduler.leader;

import io.borealis.runtime.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.leader.LeaderLatchListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Election by Curator's latch. Thread-safe; what blocks runs on a pool, one call of a candidacy
 * after the other.
 */
public final class LatchElection implements Election {
  private static final Logger LOG = LoggerFactory.getLogger(LatchElection.class);
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final CuratorFramework curator;
  private final String path;
  private final String candidate;
  private final Executor blocking;
  private final EventLoop timers;

  /**
   * @param path absolute path of the candidates' nodes
   * @param candidate what this candidate's node says
   * @param blocking runs calls that wait for ZooKeeper
   */
  public LatchElection(
      CuratorFramework curator,
      String path,
      String candidate,
      Executor blocking,
      EventLoop timers) {
    this.curator = curator;
    this.path = path;
    this.candidate = candidate;
    this.blocking = blocking;
    this.timers = timers;
  }

  @Override
  public Candidacy stand(Listener listener) {
    LatchCandidacy candidacy = new LatchCandidacy(listener);
    blocking.execute(candidacy::begin);
    return candidacy;
  }

  private final class LatchCandidacy implements Candidacy {
    private final Listener listener;
    private @Nullable LeaderLatch latch;
    private boolean withdrawn;

    LatchCandidacy(Listener listener) {
      this.listener = listener;
    }

    /** A latch that failed to start cannot be started again: each try makes its own. */
    synchronized void begin() {
      if (withdrawn) {
        return;
      }
      LeaderLatch next = new LeaderLatch(curator, path, candidate);
      next.addListener(
          new LeaderLatchListener() {
            @Override
            public void isLeader() {
              listener.onElected();
            }

            @Override
            public void notLeader() {
              listener.onDefeated("the election latch was lost");
            }
          });
      try {
        next.start();
        latch = next;
      } catch (Exception failure) {
        LOG.warn("Cannot stand as a candidate, trying again", failure);
        var unused = timers.schedule(RETRY, () -> blocking.execute(this::begin));
      }
    }

    @Override
    public CompletionStage<Void> withdraw() {
      return CompletableFuture.runAsync(this::end, blocking);
    }

    private synchronized void end() {
      withdrawn = true;
      LeaderLatch ending = latch;
      latch = null;
      if (ending != null) {
        try {
          ending.close();
        } catch (Exception failure) {
          LOG.warn("The election latch could not be released", failure);
        }
      }
    }
  }
}
