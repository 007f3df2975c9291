package io.borealis.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.Assume.assumeTrue;

import io.borealis.cli.Cluster.Member;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * ZooKeeper may not write on: the kernel limits the size of its files, which needs no root as a
 * small disk would.
 */
public class DiskFullIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Path PRLIMIT = Path.of("/usr/bin/prlimit");

  /** Room for some hundred entries; ZooKeeper must not take it all in advance. */
  private static final List<String> SMALL_DISK =
      List.of(
          "env",
          "JAVA_TOOL_OPTIONS=-Dzookeeper.preAllocSize=16 -XX:-UsePerfData",
          PRLIMIT.toString(),
          "--fsize=300000");

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Before
  public void needsPrlimit() {
    assumeTrue("no " + PRLIMIT, Files.isExecutable(PRLIMIT));
  }

  @Test
  public void aSchedulerWhoseZooKeeperMayNotWriteAnswersTruthfullyAndGoesOnWhenItMay()
      throws Exception {
    try (Ensemble ensemble = Ensemble.start(folder.newFolder("zk").toPath(), 1, SMALL_DISK);
        Cluster cluster =
            new Cluster(ensemble, "full", "--request-deadline=5s", "--simulated-hosts=60");
        Burst burst = startBurst(cluster)) {
      Member leader = cluster.members().get(0);
      assertThat(ensemble.server(1).awaitExit(SOON)).isEqualTo(1);
      assertThat(String.join("\n", ensemble.server(1).output())).contains("File too large");
      Await.until("nobody leads", SOON, () -> leader.health() == 502);
      assertThat(leader.wire().get("/health").body()).isEqualTo("OK\n");
      ensemble.enlarge();
      burst.awaitMore(50);
      burst.finish();
      burst.check(cluster.awaitLeader().wire());
    }
  }

  private static Burst startBurst(Cluster cluster) {
    var unused = cluster.start(1);
    return new Burst("full", 4, cluster::wires);
  }

  @Test
  public void upOnAFullDiskStopsInOrderAndKnowsAllItAcknowledgedWhenThereIsRoom() throws Exception {
    int port = Ports.free();
    String[] args = {
      "up",
      "--cluster=simulated",
      "--data-dir=" + folder.newFolder("data"),
      "--http-port=" + port,
      "--simulated-hosts=60",
      "--request-deadline=5s"
    };
    Wire wire = new Wire(port);
    try (Burst burst = new Burst("full", 4, () -> List.of(wire))) {
      try (Daemon full = Daemon.start("up", SMALL_DISK, args)) {
        assertThat(full.awaitExit(SOON)).isEqualTo(1);
        assertThat(full.output().get(full.output().size() - 1))
            .isEqualTo("borealis up: ZooKeeper cannot go on");
      }
      int before = burst.acknowledged();
      assertThat(before).isPositive();
      try (Daemon roomy = Daemon.start("up", args)) {
        var unused = roomy.awaitLine("leading at", SOON);
        burst.awaitMore(50);
        burst.finish();
        burst.check(wire);
      }
    }
  }
}
