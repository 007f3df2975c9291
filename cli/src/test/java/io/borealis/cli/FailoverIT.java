package io.borealis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateRequest;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.Metadata;
import io.borealis.api.ScheduledTask;
import io.borealis.cli.Cluster.Member;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.junit.After;
import org.junit.Test;

/** Several schedulers on a real ensemble of three servers: who leads, and what the next knows. */
public class FailoverIT {
  private static final Duration SOON = Duration.ofSeconds(40);

  private static int clusters;

  private Cluster cluster;

  @After
  public void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  private Member start(int size, String... settings) {
    cluster = new Cluster(Ensemble.shared(), "failover" + ++clusters, settings);
    return cluster.start(size);
  }

  @Test
  public void anUpdateEndsOnAnotherLeaderWithoutUpdatingAnInstanceTwice() throws Exception {
    Member first = start(3);
    Calls.createRunning(first.wire(), "hello", 12);
    JobUpdateKey key = Calls.start(first.wire(), Jobs.update("hello", "two", 12, 2));
    UpdateHistory.awaitUpdated(first.wire(), key, 3);
    first.daemon().kill();
    Member second = cluster.awaitLeaderBut(first);
    assertThat(UpdateHistory.status(second.wire(), key)).isEqualTo(JobUpdateStatus.ROLLING_FORWARD);
    UpdateHistory.awaitRolledForwardOnce(second.wire(), key, 12, 2);
    List<ScheduledTask> tasks = Calls.active(second.wire(), Jobs.key("hello"));
    assertThat(tasks).hasSize(12);
    tasks.forEach(
        t ->
            assertThat(t.assignedTask().task().executorConfig().data())
                .isEqualTo("{\"version\":\"two\"}"));
  }

  /** As a client does whose answer was lost with the leader. */
  @Test
  public void aStartThatIsRepeatedWithItsKeyIsOneUpdate() throws Exception {
    Member first = start(3);
    Calls.createRunning(first.wire(), "hello", 4);
    JobUpdateRequest request =
        Jobs.update("hello", "two", 4, 2).toBuilder()
            .metadata(ImmutableSet.of(new Metadata("io.borealis.idempotency_key", "deploy-4711")))
            .build();
    JobUpdateKey key = Calls.start(first.wire(), request);
    first.daemon().kill();
    Member second = cluster.awaitLeaderBut(first);
    assertThat(Calls.start(second.wire(), request)).isEqualTo(key);
    UpdateHistory.awaitRolledForwardOnce(second.wire(), key, 4, 2);
    assertThat(Calls.start(second.wire(), request)).isEqualTo(key);
  }

  @Test
  public void aFollowerSendsClientsToTheLeader() throws Exception {
    Member leader = start(2);
    Member follower = cluster.followers(leader).get(0);
    HttpResponse<String> redirect = follower.wire().get("/api?x=1");
    assertThat(redirect.statusCode()).isEqualTo(307);
    assertThat(redirect.headers().firstValue("Location"))
        .hasValue("http://127.0.0.1:" + leader.port() + "/api?x=1");
    assertThat(follower.wire().get("/leaderhealth").statusCode()).isEqualTo(503);
    assertThat(follower.wire().get("/health").body()).isEqualTo("OK\n");
    assertThat(follower.wire().get("/locks").statusCode()).isEqualTo(307);
    // The command follows the redirect.
    MainTest.Called released =
        MainTest.call(
            "lock", "release", "a/b/c", "--yes", "--scheduler=127.0.0.1:" + follower.port());
    assertThat(released.err()).isEqualTo("borealis lock: a/b/c is not locked\n");
    assertThat(leader.daemon().awaitLine("method=releaseLock", SOON)).contains("job=a/b/c");
    assertThat(follower.daemon().awaitLine("standing by; the leader is", SOON))
        .isEqualTo("standing by; the leader is http://127.0.0.1:" + leader.port());
    assertThat(leader.daemon().awaitLine("leading at", SOON))
        .isEqualTo("leading at http://127.0.0.1:" + leader.port());
  }

  @Test
  public void ofAWriteBurstNothingAcknowledgedIsLostAndNothingRefusedAppliedWhenTheLeaderIsKilled()
      throws Exception {
    Member first = start(2, "--simulated-hosts=60");
    try (Burst burst = new Burst("burst", 16, cluster::wires)) {
      burst.awaitMore(200);
      first.daemon().kill();
      Member second = cluster.awaitLeaderBut(first);
      burst.awaitMore(50);
      burst.finish();
      burst.check(second.wire());
    }
  }

  @Test
  public void aClusterOfAnotherNameOnTheSameRootIsRefusedWithBothNames() throws Exception {
    Member first = start(1, "--journal-root=/shared-root");
    try (Cluster other =
        new Cluster(Ensemble.shared(), "intruder", "--journal-root=/shared-root")) {
      Daemon intruder = other.start().daemon();
      assertThat(intruder.awaitExit(SOON)).isEqualTo(1);
      assertThat(String.join("\n", intruder.output()))
          .contains("'failover" + clusters + "'")
          .contains("'intruder'");
    }
    Calls.createRunning(first.wire(), "unharmed", 1);
  }

  @Test
  public void sigtermOfTheLeaderHandsOver() throws Exception {
    Member first = start(2);
    Calls.createRunning(first.wire(), "hello", 2);
    first.daemon().signal("TERM");
    assertThat(first.daemon().awaitExit(SOON)).isZero();
    Member second = cluster.awaitLeaderBut(first);
    Calls.awaitRunning(second.wire(), Jobs.key("hello"), 2);
  }
}
