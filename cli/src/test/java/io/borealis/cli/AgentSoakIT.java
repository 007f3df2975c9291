package io.borealis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateStatus;
import io.borealis.cli.Cluster.Member;
import io.borealis.cli.RealTasks.Shell;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.After;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Updates of real tasks on two agents while something is killed every moment, by a seed. */
public class AgentSoakIT {
  /** How many faults: more with the system property, and others with another seed. */
  private static final int FAULTS = Integer.getInteger("borealis.it.faults", 6);

  private static final long SEED = Long.getLong("borealis.it.seed", 11);
  private static final int INSTANCES = 5;
  private static final Set<JobUpdateStatus> UNDER_WAY =
      Set.of(JobUpdateStatus.ROLLING_FORWARD, JobUpdateStatus.ROLLING_BACK);

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final Random random = new Random(SEED);
  private final List<String> faults = new ArrayList<>();
  private RealCluster cluster;
  private Member leader;
  private RealTasks web;

  @After
  public void stop() {
    System.out.println("Seed " + SEED + ": " + faults);
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  public void whateverIsKilledEveryUpdateEndsAndNoInstanceRunsTwice() throws Exception {
    cluster = new RealCluster(folder.getRoot().toPath());
    Daemon alpha = cluster.launchAgent("alpha");
    Daemon beta = cluster.launchAgent("beta");
    leader = cluster.schedulers().start(2);
    var unused = alpha.awaitLine("registered with", RealCluster.LONG);
    unused = beta.awaitLine("registered with", RealCluster.LONG);
    web = cluster.job("web");
    web.createRunning(leader.wire(), web.task("v0", true), INSTANCES);
    JobUpdateKey update = Calls.start(leader.wire(), web.update("v1", INSTANCES));
    int version = 1;
    for (int fault = 0; fault < FAULTS; fault++) {
      pause(random.nextBoolean() ? 300 : 2500);
      String what = fault();
      faults.add(what + " during version " + version);
      if (!UNDER_WAY.contains(status(update))) {
        assertThat(status(update)).isEqualTo(JobUpdateStatus.ROLLED_FORWARD);
        update = start("v" + ++version);
      }
    }
    JobUpdateKey last = update;
    Await.until("the last update ends", RealCluster.LONG, () -> !UNDER_WAY.contains(status(last)));
    assertThat(status(last)).isEqualTo(JobUpdateStatus.ROLLED_FORWARD);
    web.awaitRunning(leader.wire(), INSTANCES);
    Await.until("one of each", RealCluster.LONG, () -> web.shells().size() == INSTANCES);
    assertThat(web.shells()).extracting(Shell::version).containsOnly("v" + version);
    cluster.finish();
  }

  private JobUpdateStatus status(JobUpdateKey update) {
    return Await.until(
        "the status of " + update,
        RealCluster.LONG,
        () -> UpdateHistory.status(leader.wire(), update));
  }

  private JobUpdateKey start(String version) {
    return Await.until(
        "the update to " + version,
        RealCluster.LONG,
        () -> Calls.start(leader.wire(), web.update(version, INSTANCES)));
  }

  private String fault() throws IOException {
    String host = random.nextBoolean() ? "alpha" : "beta";
    return switch (random.nextInt(8)) {
      case 0 -> {
        cluster.agent(host).kill();
        pause(1000);
        cluster.startAgent(host);
        yield "agent killed";
      }
      case 1 -> {
        Member old = leader;
        old.daemon().signal("STOP");
        leader = cluster.schedulers().awaitLeaderBut(old);
        old.daemon().signal("CONT");
        Await.until(
            "the old leader leads no more",
            RealCluster.LONG,
            () -> !old.daemon().isAlive() || old.health() == 503);
        if (!old.daemon().isAlive()) {
          cluster.schedulers().replace(old);
        }
        yield "leader stopped until there is another";
      }
      case 2 -> {
        leader.daemon().kill();
        cluster.schedulers().replace(leader);
        leader = cluster.schedulers().awaitLeader();
        yield "leader killed";
      }
      case 3 -> {
        leader.daemon().kill();
        cluster.agent(host).kill();
        cluster.schedulers().replace(leader);
        cluster.startAgent(host);
        leader = cluster.schedulers().awaitLeader();
        yield "leader and agent killed";
      }
      case 4 -> {
        cluster.agent(host).signal("STOP");
        pause(3000);
        cluster.agent(host).signal("CONT");
        yield "agent stopped for a while";
      }
      case 5 -> {
        yield anyOf(LiveProcess.ofTasksIn(cluster.workDir(host)));
      }
      case 6 -> {
        List<LiveProcess> there = LiveProcess.ofTasksIn(cluster.workDir(host));
        yield anyOf(there) + ", " + anyOf(there) + ", " + anyOf(there);
      }
      default -> {
        cluster.agent(host).kill();
        String killed = anyOf(LiveProcess.ofTasksIn(cluster.workDir(host)));
        cluster.startAgent(host);
        yield "agent dead, and " + killed;
      }
    };
  }

  private void pause(int atMostMillis) {
    Await.pause(Duration.ofMillis(random.nextInt(atMostMillis)));
  }

  private String anyOf(List<LiveProcess> processes) {
    if (processes.isEmpty()) {
      return "nothing there";
    }
    // A coordinator, setsid, a shell, or what that has started.
    LiveProcess killed = processes.get(random.nextInt(processes.size()));
    killed.kill();
    return "killed %d %s".formatted(killed.pid(), killed.words().get(0));
  }
}
