package io.borealis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.agent.checkpoint.ProcessUpdate;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.thermos.ProcessState;
import io.borealis.cli.Cluster.Member;
import io.borealis.cli.RealTasks.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.After;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Real tasks while a process they depend on is killed: the leader, the agent, what is below it. */
public class AgentFaultIT {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private RealCluster cluster;

  private Member start(int schedulers) throws IOException {
    cluster = new RealCluster(folder.getRoot().toPath());
    Daemon agent = cluster.launchAgent("alpha");
    Member leader = cluster.schedulers().start(schedulers);
    var unused = agent.awaitLine("registered with", RealCluster.LONG);
    return leader;
  }

  @After
  public void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  private void assertEnded(Wire wire, RealTasks job, String taskId, ScheduleStatus status)
      throws IOException {
    job.await(wire, taskId, status);
    assertThat(TaskHistory.states(job.task(wire, taskId)))
        .containsExactly(
            ScheduleStatus.PENDING,
            ScheduleStatus.ASSIGNED,
            ScheduleStatus.STARTING,
            ScheduleStatus.RUNNING,
            status);
  }

  @Test
  public void anUpdateGoesOnWithAnotherLeaderAndNoTaskIsStartedAgain() throws Exception {
    Member first = start(2);
    RealTasks web = cluster.job("web");
    RealTasks once = cluster.job("once");
    web.createRunning(first.wire(), web.task("one", true), 4);
    once.createRunning(first.wire(), once.task("one", false), 1);
    String ending = once.active(first.wire()).get(0);
    JobUpdateKey key = Calls.start(first.wire(), web.update("two", 4));
    UpdateHistory.awaitUpdated(first.wire(), key, 1);
    Shell waiting = web.shell(3);

    first.daemon().kill();
    once.end(0, 0);
    Member second = cluster.schedulers().awaitLeaderBut(first);
    assertEnded(second.wire(), once, ending, ScheduleStatus.FINISHED);
    UpdateHistory.awaitRolledForwardOnce(second.wire(), key, 4, 1);
    web.awaitRunning(second.wire(), 4);
    assertThat(web.shells()).extracting(Shell::version).containsOnly("two").hasSize(4);
    assertThat(cluster.watch().pids(waiting.taskId())).containsExactly(waiting.pid());
    cluster.watch().assertNothingStartedAgain();
    cluster.finish();
  }

  @Test
  public void whatEndsWhileTheAgentIsDeadIsToldAsItWasAndTheRestGoesOn() throws Exception {
    Member leader = start(1);
    RealTasks web = cluster.job("web");
    RealTasks once = cluster.job("once");
    web.createRunning(leader.wire(), web.task("one", true), 3);
    once.createRunning(leader.wire(), once.task("one", false), 3);
    Map<Integer, String> tasks = once.active(leader.wire());
    Shell zero = once.shell(0);
    Shell one = once.shell(1);
    Shell two = once.shell(2);
    JobUpdateKey key = Calls.start(leader.wire(), web.update("two", 3));
    UpdateHistory.awaitUpdated(leader.wire(), key, 1);

    cluster.agent("alpha").kill();
    once.end(0, 0);
    once.end(1, 137);
    RealTasks.awaitEnd(zero);
    RealTasks.awaitEnd(one);
    cluster.startAgent("alpha");
    assertEnded(leader.wire(), once, tasks.get(0), ScheduleStatus.FINISHED);
    assertEnded(leader.wire(), once, tasks.get(1), ScheduleStatus.FAILED);
    // An exit code is not taken for a signal, although shells write them alike.
    assertThat(cluster.records("alpha").steps(tasks.get(1)))
        .last()
        .extracting(ProcessUpdate::state, ProcessUpdate::returnCode)
        .containsExactly(ProcessState.FAILED, 137);
    UpdateHistory.awaitRolledForwardOnce(leader.wire(), key, 3, 1);
    assertThat(once.shell(2).pid()).isEqualTo(two.pid());
    assertThat(once.active(leader.wire())).containsOnly(Map.entry(2, tasks.get(2)));
    cluster.watch().assertNothingStartedAgain();
    cluster.finish();
  }

  @Test
  public void schedulerAndAgentAreKilledAtOnceInTheMiddleOfAnUpdate() throws Exception {
    Member first = start(1);
    RealTasks web = cluster.job("web");
    RealTasks once = cluster.job("once");
    web.createRunning(first.wire(), web.task("one", true), 3);
    once.createRunning(first.wire(), once.task("one", false), 2);
    Map<Integer, String> tasks = once.active(first.wire());
    Shell going = once.shell(1);
    Shell ending = once.shell(0);
    JobUpdateKey key = Calls.start(first.wire(), web.update("two", 3));
    UpdateHistory.awaitUpdated(first.wire(), key, 1);

    cluster.agent("alpha").kill();
    first.daemon().kill();
    once.end(0, 7);
    RealTasks.awaitEnd(ending);
    cluster.launchAgent("alpha");
    cluster.schedulers().replace(first);
    Member second = cluster.schedulers().awaitLeader();
    assertEnded(second.wire(), once, tasks.get(0), ScheduleStatus.FAILED);
    UpdateHistory.awaitRolledForwardOnce(second.wire(), key, 3, 1);
    assertThat(once.shell(1).pid()).isEqualTo(going.pid());
    web.awaitRunning(second.wire(), 3);
    cluster.watch().assertNothingStartedAgain();
    cluster.finish();
  }

  /** The run of a process is over, not the task. */
  @Test
  public void aKilledCoordinatorAndAKilledShellAreRunsThatBeginAnew() throws Exception {
    Member leader = start(1);
    RealTasks web = cluster.job("web");
    web.createRunning(leader.wire(), web.task("one", true), 3);
    Map<Integer, String> tasks = web.active(leader.wire());
    Shell zero = web.shell(0);
    Shell one = web.shell(1);
    Shell two = web.shell(2);
    web.coordinator(zero.taskId()).kill();
    one.process().kill();
    for (Shell killed : List.of(zero, one)) {
      RealTasks.awaitEnd(killed);
      Shell next = web.shell(killed.instance());
      assertThat(next.pid()).isNotEqualTo(killed.pid());
      assertThat(next.taskId()).isEqualTo(killed.taskId());
    }
    assertRuns(zero.taskId(), ProcessState.LOST, null);
    assertRuns(one.taskId(), ProcessState.KILLED, -9);

    // Nobody sees it now but the agent that is to come.
    cluster.agent("alpha").kill();
    LiveProcess coordinator = web.coordinator(two.taskId());
    coordinator.kill();
    Await.until("it is gone", RealCluster.LONG, () -> LiveProcess.of(coordinator.pid()).isEmpty());
    cluster.startAgent("alpha");
    RealTasks.awaitEnd(two);
    assertThat(web.shell(2).taskId()).isEqualTo(two.taskId());
    assertRuns(two.taskId(), ProcessState.LOST, null);
    web.awaitRunning(leader.wire(), 3);
    assertThat(web.active(leader.wire())).isEqualTo(tasks);
    assertThat(web.tasks(leader.wire())).hasSize(3);
    cluster.finish();
  }

  /** The first run ended in a state, and the second runs. */
  private void assertRuns(String taskId, ProcessState ended, @Nullable Integer code) {
    boolean unused =
        Await.until(
            "the second run of " + taskId + " runs",
            RealCluster.LONG,
            () -> {
              List<ProcessUpdate> runs = cluster.records("alpha").state(taskId).runs("waiting");
              return runs.size() == 2
                  && runs.get(0).state() == ended
                  && Objects.equals(runs.get(0).returnCode(), code)
                  && runs.get(1).state() == ProcessState.RUNNING;
            });
  }

  @Test
  public void whenTheMachineWasStartedAgainEveryTaskIsLostAndRunsAnew() throws Exception {
    Member leader = start(1);
    RealTasks web = cluster.job("web");
    RealTasks once = cluster.job("once");
    web.createRunning(leader.wire(), web.task("one", true), 3);
    once.createRunning(leader.wire(), once.task("one", false), 1);
    Map<Integer, String> services = web.active(leader.wire());
    String task = once.active(leader.wire()).get(0);

    cluster.agent("alpha").kill();
    LiveProcess.killTasksIn(cluster.workDir("alpha"));
    // As an agent finds it that was last here before.
    Files.writeString(cluster.workDir("alpha").resolve("meta/boot"), "another one 7\n");
    cluster.startAgent("alpha");
    for (String service : services.values()) {
      assertEnded(leader.wire(), web, service, ScheduleStatus.LOST);
    }
    assertEnded(leader.wire(), once, task, ScheduleStatus.LOST);
    web.awaitRunning(leader.wire(), 3);
    once.awaitRunning(leader.wire(), 1);
    cluster.watch().assertNothingStartedAgain();
    cluster.finish();
  }

  /** Whatever killed them, it was not the machine: the tasks are still there. */
  @Test
  public void whenEverythingWasKilledAtOnceTheTasksGoOnWithNewRuns() throws Exception {
    Member leader = start(1);
    RealTasks web = cluster.job("web");
    web.createRunning(leader.wire(), web.task("one", true), 3);
    Map<Integer, String> tasks = web.active(leader.wire());
    cluster.agent("alpha").kill();
    LiveProcess.killTasksIn(cluster.workDir("alpha"));
    cluster.startAgent("alpha");
    for (int instance = 0; instance < 3; instance++) {
      assertThat(web.shell(instance).taskId()).isEqualTo(tasks.get(instance));
    }
    web.awaitRunning(leader.wire(), 3);
    assertThat(web.active(leader.wire())).isEqualTo(tasks);
    cluster.finish();
  }

  @Test
  public void theOnlyProcessIsKilledInTheMiddleOfAnUpdateAndTheTasksNeverStop() throws Exception {
    Path all = folder.getRoot().toPath().toRealPath();
    int port = Ports.free();
    Daemon first = up(port);
    Wire wire = new Wire(port);
    try (TaskWatch watch = new TaskWatch()) {
      RealTasks web = new RealTasks(folder.newFolder("signs").toPath(), "web");
      watch.add(web);
      web.createRunning(wire, web.task("one", true), 3);
      JobUpdateKey key = Calls.start(wire, web.update("two", 3));
      UpdateHistory.awaitUpdated(wire, key, 1);
      first.kill();
      List<Shell> going = web.shells();
      assertThat(going).isNotEmpty();
      try (Daemon second = up(port)) {
        assertThat(UpdateHistory.status(wire, key)).isEqualTo(JobUpdateStatus.ROLLING_FORWARD);
        UpdateHistory.awaitRolledForwardOnce(wire, key, 3, 1);
        web.awaitRunning(wire, 3);
        assertThat(web.shells()).extracting(Shell::version).containsOnly("two").hasSize(3);
        TaskHistory.assertLegal(web.tasks(wire));
        watch.assertNeverTwice();
        watch.assertNothingStartedAgain();
        web.kill(wire);
        boolean unused =
            Await.until(
                "nothing is left", RealCluster.LONG, () -> LiveProcess.ofTasksIn(all).isEmpty());
        assertThat(second.isAlive()).isTrue();
      }
    } finally {
      first.close();
      LiveProcess.killTasksIn(all);
    }
  }

  private Daemon up(int port) {
    Daemon up =
        Daemon.start(
            "up",
            "up",
            "--data-dir=" + folder.getRoot().toPath().resolve("data"),
            "--http-port=" + port,
            "--observer-port=0",
            "--resources=cpus:4;mem:2048;disk:2048;ports:[31000-31999]",
            "--flapping-task-threshold=1ms",
            "--update-tolerate-infrastructure-exits=true");
    var unused = up.awaitLine("leading at http://127.0.0.1:" + port, RealCluster.LONG);
    return up;
  }
}
