package io.borealis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.rpc.CreateJobArgs;
import io.borealis.cli.Cluster.Member;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;
import org.junit.After;
import org.junit.Test;

/** Followers that missed much of the journal, or cannot read it. */
public class JournalFaultIT {
  private static final Duration SOON = Duration.ofSeconds(40);

  private static int clusters;

  private Cluster cluster;
  private int jobs;

  @After
  public void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  private Member start(int size, String... settings) {
    cluster = new Cluster(Ensemble.shared(), "journal" + ++clusters, settings);
    return cluster.start(size);
  }

  @Test
  public void whoWasAwayWhileItsNextEntryWasDeletedLoadsASnapshotAndCanLead() throws Exception {
    Member first = start(2, "--snapshot-entries=10");
    Member away = cluster.followers(first).get(0);
    awaitSame(first, away);
    away.daemon().signal("STOP");
    long seen = first.number("journal_last_index");
    Await.until(
        "the entry after " + seen + " is deleted",
        Duration.ofSeconds(60),
        () -> {
          create(first);
          return first.number("journal_last_index") - first.number("journal_entries") > seen;
        });
    away.daemon().signal("CONT");
    Member late = cluster.start();
    create(first);
    awaitSame(first, away);
    awaitSame(first, late);

    first.daemon().kill();
    Member second = cluster.awaitLeaderBut(first);
    assertThat(Calls.activeOf(second.wire(), Jobs.ROLE)).hasSize(jobs);
    second.daemon().kill();
    Member third = cluster.awaitLeaderBut(second);
    assertThat(Calls.activeOf(third.wire(), Jobs.ROLE)).hasSize(jobs);
  }

  @Test
  public void whoMeetsABrokenEntryLeavesTheElectionSaysWhichAndIsHealedByTheNextSnapshot()
      throws Exception {
    Member leader = start(2, "--snapshot-entries=60");
    Member follower = cluster.followers(leader).get(0);
    awaitSame(leader, follower);
    follower.daemon().signal("STOP");
    long broken = leader.number("journal_last_index") + 1;
    create(leader);
    damage(cluster.journal() + "/entries/%020d".formatted(broken));
    follower.daemon().signal("CONT");

    follower.awaitNumber("journal_unreadable", 1);
    assertThat(follower.number("journal_unreadable_index")).isEqualTo(broken);
    follower.awaitNumber("leader_election_candidate", 0);
    assertThat(follower.daemon().awaitLine("Leaving the election", SOON))
        .contains("entry " + broken + ": ")
        .contains("checksum");
    Daemon verify =
        Daemon.start(
            "verify",
            "journal",
            "verify",
            "--zk-endpoints=" + Ensemble.shared().endpoints(),
            "--cluster-name=" + cluster.name(),
            "--serverset-path=" + cluster.serverset());
    assertThat(verify.awaitExit(SOON)).isEqualTo(1);
    assertThat(verify.output()).anyMatch(line -> line.contains("entry " + broken));

    Await.until(
        "a snapshot heals it",
        Duration.ofSeconds(60),
        () -> {
          create(leader);
          return follower.number("journal_unreadable") == 0;
        });
    follower.awaitNumber("leader_election_candidate", 1);
    assertThat(follower.number("journal_unreadable_index")).isZero();
    leader.daemon().kill();
    assertThat(cluster.awaitLeader()).isSameAs(follower);
    assertThat(Calls.activeOf(follower.wire(), Jobs.ROLE)).hasSize(jobs);
  }

  private void create(Member leader) throws IOException {
    Calls.ok(leader.wire().call("createJob", new CreateJobArgs(Jobs.job("job" + ++jobs, 1))));
  }

  /** Waits until a follower has read all that the leader has written. */
  private static void awaitSame(Member leader, Member follower) {
    Await.until(
        follower + " knows what " + leader + " knows",
        SOON,
        () ->
            follower.number("journal_caught_up") == 1
                && follower.number("store_transaction") == leader.number("store_transaction"));
  }

  /** Turns one bit of a node's data. */
  private static void damage(String path) throws Exception {
    CountDownLatch connected = new CountDownLatch(1);
    ZooKeeper raw =
        new ZooKeeper(
            Ensemble.shared().endpoints(),
            10_000,
            event -> {
              if (event.getState() == Watcher.Event.KeeperState.SyncConnected) {
                connected.countDown();
              }
            });
    try {
      assertThat(connected.await(30, TimeUnit.SECONDS)).isTrue();
      byte[] bytes = raw.getData(path, false, null);
      bytes[bytes.length - 1] ^= 1;
      raw.setData(path, bytes, -1);
    } finally {
      raw.close();
    }
  }
}
