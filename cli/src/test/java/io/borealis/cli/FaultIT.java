package io.borealis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.rpc.CreateJobArgs;
import io.borealis.cli.Cluster.Member;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.After;
import org.junit.AfterClass;
import org.junit.BeforeClass;
import org.junit.ClassRule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Schedulers whose network, disk and journal fail, on one ensemble of three servers. */
public class FaultIT {
  @ClassRule public static final TemporaryFolder FOLDER = new TemporaryFolder();

  private static final Duration SOON = Duration.ofSeconds(40);

  private static Ensemble ensemble;
  private static int clusters;

  private Cluster cluster;

  @BeforeClass
  public static void startEnsemble() throws Exception {
    ensemble = Ensemble.start(FOLDER.newFolder("zk").toPath(), 3);
  }

  @AfterClass
  public static void stopEnsemble() {
    ensemble.close();
  }

  @After
  public void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  private Member start(int size, String... settings) {
    cluster = new Cluster(ensemble, "faults" + ++clusters, settings);
    return cluster.start(size);
  }

  @Test
  public void aLeaderCutOffPastItsSessionStandsByAgainInTheSameProcessAndCanLeadLater()
      throws Exception {
    Member first = start(2);
    Calls.createRunning(first.wire(), "before", 3);
    first.link().cut();
    CompletableFuture<ResponseCode> doubtful =
        CompletableFuture.supplyAsync(() -> create(first, "doubtful"));
    Member second = cluster.awaitLeaderBut(first);
    assertThat(first.health()).isEqualTo(502);
    var unused = first.daemon().awaitLine("standing by; no leader is known", SOON);
    // With a write in flight that it cannot settle, and an entry that it cannot remove.
    first.awaitNumber("leader_election_candidate", 1);
    Calls.createRunning(second.wire(), "meanwhile", 3);

    first.link().heal();
    Cluster.awaitStandby(first);
    assertThat(second.leads()).isTrue();
    ResponseCode answer = doubtful.get(60, TimeUnit.SECONDS);
    assertThat(answer).isNotEqualTo(ResponseCode.OK);
    if (answer == ResponseCode.ERROR_TRANSIENT) {
      assertThat(Calls.active(second.wire(), Jobs.key("doubtful"))).isEmpty();
    }

    second.daemon().kill();
    assertThat(cluster.awaitLeader()).isSameAs(first);
    Calls.awaitRunning(first.wire(), Jobs.key("before"), 3);
    Calls.awaitRunning(first.wire(), Jobs.key("meanwhile"), 3);
    Calls.createRunning(first.wire(), "after", 1);
  }

  @Test
  public void ofAWriteBurstWithBrokenConnectionsNothingAcknowledgedIsLostOrDoneTwice()
      throws Exception {
    Member first = start(2, "--simulated-hosts=60");
    try (Burst burst = new Burst("burst", 8, cluster::members)) {
      for (int i = 0; i < 6; i++) {
        burst.awaitMore(50);
        first.link().interrupt();
      }
      burst.awaitMore(50);
      burst.finish();
      burst.check(cluster.awaitLeader().wire());
    }
  }

  private static ResponseCode create(Member member, String job) {
    try {
      Response response = member.wire().call("createJob", new CreateJobArgs(Jobs.job(job, 1)));
      return response.responseCode();
    } catch (IOException notHandled) {
      return ResponseCode.ERROR;
    }
  }
}
