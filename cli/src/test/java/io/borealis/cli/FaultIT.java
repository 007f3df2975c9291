package io.borealis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.JobUpdateKey;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.ResponseDetail;
import io.borealis.api.TaskQuery;
import io.borealis.api.rpc.CreateJobArgs;
import io.borealis.api.rpc.GetTasksStatusArgs;
import io.borealis.cli.Cluster.Member;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.After;
import org.junit.Test;

/** Schedulers that freeze, or whose network or ensemble fails, on an ensemble of three servers. */
public class FaultIT {
  private static final Duration SOON = Duration.ofSeconds(40);

  private static int clusters;

  private final Ensemble ensemble = Ensemble.shared();
  private Cluster cluster;

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
        CompletableFuture.supplyAsync(() -> codeOf(() -> create(first, "doubtful")));
    Member second = cluster.awaitLeaderBut(first);
    assertThat(first.health()).isEqualTo(502);
    var unused = first.daemon().awaitLine("standing by; no leader is known", SOON);
    // With a write in flight that it cannot settle, and an entry that it cannot remove. It stands
    // again once it has read what it missed.
    first.awaitNumber("leader_election_candidate", 0);
    Calls.createRunning(second.wire(), "meanwhile", 3);

    first.link().heal();
    first.awaitNumber("leader_election_candidate", 1);
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
    try (Burst burst = new Burst("burst", 8, cluster::wires)) {
      for (int i = 0; i < 6; i++) {
        burst.awaitMore(50);
        first.link().interrupt();
      }
      burst.awaitMore(50);
      burst.finish();
      burst.check(cluster.awaitLeader().wire());
    }
  }

  @Test
  public void aLeaderFrozenPastItsSessionNeitherWritesNorReadsWhenItThaws() throws Exception {
    Member frozen = start(2);
    Calls.createRunning(frozen.wire(), "hello", 2);
    frozen.daemon().signal("STOP");
    Member next = cluster.awaitLeaderBut(frozen);
    Calls.createRunning(next.wire(), "other", 2);
    // They wait in its sockets and are the first thing it reads when it thaws.
    List<CompletableFuture<ResponseCode>> late = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      String name = "late" + i;
      late.add(CompletableFuture.supplyAsync(() -> codeOf(() -> create(frozen, name))));
      late.add(CompletableFuture.supplyAsync(() -> codeOf(() -> read(frozen))));
    }
    Await.pause(Duration.ofSeconds(1));
    frozen.daemon().signal("CONT");
    for (CompletableFuture<ResponseCode> answer : late) {
      assertThat(answer.get(60, TimeUnit.SECONDS)).isNotEqualTo(ResponseCode.OK);
    }
    for (int i = 0; i < 8; i++) {
      assertThat(Calls.active(next.wire(), Jobs.key("late" + i))).isEmpty();
    }
    Cluster.awaitStandby(frozen);
    assertThat(next.leads()).isTrue();
  }

  @Test
  public void withoutQuorumHealthAnswersRpcsAreTruthfulAndAllGoesOnAfterwards() throws Exception {
    Member leader = start(2, "--request-deadline=5s");
    Calls.createRunning(leader.wire(), "hello", 6);
    JobUpdateKey key = Calls.start(leader.wire(), Jobs.update("hello", "two", 6, 1));
    ensemble.server(1).kill();
    ensemble.server(2).kill();
    long begun = System.nanoTime();
    // One while its loss is not noticed yet, which has to wait; one when it is.
    Member impatient = leader.withPatience(Duration.ofSeconds(15));
    Response doubtful = answerOf(() -> create(impatient, "doubtful"));
    Await.until("nobody leads", SOON, () -> leader.health() == 502);
    Response refused = answerOf(() -> create(impatient, "refused"));
    while (System.nanoTime() - begun < Duration.ofSeconds(20).toNanos()) {
      for (Member member : cluster.members()) {
        assertThat(member.pages().get("/health").body()).isEqualTo("OK\n");
        assertThat(member.pages().get("/vars").statusCode()).isEqualTo(200);
      }
      Await.pause(Duration.ofMillis(500));
    }
    ensemble.restart(1);
    ensemble.restart(2);
    Member next = cluster.awaitLeader();
    UpdateHistory.awaitRolledForwardOnce(next.wire(), key, 6, 1);
    checkTruth(next, doubtful, "doubtful");
    checkTruth(next, refused, "refused");
    Calls.createRunning(next.wire(), "afterwards", 1);
  }

  private static void checkTruth(Member leader, Response answer, String job) throws IOException {
    int active = Calls.active(leader.wire(), Jobs.key(job)).size();
    switch (answer.responseCode()) {
      case OK -> assertThat(active).as("%s", answer).isEqualTo(1);
      case ERROR_TRANSIENT -> assertThat(active).as("%s", answer).isZero();
      default ->
          assertThat(answer.details())
              .extracting(ResponseDetail::message)
              .singleElement()
              .asString()
              .startsWith("Outcome unknown: ");
    }
  }

  @Test
  public void restartedServersOfTheEnsembleInterruptNobodyForLong() throws Exception {
    Member leader = start(2);
    Calls.createRunning(leader.wire(), "hello", 6);
    JobUpdateKey key = Calls.start(leader.wire(), Jobs.update("hello", "two", 6, 1));
    try (Burst burst = new Burst("burst", 4, cluster::wires)) {
      for (int id = 1; id <= ensemble.size(); id++) {
        burst.awaitMore(20);
        ensemble.restart(id);
      }
      burst.awaitMore(20);
      burst.finish();
      Member next = cluster.awaitLeader();
      UpdateHistory.awaitRolledForwardOnce(next.wire(), key, 6, 1);
      burst.check(next.wire());
    }
  }

  private static Response create(Member member, String job) throws IOException {
    return member.wire().call("createJob", new CreateJobArgs(Jobs.job(job, 1)));
  }

  private static Response read(Member member) throws IOException {
    TaskQuery query = TaskQuery.builder().role(Jobs.ROLE).build();
    return member.wire().call("getTasksStatus", new GetTasksStatusArgs(query));
  }

  /** The answer; what no leader took is one that says so. */
  private static Response answerOf(Callable<Response> call) throws Exception {
    try {
      return call.call();
    } catch (Wire.NotHandledException notHandled) {
      return Response.builder().responseCode(ResponseCode.ERROR_TRANSIENT).build();
    }
  }

  private static ResponseCode codeOf(Callable<Response> call) {
    try {
      return answerOf(call).responseCode();
    } catch (Exception broken) {
      return ResponseCode.ERROR;
    }
  }
}
