package io.borealis.agent;

import static io.borealis.api.agent.AgentTaskState.TASK_ERROR;
import static io.borealis.api.agent.AgentTaskState.TASK_FAILED;
import static io.borealis.api.agent.AgentTaskState.TASK_FINISHED;
import static io.borealis.api.agent.AgentTaskState.TASK_KILLED;
import static io.borealis.api.agent.AgentTaskState.TASK_RUNNING;
import static io.borealis.api.agent.AgentTaskState.TASK_STARTING;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import io.borealis.agent.executor.StatusSink;
import io.borealis.agent.executor.TaskExecutor;
import io.borealis.agent.executor.TaskExecutors;
import io.borealis.agent.executor.TaskRun;
import io.borealis.api.AssignedTask;
import io.borealis.api.agent.AgentResources;
import io.borealis.api.agent.AgentTask;
import io.borealis.api.agent.AgentTaskState;
import io.borealis.api.agent.AgentUpdate;
import io.borealis.api.agent.LaunchTask;
import io.borealis.runtime.VirtualRuntimes;
import io.borealis.thrift.StructBytes;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** What the agent makes of commands and of what its executors say, on virtual time. */
public class AgentTasksTest {
  private static final AgentResources USED =
      AgentResources.builder().cpus(1).ramMb(128).diskMb(256).build();

  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private final SmallDisk disk = new SmallDisk();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final List<AgentUpdate> reported = new ArrayList<>();
  private final List<String> calls = new ArrayList<>();
  private final Map<String, StatusSink> sinks = new HashMap<>();
  private final Map<String, TaskRun> taskRuns = new HashMap<>();
  private VirtualRuntimes runtimes;
  private WorkDir workDir;
  private AgentTasks tasks;
  private long nextUuid;

  @Before
  public void begin() {
    open();
    tasks.connected("fw");
  }

  @After
  public void end() {
    workDir.close();
  }

  private void open() {
    runtimes = new VirtualRuntimes();
    workDir = WorkDir.open(folder.getRoot().toPath().resolve("work"), "agent-1");
    tasks =
        new AgentTasks(
            workDir,
            new Executors(),
            reported::add,
            new AgentTasks.Threads(
                runtimes.newLoop("tasks"),
                runtimes.newLoop("updates"),
                runtimes.newPool("disk", 1)),
            disk,
            runtimes.clock(),
            () -> new UUID(0, ++nextUuid),
            meters);
    var runs = StateRecovery.recover(workDir, true).runs();
    var recovered = tasks.recover(runs);
    tasks.adopt(runs);
    runtimes.runReady();
    assertThat(recovered).isCompleted();
  }

  /** The process dies and another one begins. */
  private void restart() {
    runtimes.crash();
    workDir.close();
    reported.clear();
    calls.clear();
    open();
  }

  /** Notes what is asked of executors, and lets a test speak for them. */
  private final class Executors implements TaskExecutors {
    @Override
    public TaskExecutor create(TaskRun run, StatusSink sink) {
      String id = run.task().taskId();
      sinks.put(id, sink);
      taskRuns.put(id, run);
      return new TaskExecutor() {
        @Override
        public void launch() {
          calls.add("launch " + id);
        }

        @Override
        public void recover(boolean wasRunning) {
          calls.add("recover " + id + " " + wasRunning);
        }

        @Override
        public void kill() {
          calls.add("kill " + id);
        }

        @Override
        public void detach() {
          calls.add("detach " + id);
        }
      };
    }
  }

  private static LaunchTask task(String id) {
    return new LaunchTask(AssignedTask.builder().taskId(id).slaveHost("here").build(), USED);
  }

  private void launch(String id) {
    tasks.launch(task(id));
    runtimes.runReady();
  }

  private void says(String id, AgentTaskState state) {
    sinks.get(id).status(state, "because", null);
    runtimes.runReady();
  }

  private void acknowledge(AgentUpdate update) {
    ByteBuffer uuid = update.uuid().toByteBuffer();
    tasks.acknowledge(update.taskId(), new UUID(uuid.getLong(), uuid.getLong()));
    runtimes.runReady();
  }

  private AgentUpdate last() {
    return reported.get(reported.size() - 1);
  }

  private List<String> reported() {
    List<String> lines =
        reported.stream()
            .map(u -> u.taskId() + " " + u.state() + (u.uuid() == null ? " told" : ""))
            .toList();
    reported.clear();
    return lines;
  }

  private Path run(String id) {
    return taskRuns.get(id).directory();
  }

  private RunPaths paths(String id) {
    return workDir.run("fw", id, run(id).getFileName().toString());
  }

  @Test
  public void aTaskIsOnTheDiskBeforeItsExecutorBegins() throws Exception {
    launch("t");
    assertThat(calls).containsExactly("launch t");
    assertThat(StructBytes.read(LaunchTask.TYPE, Files.readAllBytes(paths("t").taskInfo())))
        .isEqualTo(task("t"));
    assertThat(run("t")).isDirectory();
    Path runs = Path.of("slaves/agent-1/frameworks/fw/executors/thermos-t/runs/latest");
    for (Path root : List.of(workDir.root(), workDir.root().resolve("meta"))) {
      assertThat(Files.readSymbolicLink(root.resolve(runs))).isEqualTo(run("t").getFileName());
    }
    assertThat(tasks.tasks())
        .containsExactly(new AgentTask("t", AgentTaskState.TASK_STAGING, USED, false));
  }

  @Test
  public void aTaskIsLaunchedOnceHoweverOftenThatIsCommanded() {
    tasks.launch(task("t"));
    tasks.launch(task("t"));
    runtimes.runReady();
    says("t", TASK_FINISHED);
    launch("t");
    acknowledge(last());
    assertThat(reported()).doesNotContain("t TASK_LOST told");
    launch("t");
    assertThat(calls).containsExactly("launch t");
    assertThat(reported()).contains("t TASK_LOST told");
    assertThat(tasks.tasks()).isEmpty();
  }

  @Test
  public void aTaskThatRanHereBeforeTheRestartIsLostAndNotRunAgain() {
    launch("t");
    says("t", TASK_FINISHED);
    acknowledge(last());
    restart();
    tasks.connected("fw");
    launch("t");
    assertThat(calls).isEmpty();
    assertThat(reported()).containsExactly("t TASK_LOST told");
    assertThat(tasks.tasks()).isEmpty();
  }

  @Test
  public void anIdThatNamesNoFolderIsAnError() {
    launch("../t");
    launch("..");
    launch("a/b");
    assertThat(reported())
        .containsExactly("../t TASK_ERROR told", ".. TASK_ERROR told", "a/b TASK_ERROR told");
    assertThat(calls).isEmpty();
    assertThat(workDir.root().resolve("slaves")).doesNotExist();
  }

  @Test
  public void anIdThatIsTooLongForAFolderIsAnErrorThatSaysSo() {
    launch("t".repeat(WorkDir.LONGEST_NAME));
    launch("u".repeat(WorkDir.LONGEST_NAME + 1));
    assertThat(calls).containsExactly("launch " + "t".repeat(WorkDir.LONGEST_NAME));
    assertThat(last().state()).isEqualTo(TASK_ERROR);
    assertThat(last().message()).contains("at most 240 characters");
  }

  @Test
  public void whatIsToldOfATaskHasALimitThatAReportOfManyCanBear() throws Exception {
    launch("t");
    sinks.get("t").status(TASK_FAILED, "x".repeat(1 << 20), null);
    runtimes.runReady();
    assertThat(last().message()).hasSize(8192).startsWith("xxx").endsWith("…");
    assertThat(Files.size(paths("t").taskUpdates())).isLessThan(10_000);
  }

  @Test
  public void whatAnExecutorSaysGoesToTheSchedulerInOrder() {
    launch("t");
    says("t", TASK_STARTING);
    says("t", TASK_RUNNING);
    assertThat(reported).hasSize(1);
    AgentUpdate first = last();
    assertThat(first)
        .isEqualTo(
            AgentUpdate.builder()
                .taskId("t")
                .state(TASK_STARTING)
                .message("because")
                .source("SOURCE_EXECUTOR")
                .uuid(first.uuid())
                .timestampMs(runtimes.clock().wallMillis())
                .latest(TASK_STARTING)
                .build());
    assertThat(tasks.tasks()).containsExactly(new AgentTask("t", TASK_RUNNING, USED, true));
    acknowledge(first);
    assertThat(last().state()).isEqualTo(TASK_RUNNING);
    acknowledge(last());
    assertThat(tasks.tasks()).containsExactly(new AgentTask("t", TASK_RUNNING, USED, false));
  }

  @Test
  public void scenario62WhatIsSentAgainCarriesTheNewestState() {
    launch("t");
    says("t", TASK_RUNNING);
    says("t", TASK_FINISHED);
    runtimes.advance(Duration.ofSeconds(10));
    assertThat(last().state()).isEqualTo(TASK_RUNNING);
    assertThat(last().latest()).isEqualTo(TASK_FINISHED);
    assertThat(reported.get(0).latest()).isEqualTo(TASK_RUNNING);
  }

  @Test
  public void scenario63ASecondEndIsRefused() {
    launch("t");
    says("t", TASK_FINISHED);
    says("t", TASK_KILLED);
    says("t", TASK_RUNNING);
    acknowledge(last());
    assertThat(reported()).containsExactly("t TASK_FINISHED");
    assertThat(tasks.tasks()).isEmpty();
  }

  @Test
  public void theEndOfATaskIsWrittenDownOnceTheSchedulerKnows() {
    launch("t");
    says("t", TASK_FAILED);
    assertThat(tasks.tasks()).containsExactly(new AgentTask("t", TASK_FAILED, USED, true));
    assertThat(paths("t").sentinel()).doesNotExist();
    acknowledge(last());
    assertThat(paths("t").sentinel()).exists();
    assertThat(tasks.tasks()).isEmpty();
    assertThat(meters.counter("agent_tasks_failed").count()).isEqualTo(1);
  }

  @Test
  public void aKillGoesToTheExecutorAsLongAsTheTaskLives() {
    launch("t");
    tasks.kill("t");
    runtimes.runReady();
    says("t", TASK_KILLED);
    tasks.kill("t");
    runtimes.runReady();
    assertThat(calls).containsExactly("launch t", "kill t");
  }

  @Test
  public void aTaskKilledBeforeItIsOnTheDiskNeverStarts() {
    tasks.kill("other");
    tasks.launch(task("t"));
    tasks.kill("t");
    runtimes.runReady();
    assertThat(calls).isEmpty();
    assertThat(reported()).containsExactly("other TASK_LOST told", "t TASK_KILLED");
  }

  @Test
  public void anUnknownTaskIsGoneAndAnEndedOneIsRemembered() {
    launch("ended");
    says("ended", TASK_FINISHED);
    acknowledge(last());
    launch("t");
    says("t", TASK_RUNNING);
    var unused = reported();
    tasks.reconcile(ImmutableList.of("t", "ended", "unknown"));
    runtimes.runReady();
    assertThat(reported.stream().map(AgentUpdate::reason)).containsOnly("REASON_RECONCILIATION");
    assertThat(reported())
        .containsExactly(
            "t TASK_RUNNING told", "ended TASK_FINISHED told", "unknown TASK_GONE told");
    tasks.reconcile(ImmutableList.of());
    tasks.kill("ended");
    runtimes.runReady();
    assertThat(reported()).containsExactly("t TASK_RUNNING told", "ended TASK_FINISHED told");
  }

  @Test
  public void withoutALeaderNothingIsSentAndThenEverything() {
    tasks.disconnected();
    launch("t");
    says("t", TASK_STARTING);
    runtimes.advance(Duration.ofHours(1));
    assertThat(reported).isEmpty();
    tasks.connected("fw");
    runtimes.runReady();
    assertThat(reported()).containsExactly("t TASK_STARTING");
  }

  @Test
  public void aNewProcessGoesOnWhereTheOldOneWas() {
    for (String id : List.of("fresh", "starting", "running", "ended", "over")) {
      launch(id);
    }
    says("starting", TASK_STARTING);
    says("running", TASK_STARTING);
    acknowledge(last());
    says("running", TASK_RUNNING);
    says("ended", TASK_FAILED);
    says("over", TASK_FINISHED);
    acknowledge(last());
    tasks.kill("running");
    runtimes.runReady();
    restart();
    assertThat(calls)
        .containsExactlyInAnyOrder(
            "launch fresh", "recover starting false", "recover running true");
    assertThat(tasks.tasks())
        .containsExactlyInAnyOrder(
            new AgentTask("fresh", AgentTaskState.TASK_STAGING, USED, false),
            new AgentTask("starting", TASK_STARTING, USED, true),
            new AgentTask("running", TASK_RUNNING, USED, true),
            new AgentTask("ended", TASK_FAILED, USED, true));
    assertThat(reported).isEmpty();
    tasks.connected("fw");
    runtimes.runReady();
    assertThat(reported())
        .containsExactlyInAnyOrder(
            "starting TASK_STARTING", "running TASK_RUNNING", "ended TASK_FAILED");
  }

  @Test
  public void updatesThatDoNotFitOnTheDiskWaitAndKeepTheirOrder() {
    launch("t");
    says("t", TASK_STARTING);
    AgentUpdate starting = last();
    disk.room = 5;
    says("t", TASK_RUNNING);
    says("t", TASK_FINISHED);
    assertThat(tasks.problem()).hasValueSatisfying(p -> assertThat(p).contains("No space left"));
    assertThat(meters.counter("agent_update_errors").count()).isEqualTo(1);
    acknowledge(starting);
    runtimes.advance(Duration.ofMinutes(1));
    // The acknowledgement could not be written either, so it is asked for again.
    assertThat(reported()).containsOnly("t TASK_STARTING");
    assertThat(tasks.tasks()).containsExactly(new AgentTask("t", TASK_FINISHED, USED, true));
    disk.room = Long.MAX_VALUE;
    runtimes.advance(UpdateDelivery.REPAIR);
    assertThat(tasks.problem()).isEmpty();
    acknowledge(starting);
    acknowledge(last());
    acknowledge(last());
    assertThat(reported()).containsExactly("t TASK_RUNNING", "t TASK_FINISHED");
    assertThat(tasks.tasks()).isEmpty();
  }

  @Test
  public void aTaskThatCannotBeWrittenDownIsLostAndNotFoundLater() throws Exception {
    Path inTheWay = workDir.root().resolve("slaves/agent-1/frameworks/fw");
    Files.createDirectories(inTheWay.getParent());
    Files.createFile(inTheWay);
    launch("t");
    assertThat(calls).isEmpty();
    AgentUpdate lost = last();
    assertThat(reported()).containsExactly("t TASK_LOST");
    assertThat(lost.message()).contains("cannot write down");
    assertThat(lost.uuid()).isNotNull();
    restart();
    assertThat(calls).isEmpty();
    assertThat(tasks.tasks()).isEmpty();
  }

  @Test
  public void stoppingDetachesFromTasksThatGoOn() {
    launch("t");
    var closed = tasks.close();
    runtimes.runReady();
    assertThat(closed).isCompleted();
    assertThat(calls).containsExactly("launch t", "detach t");
  }
}
