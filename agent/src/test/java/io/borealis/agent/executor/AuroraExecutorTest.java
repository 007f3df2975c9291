package io.borealis.agent.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.agent.executor.Workplaces.SandboxException;
import io.borealis.agent.executor.Workplaces.Teardown;
import io.borealis.agent.health.CheckResult;
import io.borealis.agent.health.HealthMetrics;
import io.borealis.agent.job.HttpLifecycle;
import io.borealis.agent.job.InvalidTaskException;
import io.borealis.agent.runner.TaskRunner.Failure;
import io.borealis.api.AssignedTask;
import io.borealis.api.thermos.TaskState;
import io.borealis.config.AgentSettings;
import io.borealis.runtime.VirtualRuntimes;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public class AuroraExecutorTest {
  private static final Duration STOP = Duration.ofMinutes(2);
  private static final String ASSUMED =
      "TASK_RUNNING No health-check defined, task is assumed healthy.";

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final VirtualRuntimes time = new VirtualRuntimes();
  private final FakeWorkplaces machine = new FakeWorkplaces(time.clock());
  private final List<String> told = new ArrayList<>();
  private final List<Runnable> held = new ArrayList<>();
  private boolean holdsIo;
  private TaskRun run;
  private AuroraExecutor executor;

  @Before
  public void setUp() {
    run = new TaskRun(AssignedTask.builder().taskId("task-1").build(), folder.getRoot().toPath());
    executor = executor();
  }

  private AuroraExecutor executor() {
    Executor io = time.newPool("io", 1);
    return new AuroraExecutor(
        run,
        settings(),
        new AuroraExecutor.Services(
            time.clock(),
            action -> {
              if (holdsIo) {
                held.add(action);
              } else {
                io.execute(action);
              }
            },
            machine,
            machine::post,
            new HealthMetrics(new SimpleMeterRegistry())),
        time.newLoop("task"),
        (state, message, reason) ->
            told.add(
                state
                    + (message == null ? "" : " " + message)
                    + (reason == null ? "" : " " + reason)));
  }

  private static ExecutorSettings settings() {
    return new ExecutorSettings(
        "host",
        new AgentSettings.Tasks(
            false, Optional.empty(), false, false, "file", "standard", 100 << 20, 5, 4096, STOP),
        new AgentSettings.Announcer(
            Optional.empty(), "/aurora", false, Optional.empty(), Optional.empty()),
        ExecutorSettings.Timings.USUAL);
  }

  private void launch() {
    executor.launch();
    time.runReady();
  }

  private void kill() {
    executor.kill();
    time.runReady();
  }

  private void listens(Duration gracefulWait, Duration shutdownWait) {
    machine.teardown =
        Optional.of(
            new Teardown(
                31000, new HttpLifecycle("health", "/quit", "/abort", gracefulWait, shutdownWait)));
  }

  @Test
  public void aTaskWithoutHealthCheckRunsAtOnceAndFinishes() {
    launch();
    machine.runner().end(TaskState.SUCCESS);
    time.runReady();
    assertThat(told).containsExactly("TASK_STARTING", ASSUMED, "TASK_FINISHED Task finished.");
    assertThat(machine.released).isEqualTo(1);
    assertThat(run.stopping()).doesNotExist();
  }

  @Test
  public void eachEndOfTheRunnerHasItsStatus() {
    assertThat(List.of(TaskState.values()))
        .extracting(
            state ->
                RunnerStatus.ended(state).state() + " " + RunnerStatus.ended(state).message().get())
        .containsExactlyInAnyOrder(
            "TASK_LOST Runner died while task was active.",
            "TASK_LOST Task checkpoint could not be read.",
            "TASK_LOST Task checkpoint could not be read.",
            "TASK_FINISHED Task finished.",
            "TASK_FAILED Task failed.",
            "TASK_KILLED Task killed.",
            "TASK_LOST Task lost.");
  }

  @Test
  public void aHealthyTaskRunsOnlyOnceItIsHealthy() {
    machine.health = Optional.of(CheckResult.unhealthy("not yet"));
    launch();
    time.advance(Duration.ofSeconds(9));
    assertThat(told).containsExactly("TASK_STARTING");
    machine.health = Optional.of(CheckResult.healthy());
    time.advance(Duration.ofSeconds(1));
    assertThat(told).containsExactly("TASK_STARTING", "TASK_RUNNING Task is healthy.");
    time.advance(Duration.ofMinutes(5));
    assertThat(told).hasSize(2);
  }

  @Test
  public void anUnhealthyTaskIsStoppedAndFails() {
    machine.health = Optional.of(CheckResult.unhealthy("no answer"));
    launch();
    time.advance(Duration.ofSeconds(20));
    assertThat(told).containsExactly("TASK_STARTING", "TASK_FAILED Failed health check! no answer");
    assertThat(machine.asked).contains("20.0 kill 60.0").doesNotContain("30.0 check");
  }

  @Test
  public void aKilledTaskIsToldToBeKilledWhateverItsProcessesDid() {
    machine.diesWhenKilled = false;
    launch();
    kill();
    executor.kill();
    machine.runner().end(TaskState.SUCCESS);
    time.runReady();
    assertThat(told)
        .containsExactly("TASK_STARTING", ASSUMED, "TASK_KILLED Instructed to kill task.");
  }

  @Test
  public void aTaskIsKnownNoMoreThenAskedThenKilled() {
    machine.announces = true;
    machine.withdrawsAfter = Optional.of(Duration.ofSeconds(1));
    listens(Duration.ofSeconds(5), Duration.ofSeconds(7));
    machine.endsAfterRequest = Optional.of(Duration.ofHours(1));
    launch();
    kill();
    time.advance(Duration.ofMinutes(2));
    assertThat(machine.asked)
        .containsExactly(
            "0.0 prepare",
            "0.0 start",
            "0.0 announce 15",
            "0.0 withdraw",
            "1.0 post http://localhost:31000/quit",
            "6.0 post http://localhost:31000/abort",
            "13.0 kill 60.0");
    assertThat(told).endsWith("TASK_KILLED Instructed to kill task.");
  }

  @Test
  public void aTaskThatDoesNotAnswerIsNotWaitedFor() {
    listens(Duration.ofSeconds(5), Duration.ofSeconds(7));
    launch();
    kill();
    assertThat(machine.asked)
        .containsExactly(
            "0.0 prepare",
            "0.0 start",
            "0.0 post http://localhost:31000/quit",
            "0.0 post http://localhost:31000/abort",
            "0.0 kill 60.0");
  }

  @Test
  public void aTaskThatEndsWhenAskedIsNotKilled() {
    listens(Duration.ofSeconds(5), Duration.ofSeconds(7));
    machine.endsAfterRequest = Optional.of(Duration.ofSeconds(3));
    launch();
    kill();
    time.advance(Duration.ofSeconds(2));
    assertThat(told).hasSize(2);
    time.advance(Duration.ofSeconds(1));
    assertThat(told).hasSize(3);
    assertThat(machine.asked)
        .containsExactly("0.0 prepare", "0.0 start", "0.0 post http://localhost:31000/quit");
    time.advance(Duration.ofMinutes(5));
    assertThat(told).hasSize(3);
    assertThat(time.pending()).isEmpty();
  }

  @Test
  public void everythingTogetherIsBoundByTheStopTimeout() {
    listens(Duration.ofSeconds(90), Duration.ofSeconds(90));
    machine.endsAfterRequest = Optional.of(Duration.ofHours(1));
    machine.diesWhenKilled = false;
    launch();
    kill();
    time.advance(STOP);
    assertThat(machine.asked)
        .containsExactly(
            "0.0 prepare",
            "0.0 start",
            "0.0 post http://localhost:31000/quit",
            "90.0 post http://localhost:31000/abort",
            "120.0 kill 0.0");
    assertThat(told).hasSize(2);
    time.advance(Duration.ofSeconds(10));
    assertThat(told).endsWith("TASK_KILLED Instructed to kill task.");
    machine.runner().end(TaskState.KILLED);
    time.advance(Duration.ofMinutes(5));
    assertThat(told).hasSize(3);
  }

  @Test
  public void aTaskIsKilledWithThePatienceThatIsLeft() {
    listens(Duration.ofSeconds(80), Duration.ofSeconds(5));
    machine.endsAfterRequest = Optional.of(Duration.ofHours(1));
    launch();
    kill();
    time.advance(STOP);
    assertThat(machine.asked).contains("85.0 kill 35.0");
  }

  @Test
  public void aMemberThatCannotBeWithdrawnDelaysTheEndOnlySoLong() {
    machine.announces = true;
    machine.withdrawsAfter = Optional.empty();
    launch();
    kill();
    time.advance(Duration.ofSeconds(5));
    assertThat(machine.asked).contains("5.0 kill 60.0");
    assertThat(told).hasSize(3);
  }

  @Test
  public void aTaskThatIsKilledWhileItsSandboxIsMadeIsNotStarted() {
    holdsIo = true;
    launch();
    kill();
    assertThat(told).containsExactly("TASK_STARTING");
    held.forEach(Runnable::run);
    time.runReady();
    assertThat(told)
        .containsExactly("TASK_STARTING", "TASK_KILLED Task killed during initialization.");
    assertThat(machine.asked).containsExactly("0.0 prepare");
  }

  @Test
  public void aTaskThatIsKilledWhileItStartsIsKilledWithoutBeingAsked() {
    machine.startsAtOnce = false;
    listens(Duration.ofSeconds(5), Duration.ofSeconds(5));
    launch();
    kill();
    assertThat(machine.asked).containsExactly("0.0 prepare", "0.0 start", "0.0 kill 60.0");
    assertThat(told).containsExactly("TASK_STARTING", "TASK_KILLED Instructed to kill task.");
  }

  @Test
  public void aTaskThatBreaksARuleFailsWithItsText() {
    machine.trouble = new InvalidTaskException("processes[0].name: is missing");
    launch();
    assertThat(told).containsExactly("TASK_STARTING", "TASK_FAILED processes[0].name: is missing");
    assertThat(machine.asked).containsExactly("0.0 prepare", "0.0 abandon");
  }

  @Test
  public void aSandboxThatCannotBeMadeFailsTheTask() {
    machine.trouble = new SandboxException("There is no account named 'x' on this machine.");
    launch();
    assertThat(told)
        .containsExactly(
            "TASK_STARTING",
            "TASK_FAILED Failed to initialize sandbox: There is no account named 'x' on this"
                + " machine.");
  }

  @Test
  public void whateverElseHappensToASandboxFailsTheTask() {
    machine.trouble = new IllegalStateException("surprise");
    launch();
    assertThat(told)
        .containsExactly(
            "TASK_STARTING", "TASK_FAILED Unknown exception initializing sandbox: surprise");
  }

  @Test
  public void aSandboxThatTakesTooLongFailsTheTaskOnce() {
    holdsIo = true;
    launch();
    time.advance(Duration.ofMinutes(10));
    held.forEach(Runnable::run);
    time.advance(Duration.ofMinutes(10));
    assertThat(told)
        .containsExactly(
            "TASK_STARTING", "TASK_FAILED Timed out waiting for sandbox to initialize!");
    assertThat(machine.asked).containsExactly("600.0 prepare");
  }

  @Test
  public void aRunnerThatDoesNotStartInTimeIsStopped() {
    machine.startsAtOnce = false;
    launch();
    time.advance(Duration.ofSeconds(60));
    assertThat(told)
        .containsExactly(
            "TASK_STARTING",
            "TASK_FAILED Task initialization failed: Task did not start within deadline.");
    assertThat(machine.asked).contains("60.0 kill 60.0");
  }

  @Test
  public void aRunnerThatCannotStartFailsTheTask() {
    machine.startsAtOnce = false;
    launch();
    machine.runner().listener.failed(Failure.INVALID_TASK, "No processes.");
    time.runReady();
    assertThat(told)
        .containsExactly(
            "TASK_STARTING",
            "TASK_FAILED Task initialization failed: Task failed: Thermos received an invalid"
                + " task. No processes.");
  }

  @Test
  public void aRunnerThatFailsLaterLosesTheTask() {
    launch();
    machine.runner().listener.failed(Failure.INTERNAL_ERROR, "No space left.");
    time.runReady();
    assertThat(told).endsWith("TASK_LOST Thermos failed with internal error. No space left.");
    assertThat(machine.released).isEqualTo(2);
  }

  @Test
  public void aTaskThatTakesMoreDiskThanItMayIsStopped() {
    machine.diskReserved = OptionalLong.of(100);
    machine.diskUsed = 100;
    launch();
    time.advance(Duration.ofSeconds(119));
    assertThat(told).hasSize(2);
    machine.diskUsed = 101;
    time.advance(Duration.ofSeconds(1));
    assertThat(told)
        .endsWith(
            "TASK_FAILED Disk limit exceeded.  Reserved 100 bytes vs used 101 bytes."
                + " REASON_CONTAINER_LIMITATION_DISK");
  }

  @Test
  public void aTaskThatTakesMoreMemoryThanItMayIsKilledAtOnce() {
    listens(Duration.ofSeconds(5), Duration.ofSeconds(5));
    launch();
    machine.memory = Optional.of("Too much.");
    time.advance(Duration.ofSeconds(5));
    assertThat(machine.asked).containsExactly("0.0 prepare", "0.0 start", "5.0 kill 0.0");
    assertThat(told).endsWith("TASK_FAILED Too much. REASON_CONTAINER_LIMITATION_MEMORY");
  }

  @Test
  public void aTaskThatTheKernelKilledForItsMemorySaysSo() {
    launch();
    machine.memory = Optional.of("Too much.");
    machine.runner().end(TaskState.FAILED);
    time.runReady();
    assertThat(told).endsWith("TASK_FAILED Too much. REASON_CONTAINER_LIMITATION_MEMORY");
  }

  @Test
  public void aTaskThatFinishedDidNotTakeTooMuch() {
    launch();
    machine.memory = Optional.of("Too much.");
    machine.runner().end(TaskState.SUCCESS);
    time.runReady();
    assertThat(told).endsWith("TASK_FINISHED Task finished.");
  }

  @Test
  public void anAnnouncementThatTakesTooLongFailsTheTask() {
    machine.announces = true;
    launch();
    machine.announcer.timedOut("Creating Announcer Serverset timed out.");
    time.runReady();
    assertThat(told).endsWith("TASK_FAILED Creating Announcer Serverset timed out.");
  }

  @Test
  public void aRecoveredTaskThatWasRunningIsNotToldAgainAndIsNotForgivenItsFailures() {
    machine.begun = true;
    machine.announces = true;
    machine.health = Optional.of(CheckResult.healthy());
    executor.recover(true);
    time.advance(Duration.ofSeconds(15));
    assertThat(told).isEmpty();
    assertThat(machine.asked).contains("0.0 announce patiently");
    machine.health = Optional.of(CheckResult.unhealthy("gone"));
    time.advance(Duration.ofSeconds(5));
    assertThat(told).containsExactly("TASK_FAILED Failed health check! gone");
  }

  /** A machine on which hundreds of tasks are found again may be busy for long. */
  @Test
  public void aTaskThatRunsIsNotEndedBecauseItIsFoundAgainLate() {
    machine.begun = true;
    machine.startsAtOnce = false;
    holdsIo = true;
    executor.recover(true);
    time.advance(Duration.ofMinutes(11));
    holdsIo = false;
    held.forEach(Runnable::run);
    time.advance(Duration.ofMinutes(2));
    assertThat(told).isEmpty();
    assertThat(machine.asked).containsExactly("660.0 prepare", "660.0 start");
    machine.runner().listener.started();
    machine.runner().end(TaskState.SUCCESS);
    time.runReady();
    assertThat(told).containsExactly("TASK_FINISHED Task finished.");
  }

  @Test
  public void aRecoveredTaskThatWasNotRunningStillBecomesSo() {
    machine.begun = true;
    executor.recover(false);
    time.runReady();
    assertThat(told).containsExactly(ASSUMED);
  }

  @Test
  public void aTaskThatEndedWhileNobodyWasThereIsToldAsItEnded() {
    machine.begun = true;
    executor.recover(true);
    time.runReady();
    machine.runner().end(TaskState.FAILED);
    time.runReady();
    assertThat(told).containsExactly("TASK_FAILED Task failed.");
  }

  @Test
  public void aTaskOfWhichOnlyTheDirectoryWasMadeBeginsAnew() {
    executor.recover(false);
    time.runReady();
    assertThat(machine.asked).containsExactly("0.0 prepare", "0.0 start");
    assertThat(told).containsExactly(ASSUMED);
  }

  @Test
  public void aTaskThatRanAndLeftNoTraceIsLostAndNotBegunAnew() {
    executor.recover(true);
    time.runReady();
    assertThat(told).containsExactly("TASK_LOST Task checkpoint could not be read.");
    assertThat(machine.asked).containsExactly("0.0 prepare");
  }

  @Test
  public void aTaskThatWasBeingStoppedIsStoppedOnForTheSameReason() {
    machine.health = Optional.of(CheckResult.unhealthy("no answer"));
    machine.diesWhenKilled = false;
    launch();
    time.advance(Duration.ofSeconds(20));
    assertThat(run.stopping()).exists();
    time.crash();
    told.clear();
    machine.begun = true;
    machine.diesWhenKilled = true;
    executor = executor();
    executor.recover(false);
    time.runReady();
    assertThat(told).containsExactly("TASK_FAILED Failed health check! no answer");
    assertThat(machine.asked).endsWith("20.0 prepare", "20.0 start", "20.0 kill 60.0");
  }

  @Test
  public void aTaskThatWasStoppedBeforeItBeganIsNotBegunAnew() {
    StopReason.write(run.stopping(), TaskStatus.killed("Instructed to kill task."));
    executor.recover(false);
    time.runReady();
    assertThat(told).containsExactly("TASK_KILLED Instructed to kill task.");
    assertThat(machine.asked).containsExactly("0.0 prepare");
  }

  @Test
  public void aTaskThatIsKilledWhileItIsFoundAgainIsStoppedOnceItsRunnerIsThere() {
    machine.begun = true;
    executor.recover(true);
    executor.kill();
    time.runReady();
    assertThat(told).containsExactly("TASK_KILLED Instructed to kill task.");
    assertThat(machine.asked).containsExactly("0.0 prepare", "0.0 start", "0.0 kill 60.0");
  }

  @Test
  public void aDetachedTaskGoesOnUntold() {
    machine.announces = true;
    machine.health = Optional.of(CheckResult.healthy());
    launch();
    executor.detach();
    time.advance(Duration.ofHours(1));
    assertThat(told).containsExactly("TASK_STARTING", "TASK_RUNNING Task is healthy.");
    assertThat(machine.asked).endsWith("0.0 check", "0.0 leave announced", "0.0 detach");
    executor.kill();
    time.runReady();
    assertThat(told).hasSize(2);
  }

  @Test
  public void whatIsStillHeldIsGivenBackLater() {
    machine.busyReleases = 2;
    launch();
    machine.runner().end(TaskState.SUCCESS);
    time.runReady();
    assertThat(machine.released).isEqualTo(1);
    time.advance(Duration.ofSeconds(3));
    assertThat(machine.released).isEqualTo(3);
    time.advance(Duration.ofMinutes(1));
    assertThat(machine.released).isEqualTo(3);
  }
}
