package io.borealis.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.Assume.assumeTrue;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateRequest;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.ResponseCode;
import io.borealis.api.ScheduledTask;
import io.borealis.api.rpc.KillTasksArgs;
import io.borealis.cli.Cluster.Member;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.Test;

/**
 * Faults at random for as long as {@code -Dborealis.soak.minutes} says; not part of the usual run.
 * {@code -Dborealis.soak.seed} repeats the choices of a run, which prints its seed.
 */
public class SoakIT {
  private static final int INSTANCES = 8;
  private static final int GROUP = 2;
  private static final Duration REST = Duration.ofMillis(300);
  private static final Duration LONG = Duration.ofSeconds(90);

  private final long seed = Long.getLong("borealis.soak.seed", System.nanoTime() & 0xffffff);
  private final Random random = new Random(seed);

  /** What may happen while clients write and an update is under way. */
  private enum Fault {
    KILL_LEADER,
    STOP_LEADER_IN_ORDER,
    FREEZE_LEADER,
    FREEZE_FOLLOWER,
    CUT_LEADER_OFF,
    INTERRUPT_LEADER,
    RESTART_SERVER,
    FREEZE_SERVER,
    LOSE_QUORUM,
  }

  @Test
  public void nothingIsLostOrDoneTwiceWhateverHappens() throws Exception {
    long minutes = Long.getLong("borealis.soak.minutes", 0);
    assumeTrue("not asked for with -Dborealis.soak.minutes", minutes > 0);
    System.out.println("Soak of " + minutes + " minutes, -Dborealis.soak.seed=" + seed);
    long end = System.nanoTime() + Duration.ofMinutes(minutes).toNanos();
    try (Cluster cluster =
        new Cluster(Ensemble.shared(), "soak", "--snapshot-entries=50", "--simulated-hosts=60")) {
      Calls.createRunning(cluster.start(3).wire(), "lasting", INSTANCES);
      for (int round = 1; System.nanoTime() - end < 0; round++) {
        try {
          round(cluster, round);
        } catch (Exception | AssertionError failure) {
          throw new AssertionError("round " + round + " with seed " + seed, failure);
        }
      }
    }
  }

  private void round(Cluster cluster, int round) throws Exception {
    JobUpdateRequest request = Jobs.update("lasting", "v" + round, INSTANCES, GROUP);
    JobUpdateKey update = ask(cluster, wire -> Calls.start(wire, request));
    try (Burst burst = new Burst("round" + round, 4, REST, cluster::wires)) {
      burst.awaitMore(20);
      for (int faults = 1 + random.nextInt(2); faults > 0; faults--) {
        Fault fault = Fault.values()[random.nextInt(Fault.values().length)];
        System.out.println("Round " + round + ": " + fault);
        inflict(fault, cluster);
      }
      burst.awaitMore(20);
      burst.finish();
      Await.until(
          "rolled forward",
          LONG,
          () ->
              ask(cluster, wire -> UpdateHistory.status(wire, update))
                  == JobUpdateStatus.ROLLED_FORWARD);
      UpdateHistory.assertRolledForwardOnce(
          ask(cluster, wire -> UpdateHistory.of(wire, update)), INSTANCES, GROUP);
      ask(
          cluster,
          wire -> {
            burst.check(wire);
            return true;
          });
    }
    assertHealthy(cluster);
    tidy(cluster);
  }

  /** Something to be had from whoever leads. */
  private interface Question<T> {
    T ask(Wire leader) throws IOException;
  }

  /** Asks until a leader answers; on a busy machine one may be silent for a moment. */
  private static <T> T ask(Cluster cluster, Question<T> question) {
    return Await.until("an answer", LONG, () -> question.ask(cluster.awaitLeader().wire()));
  }

  private void inflict(Fault fault, Cluster cluster) {
    Ensemble ensemble = Ensemble.shared();
    Member leader = cluster.awaitLeader();
    Duration aWhile = Duration.ofMillis(500 + random.nextInt(6000));
    switch (fault) {
      case KILL_LEADER -> {
        leader.daemon().kill();
        cluster.replace(leader);
      }
      case STOP_LEADER_IN_ORDER -> {
        leader.daemon().signal("TERM");
        assertThat(leader.daemon().awaitExit(LONG)).isZero();
        cluster.replace(leader);
      }
      case FREEZE_LEADER -> freeze(leader.daemon(), aWhile);
      case FREEZE_FOLLOWER -> freeze(cluster.followers(leader).get(0).daemon(), aWhile);
      case FREEZE_SERVER -> freeze(ensemble.server(1 + random.nextInt(ensemble.size())), aWhile);
      case CUT_LEADER_OFF -> {
        leader.link().cut();
        Await.pause(aWhile);
        leader.link().heal();
      }
      case INTERRUPT_LEADER -> leader.link().interrupt();
      case RESTART_SERVER -> ensemble.restart(1 + random.nextInt(ensemble.size()));
      case LOSE_QUORUM -> {
        ensemble.server(1).kill();
        ensemble.server(2).kill();
        Await.pause(aWhile);
        ensemble.restart(1);
        ensemble.restart(2);
      }
    }
  }

  private static void freeze(Daemon process, Duration time) {
    process.signal("STOP");
    Await.pause(time);
    process.signal("CONT");
  }

  /** One leads, all know the same, none is in doubt, and no instance has two active tasks. */
  private static void assertHealthy(Cluster cluster) {
    Member leader = cluster.awaitLeader();
    for (Member member : cluster.members()) {
      Await.until(
          member + " knows what " + leader + " knows",
          LONG,
          () ->
              member.number("store_transaction") == leader.number("store_transaction")
                  && member.number("journal_unreadable") == 0);
    }
    assertThat(cluster.members()).filteredOn(Member::leads).hasSizeLessThan(2);
    Set<String> instances = new HashSet<>();
    for (ScheduledTask task : ask(cluster, wire -> Calls.activeOf(wire, Jobs.ROLE))) {
      String instance =
          task.assignedTask().task().job().name() + "/" + task.assignedTask().instanceId();
      assertThat(instances.add(instance)).as("two active tasks of %s", instance).isTrue();
    }
  }

  /** Kills what the burst created, so that rounds do not slow each other down. */
  private static void tidy(Cluster cluster) {
    Set<String> jobs = new HashSet<>();
    for (ScheduledTask task : ask(cluster, wire -> Calls.activeOf(wire, Jobs.ROLE))) {
      jobs.add(task.assignedTask().task().job().name());
    }
    jobs.remove("lasting");
    for (String job : jobs) {
      KillTasksArgs kill = new KillTasksArgs(Jobs.key(job), ImmutableSet.of(), "tidy");
      Await.until(
          job + " is killed",
          LONG,
          () ->
              ask(cluster, wire -> wire.call("killTasks", kill)).responseCode() == ResponseCode.OK);
    }
  }
}
