package io.borealis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.JobUpdateKey;
import io.borealis.api.PartitionPolicy;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.agent.AgentTaskState;
import io.borealis.cli.Cluster.Member;
import io.borealis.cli.RealTasks.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.After;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Real tasks while their agent and the leader cannot hear each other. */
public class AgentLineFaultIT {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private RealCluster cluster;

  private Member start(int schedulers, int agents, String... settings) throws IOException {
    cluster = new RealCluster(folder.getRoot().toPath(), settings);
    List<Daemon> started = new ArrayList<>();
    for (String host : List.of("alpha", "beta").subList(0, agents)) {
      started.add(cluster.launchAgent(host));
    }
    Member leader = cluster.schedulers().start(schedulers);
    for (Daemon agent : started) {
      var unused = agent.awaitLine("registered with", RealCluster.LONG);
    }
    return leader;
  }

  @After
  public void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  private static String host(ScheduledTask task) {
    return task.assignedTask().slaveHost();
  }

  private static String id(ScheduledTask task) {
    return task.assignedTask().taskId();
  }

  /** One is stopped for longer than its timeout, and another one is there. */
  @Test
  public void tasksOfAStoppedAgentAreReplacedOrAwaitedAsTheirPolicySays() throws Exception {
    Member leader = start(1, 2, "--partition-aware=true", "--agent-timeout=3s");
    RealTasks impatient = cluster.job("impatient");
    RealTasks patient = cluster.job("patient");
    impatient.createRunning(leader.wire(), with(impatient, new PartitionPolicy(true, 1L)), 6);
    patient.createRunning(leader.wire(), with(patient, new PartitionPolicy(true, 600L)), 6);
    String stopped = host(patient.tasks(leader.wire()).get(0));
    List<ScheduledTask> replaced = on(stopped, impatient.tasks(leader.wire()));
    List<ScheduledTask> awaited = on(stopped, patient.tasks(leader.wire()));
    cluster.watch().excuse(replaced.stream().map(AgentLineFaultIT::id).toList());
    List<Shell> patients = patient.shells();
    List<Shell> orphans =
        impatient.shells().stream()
            .filter(s -> replaced.stream().anyMatch(task -> id(task).equals(s.taskId())))
            .toList();
    assertThat(orphans).hasSameSizeAs(replaced);

    cluster.agent(stopped).signal("STOP");
    for (ScheduledTask task : awaited) {
      patient.await(leader.wire(), id(task), ScheduleStatus.PARTITIONED);
    }
    for (ScheduledTask task : replaced) {
      impatient.await(leader.wire(), id(task), ScheduleStatus.LOST);
    }
    impatient.awaitRunning(leader.wire(), 6);
    cluster.agent(stopped).signal("CONT");
    patient.awaitRunning(leader.wire(), 6);
    orphans.forEach(RealTasks::awaitEnd);

    assertThat(pids(patient.shells())).isEqualTo(pids(patients));
    for (ScheduledTask task : awaited) {
      assertThat(TaskHistory.states(patient.task(leader.wire(), id(task))))
          .endsWith(ScheduleStatus.RUNNING, ScheduleStatus.PARTITIONED, ScheduleStatus.RUNNING);
    }
    assertThat(impatient.shells()).hasSize(6);
    assertThat(ids(impatient.shells()))
        .isEqualTo(new TreeSet<>(impatient.active(leader.wire()).values()));
    cluster.watch().assertNothingStartedAgain();
    cluster.finish();
  }

  private static TaskConfig with(RealTasks job, PartitionPolicy policy) {
    return job.task("one", true).toBuilder().partitionPolicy(policy).build();
  }

  private static List<ScheduledTask> on(String host, List<ScheduledTask> tasks) {
    return tasks.stream().filter(task -> host(task).equals(host)).toList();
  }

  private static Set<Long> pids(List<Shell> shells) {
    TreeSet<Long> pids = new TreeSet<>();
    shells.forEach(shell -> pids.add(shell.pid()));
    return pids;
  }

  private static Set<String> ids(List<Shell> shells) {
    TreeSet<String> ids = new TreeSet<>();
    shells.forEach(shell -> ids.add(shell.taskId()));
    return ids;
  }

  /** The leader is stopped while tasks become healthy and end, and then killed. */
  @Test
  public void whatTheLeaderNeverHeardTheNextOneHearsInOrder() throws Exception {
    Member first = start(2, 1);
    RealTasks once = cluster.job("once");
    once.create(first.wire(), once.gatedTask("one", false), 4);
    for (int instance = 0; instance < 4; instance++) {
      int wanted = instance;
      String task =
          Await.until(
              "a task of " + wanted, RealCluster.LONG, () -> once.active(first.wire()).get(wanted));
      once.await(first.wire(), task, ScheduleStatus.STARTING);
      assertThat(once.shell(instance).taskId()).isEqualTo(task);
    }
    Map<Integer, String> tasks = once.active(first.wire());

    first.daemon().signal("STOP");
    for (int instance = 0; instance < 4; instance++) {
      once.heal(instance);
      awaitTold(tasks.get(instance), AgentTaskState.TASK_RUNNING);
    }
    for (int instance = 0; instance < 3; instance++) {
      once.end(instance, instance);
    }
    awaitTold(tasks.get(0), AgentTaskState.TASK_FINISHED);
    awaitTold(tasks.get(1), AgentTaskState.TASK_FAILED);
    awaitTold(tasks.get(2), AgentTaskState.TASK_FAILED);
    first.daemon().kill();

    Member second = cluster.schedulers().awaitLeaderBut(first);
    List<ScheduleStatus> ends =
        List.of(
            ScheduleStatus.FINISHED,
            ScheduleStatus.FAILED,
            ScheduleStatus.FAILED,
            ScheduleStatus.RUNNING);
    for (int instance = 0; instance < 4; instance++) {
      String task = tasks.get(instance);
      once.await(second.wire(), task, ends.get(instance));
      List<ScheduleStatus> states = new ArrayList<>();
      states.addAll(
          List.of(
              ScheduleStatus.PENDING,
              ScheduleStatus.ASSIGNED,
              ScheduleStatus.STARTING,
              ScheduleStatus.RUNNING));
      if (instance < 3) {
        states.add(ends.get(instance));
      }
      assertThat(TaskHistory.states(once.task(second.wire(), task))).isEqualTo(states);
    }
    cluster.watch().assertNothingStartedAgain();
    cluster.finish();
  }

  private void awaitTold(String taskId, AgentTaskState state) {
    boolean unused =
        Await.until(
            "the agent tells that " + taskId + " is " + state,
            RealCluster.LONG,
            () -> cluster.records("alpha").told(taskId).contains(state));
  }

  /** It is stopped in the middle of an update, and goes on when another one has gone on with it. */
  @Test
  public void anOldLeaderCommandsNobody() throws Exception {
    Member first = start(2, 1);
    RealTasks web = cluster.job("web");
    web.createRunning(first.wire(), web.task("one", true), 4);
    JobUpdateKey key = Calls.start(first.wire(), web.update("two", 4));
    UpdateHistory.awaitUpdated(first.wire(), key, 1);

    first.daemon().signal("STOP");
    Member second = cluster.schedulers().awaitLeaderBut(first);
    UpdateHistory.awaitUpdated(second.wire(), key, 2);
    first.daemon().signal("CONT");
    Await.until(
        "the old one leads no more",
        RealCluster.LONG,
        () -> !first.daemon().isAlive() || first.health() == 503);
    UpdateHistory.awaitRolledForwardOnce(second.wire(), key, 4, 1);
    web.awaitRunning(second.wire(), 4);
    // One task of each version for each instance, and each of them one command.
    assertThat(web.tasks(second.wire())).hasSize(8);
    assertThat(web.shells()).extracting(Shell::version).containsOnly("two").hasSize(4);
    cluster.watch().assertNothingStartedAgain();
    cluster.finish();
  }

  /** As when a machine is set up anew under its old name. */
  @Test
  public void tasksOfAnAgentWhoseDirectoryIsGoneAreLostAndRunOnTheNewOne() throws Exception {
    Member leader = start(1, 1, "--agent-timeout=3s");
    RealTasks web = cluster.job("web");
    web.createRunning(leader.wire(), web.task("one", true), 3);
    Map<Integer, String> before = web.active(leader.wire());
    String old = web.tasks(leader.wire()).get(0).assignedTask().slaveId();

    cluster.agent("alpha").kill();
    LiveProcess.killTasksIn(cluster.workDir("alpha"));
    delete(cluster.workDir("alpha"));
    cluster.startAgent("alpha");
    for (String task : before.values()) {
      web.await(leader.wire(), task, ScheduleStatus.LOST);
    }
    web.awaitRunning(leader.wire(), 3);
    for (String task : web.active(leader.wire()).values()) {
      assertThat(web.task(leader.wire(), task).assignedTask().slaveId()).isNotEqualTo(old);
    }
    cluster.watch().assertNothingStartedAgain();
    cluster.finish();
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : (Iterable<Path>) all.sorted(Comparator.reverseOrder())::iterator) {
        Files.delete(path);
      }
    }
  }

  @Test
  public void anAgentWithAnotherSecretIsNotLetInAndBothSidesSayWhy() throws Exception {
    Member leader = start(1, 0);
    Path wrong = cluster.secret("wrong", "something-else");
    Daemon agent = cluster.launchAgent("alpha", "--agent-secret-file=" + wrong);
    assertThat(agent.awaitLine("--agent-secret-file", RealCluster.LONG))
        .contains("The secret is not that of --agent-secret-file");
    assertThat(leader.daemon().awaitLine("--agent-secret-file", RealCluster.LONG))
        .contains("127.0.0.1");
    assertThat(agent.isAlive()).isTrue();

    // It goes on trying, so that it is enough to correct the schedulers.
    agent.kill();
    cluster.startAgent("alpha");
    RealTasks web = cluster.job("web");
    web.createRunning(leader.wire(), web.task("one", true), 1);
    cluster.finish();
  }
}
