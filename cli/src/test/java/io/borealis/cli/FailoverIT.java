package io.borealis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.ScheduledTask;
import io.borealis.api.rpc.CreateJobArgs;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.After;
import org.junit.AfterClass;
import org.junit.BeforeClass;
import org.junit.ClassRule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Three schedulers on a real ensemble of three servers, and what may befall them. */
public class FailoverIT {
  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration SOON = Duration.ofSeconds(40);

  @ClassRule public static final TemporaryFolder FOLDER = new TemporaryFolder();

  private static Ensemble ensemble;
  private static int clusters;

  private final List<Scheduler> schedulers = new ArrayList<>();
  private String cluster = "";

  /** A scheduler process and where it listens. */
  private record Scheduler(Daemon daemon, int port, Wire wire) {
    boolean leads() {
      try {
        return daemon.isAlive() && wire.get("/leaderhealth").statusCode() == 200;
      } catch (IOException down) {
        return false;
      }
    }
  }

  @BeforeClass
  public static void startEnsemble() throws Exception {
    Path folder = FOLDER.newFolder("zk").toPath();
    ensemble = Ensemble.start(folder, 3);
  }

  @AfterClass
  public static void stopEnsemble() {
    ensemble.close();
  }

  @After
  public void stop() {
    schedulers.forEach(s -> s.daemon().close());
  }

  private Scheduler startScheduler(String... more) {
    int port = Ports.free();
    List<String> args =
        new ArrayList<>(
            List.of(
                "scheduler",
                "--zk-endpoints",
                ensemble.endpoints(),
                "--http-port",
                Integer.toString(port),
                "--cluster-name",
                cluster,
                "--serverset-path",
                "/aurora/" + cluster,
                "--zk-session-timeout",
                "3s"));
    args.addAll(List.of(more));
    Scheduler scheduler =
        new Scheduler(
            Daemon.start("scheduler " + port, args.toArray(String[]::new)), port, new Wire(port));
    schedulers.add(scheduler);
    return scheduler;
  }

  private void startCluster(int size, String... more) {
    cluster = "cluster" + ++clusters;
    for (int i = 0; i < size; i++) {
      var unused = startScheduler(more);
    }
    var unused = awaitLeader();
  }

  private Scheduler awaitLeader() {
    return Await.until(
        "a leader",
        START,
        () -> schedulers.stream().filter(Scheduler::leads).findFirst().orElse(null));
  }

  @Test
  public void anUpdateEndsOnAnotherLeaderWithoutUpdatingAnInstanceTwice() throws Exception {
    startCluster(3);
    Scheduler first = awaitLeader();
    Calls.createRunning(first.wire(), "hello", 12);
    JobUpdateKey key = Calls.start(first.wire(), Jobs.update("hello", "two", 12, 2));
    Await.pause(Duration.ofSeconds(2));
    first.daemon().kill();
    Scheduler second = awaitLeader();
    assertThat(second.port()).isNotEqualTo(first.port());
    Await.until(
        "rolled forward",
        Duration.ofSeconds(60),
        () -> UpdateHistory.status(second.wire(), key) == JobUpdateStatus.ROLLED_FORWARD);
    UpdateHistory.assertRolledForwardOnce(UpdateHistory.of(second.wire(), key), 12, 2);
    List<ScheduledTask> tasks = Calls.active(second.wire(), Jobs.key("hello"));
    assertThat(tasks).hasSize(12);
    tasks.forEach(
        t ->
            assertThat(t.assignedTask().task().executorConfig().data())
                .isEqualTo("{\"version\":\"two\"}"));
  }

  @Test
  public void aFollowerSendsClientsToTheLeader() throws Exception {
    startCluster(2);
    Scheduler leader = awaitLeader();
    Scheduler follower =
        schedulers.stream().filter(s -> s.port() != leader.port()).findFirst().orElseThrow();
    HttpResponse<String> redirect =
        Await.until(
            "a redirect",
            SOON,
            () -> {
              HttpResponse<String> answer = follower.wire().get("/api?x=1");
              return answer.statusCode() == 307 ? answer : null;
            });
    assertThat(redirect.headers().firstValue("Location"))
        .hasValue("http://127.0.0.1:" + leader.port() + "/api?x=1");
    assertThat(follower.wire().get("/leaderhealth").statusCode()).isEqualTo(503);
    assertThat(follower.wire().get("/health").body()).isEqualTo("OK\n");
    var unused = follower.daemon().awaitLine("standing by; the leader is", SOON);
  }

  @Test
  public void ofAWriteBurstNothingAcknowledgedIsLostAndNothingRefusedAppliedWhenTheLeaderIsKilled()
      throws Exception {
    startCluster(2);
    Scheduler first = awaitLeader();
    Map<String, ResponseCode> answers = new ConcurrentHashMap<>();
    AtomicInteger next = new AtomicInteger();
    AtomicBoolean going = new AtomicBoolean(true);
    ExecutorService clients = Executors.newFixedThreadPool(16);
    for (int i = 0; i < 16; i++) {
      clients.execute(
          () -> {
            while (going.get()) {
              String name = "burst" + next.incrementAndGet();
              try {
                Response response =
                    first.wire().call("createJob", new CreateJobArgs(Jobs.job(name, 1)));
                answers.put(name, response.responseCode());
              } catch (IOException unknown) {
                return;
              }
            }
          });
    }
    Await.pause(Duration.ofSeconds(3));
    first.daemon().kill();
    going.set(false);
    clients.shutdown();
    assertThat(clients.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    Scheduler second = awaitLeader();
    assertThat(answers.values().stream().filter(c -> c == ResponseCode.OK).count())
        .isGreaterThan(50);
    for (Map.Entry<String, ResponseCode> answer : answers.entrySet()) {
      int active = Calls.active(second.wire(), Jobs.key(answer.getKey())).size();
      if (answer.getValue() == ResponseCode.OK) {
        assertThat(active).as(answer.getKey()).isEqualTo(1);
      } else if (answer.getValue() == ResponseCode.ERROR_TRANSIENT) {
        assertThat(active).as(answer.getKey()).isZero();
      }
    }
  }

  @Test
  public void aLeaderFrozenPastItsSessionChangesNothingWhenItThaws() throws Exception {
    startCluster(2);
    Scheduler frozen = awaitLeader();
    Calls.createRunning(frozen.wire(), "hello", 2);
    frozen.daemon().signal("STOP");
    Scheduler next =
        Await.until(
            "another leader",
            START,
            () ->
                schedulers.stream()
                    .filter(s -> s.port() != frozen.port() && s.leads())
                    .findFirst()
                    .orElse(null));
    Calls.createRunning(next.wire(), "other", 2);
    // Queued in the socket while it is frozen, and read as soon as it thaws.
    AtomicInteger accepted = new AtomicInteger();
    List<Thread> late = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      String name = "late" + i;
      Thread thread =
          new Thread(
              () -> {
                try {
                  Response response =
                      frozen.wire().call("createJob", new CreateJobArgs(Jobs.job(name, 1)));
                  if (response.responseCode() == ResponseCode.OK) {
                    accepted.incrementAndGet();
                  }
                } catch (IOException refused) {
                  return;
                }
              });
      thread.start();
      late.add(thread);
    }
    Await.pause(Duration.ofSeconds(1));
    frozen.daemon().signal("CONT");
    for (Thread thread : late) {
      thread.join();
    }
    assertThat(accepted.get()).isZero();
    for (int i = 0; i < 8; i++) {
      assertThat(Calls.active(next.wire(), Jobs.key("late" + i))).isEmpty();
    }
    Await.until(
        "the thawed one stands by",
        SOON,
        () -> frozen.wire().get("/leaderhealth").statusCode() == 503);
    assertThat(next.leads()).isTrue();
  }

  @Test
  public void withoutQuorumHealthAnswersRpcsAreTruthfulAndAllGoesOnAfterwards() throws Exception {
    startCluster(2);
    Scheduler leader = awaitLeader();
    Calls.createRunning(leader.wire(), "hello", 6);
    JobUpdateKey key = Calls.start(leader.wire(), Jobs.update("hello", "two", 6, 1));
    ensemble.server(1).kill();
    ensemble.server(2).kill();
    Await.pause(Duration.ofSeconds(2));
    long before = System.nanoTime();
    assertThat(leader.wire().get("/health").body()).isEqualTo("OK\n");
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(2));
    ResponseCode code;
    try {
      code =
          leader
              .wire()
              .call("createJob", new CreateJobArgs(Jobs.job("doubtful", 1)))
              .responseCode();
    } catch (IOException redirected) {
      code = ResponseCode.ERROR_TRANSIENT;
    }
    Await.pause(Duration.ofSeconds(16));
    ensemble.restart(1);
    ensemble.restart(2);
    Scheduler next = awaitLeader();
    Await.until(
        "rolled forward",
        Duration.ofSeconds(60),
        () -> UpdateHistory.status(next.wire(), key) == JobUpdateStatus.ROLLED_FORWARD);
    UpdateHistory.assertRolledForwardOnce(UpdateHistory.of(next.wire(), key), 6, 1);
    int doubtful = Calls.active(next.wire(), Jobs.key("doubtful")).size();
    if (code == ResponseCode.OK) {
      assertThat(doubtful).isEqualTo(1);
    } else if (code == ResponseCode.ERROR_TRANSIENT) {
      assertThat(doubtful).isZero();
    }
  }

  @Test
  public void aRestartedServerOfTheEnsembleInterruptsNobodyForLong() throws Exception {
    startCluster(2);
    Scheduler leader = awaitLeader();
    Calls.createRunning(leader.wire(), "hello", 6);
    JobUpdateKey key = Calls.start(leader.wire(), Jobs.update("hello", "two", 6, 1));
    for (int id = 1; id <= ensemble.size(); id++) {
      ensemble.restart(id);
      Await.pause(Duration.ofSeconds(1));
    }
    Scheduler next = awaitLeader();
    Await.until(
        "rolled forward",
        Duration.ofSeconds(60),
        () -> UpdateHistory.status(next.wire(), key) == JobUpdateStatus.ROLLED_FORWARD);
    UpdateHistory.assertRolledForwardOnce(UpdateHistory.of(next.wire(), key), 6, 1);
  }

  @Test
  public void aClusterOfAnotherNameOnTheSameRootIsRefusedWithBothNames() {
    startCluster(1, "--journal-root", "/shared-root");
    String first = cluster;
    cluster = "cluster" + ++clusters;
    Scheduler second = startScheduler("--journal-root", "/shared-root");
    assertThat(second.daemon().awaitExit(START)).isNotZero();
    assertThat(String.join("\n", second.daemon().output())).contains(first).contains(cluster);
  }

  @Test
  public void sigtermOfTheLeaderHandsOverQuickly() throws Exception {
    startCluster(2);
    Scheduler first = awaitLeader();
    Calls.createRunning(first.wire(), "hello", 2);
    first.daemon().signal("TERM");
    assertThat(first.daemon().awaitExit(Duration.ofSeconds(20))).isZero();
    Scheduler second =
        Await.until(
            "another leader",
            Duration.ofSeconds(10),
            () ->
                schedulers.stream()
                    .filter(s -> s.port() != first.port() && s.leads())
                    .findFirst()
                    .orElse(null));
    Calls.awaitRunning(second.wire(), Jobs.key("hello"), 2);
  }
}
