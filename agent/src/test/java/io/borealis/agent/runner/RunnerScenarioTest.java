package io.borealis.agent.runner;

import static io.borealis.agent.runner.RunnerStory.daemon;
import static io.borealis.agent.runner.RunnerStory.ephemeral;
import static io.borealis.agent.runner.RunnerStory.failing;
import static io.borealis.agent.runner.RunnerStory.finalProcess;
import static io.borealis.agent.runner.RunnerStory.ordered;
import static io.borealis.agent.runner.RunnerStory.pausing;
import static io.borealis.agent.runner.RunnerStory.process;
import static io.borealis.agent.runner.RunnerStory.task;
import static io.borealis.agent.runner.RunnerStory.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.agent.job.RunnerTask;
import io.borealis.agent.runner.FakeRuns.Conduct;
import io.borealis.api.thermos.TaskState;
import java.time.Duration;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public final class RunnerScenarioTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void aProcessThatSucceedsMakesItsTaskSucceed() throws Exception {
    RunnerStory story = story(task(process("hello"))).start().seconds(5);

    story.hasWritten("hello: SUCCESS 0", "T: CLEANING, FINALIZING, SUCCESS");
    story.hasEndedAs(TaskState.SUCCESS);
    assertThat(story.told()).containsExactly("started", "ended SUCCESS");
  }

  @Test
  public void aTaskMayHaveAFailedProcessAndSucceed() throws Exception {
    RunnerStory story = story(with(task(failing(process("bad"), 2)), 2, 0, Duration.ZERO));
    story.machine.script("bad", Conduct.exits(7));
    story.start().seconds(10);

    story.hasWritten("bad: FAILED 7", "bad: FAILED 7", "T: CLEANING, SUCCESS");
    story.hasEndedAs(TaskState.SUCCESS);
  }

  @Test
  public void whoeverWaitsForAFailedProcessNeverRuns() throws Exception {
    RunnerStory story =
        story(ordered(task(process("a"), process("b"), process("c")), "a", "b", "c"));
    story.machine.script("b", Conduct.exits(1));
    story.start().seconds(10);

    story.hasWritten("a: SUCCESS 0", "b: FAILED 1", "T: CLEANING, FINALIZING, FAILED");
    story.hasEndedAs(TaskState.FAILED);
  }

  @Test
  public void finalProcessesRunAfterAFailureInTheirOrder() throws Exception {
    RunnerStory story =
        story(ordered(task(process("main"), finalProcess("f1"), finalProcess("f2")), "f1", "f2"));
    story.machine.script("main", Conduct.exits(2));
    story.start().seconds(10);

    story.hasWritten(
        "main: FAILED 2", "T: CLEANING, FINALIZING", "f1: SUCCESS 0", "f2: SUCCESS 0", "T: FAILED");
  }

  @Test
  public void aFinalProcessThatFailsDoesNotChangeHowTheTaskEnds() throws Exception {
    RunnerStory story =
        story(ordered(task(process("main"), finalProcess("f1"), finalProcess("f2")), "f1", "f2"));
    story.machine.script("f1", Conduct.exits(1));
    story.start().seconds(10);

    story.hasWritten("main: SUCCESS 0", "T: CLEANING, FINALIZING", "f1: FAILED 1", "T: SUCCESS");
  }

  @Test
  public void anEphemeralProcessIsAskedToEndWithTheOthers() throws Exception {
    RunnerStory story = story(task(process("main"), ephemeral(process("log"))));
    story.machine.script("main", Conduct.sleeps(Duration.ofSeconds(1)));
    story.machine.script("log", Conduct.runsForEver());
    story.start().seconds(10);

    assertThat(story.sequence())
        .endsWith("main SUCCESS 0", "T CLEANING", "log KILLED -15", "T FINALIZING", "T SUCCESS");
    story.hasEndedAs(TaskState.SUCCESS);
    assertThat(story.machine.signals()).contains("TERM log").doesNotContain("KILL log");
  }

  @Test
  public void aDaemonIsStartedAgainUntilItHasFailedTooOften() throws Exception {
    RunnerStory story = story(task(failing(daemon(process("d")), 2)));
    story.machine.script(
        "d", Conduct.exits(0), Conduct.exits(0), Conduct.exits(1), Conduct.exits(1));
    story.start().seconds(10);

    story.hasWritten(
        "d: SUCCESS 0",
        "d: SUCCESS 0",
        "d: FAILED 1",
        "d: FAILED 1",
        "T: CLEANING, FINALIZING, FAILED");
  }

  @Test
  public void whoeverIsDeafToTermIsKilledWhenTheFinalizationWaitIsOver() throws Exception {
    RunnerTask task = task(ephemeral(process("stubborn")), process("main"), finalProcess("f"));
    RunnerStory story = story(with(task, 1, 0, Duration.ofSeconds(2)));
    story.machine.script("stubborn", Conduct.runsForEver().deaf());
    story.start().seconds(2);
    assertThat(story.sequence()).endsWith("main SUCCESS 0", "T CLEANING");

    story.seconds(2);

    assertThat(story.sequence()).endsWith("T CLEANING", "T SUCCESS", "stubborn KILLED -1");
    story.hasEndedAs(TaskState.SUCCESS);
  }

  @Test
  public void aKillFromOutsideIsNobodysFailureAndTheProcessRunsAgain() throws Exception {
    RunnerStory story = story(task(process("p")));
    story.machine.script("p", Conduct.runsForEver(), Conduct.exits(0));
    story.start().seconds(2);
    story.machine.killCommand("p", 9);
    story.seconds(5);

    story.hasWritten("p: KILLED -9", "p: SUCCESS 0", "T: CLEANING, FINALIZING, SUCCESS");
  }

  @Test
  public void aRunWhoseCoordinatorVanishedIsLostAndRunsAgain() throws Exception {
    RunnerStory story = story(task(process("p")));
    story.machine.script(
        "p", Conduct.sleeps(Duration.ofSeconds(1)).coordinatorDies(), Conduct.exits(0));
    story.start().seconds(6);

    story.hasWritten("p: LOST", "p: SUCCESS 0", "T: CLEANING, FINALIZING, SUCCESS");
    assertThat(story.machine.signals()).containsExactly("KILL p", "TERM strays");
  }

  @Test
  public void aRunThatDoesNotBeginWithinAMinuteIsLost() throws Exception {
    RunnerStory story = story(task(process("p")));
    story.machine.script("p", Conduct.exits(0).neverBeginning(), Conduct.exits(0));
    story.start().seconds(59);
    assertThat(story.sequence()).endsWith("p FORKED");

    story.seconds(6);

    assertThat(story.sequence())
        .startsWith("T ACTIVE", "header", "p WAITING", "p FORKED", "p LOST", "p WAITING")
        .endsWith("T SUCCESS");
  }

  @Test
  public void aKilledTaskEndsAsKilled() throws Exception {
    RunnerStory story = story(task(process("p")));
    story.machine.script("p", Conduct.runsForEver());
    story.start().seconds(2);
    story.runner().kill(Duration.ofSeconds(60));
    story.seconds(2);

    assertThat(story.sequence())
        .endsWith(
            "p RUNNING", "T ACTIVE", "T CLEANING", "p KILLED -15", "T FINALIZING", "T KILLED");
    story.hasEndedAs(TaskState.KILLED);
  }

  @Test
  public void whoeverIsDeafToTermIsKilledWhenPatienceIsOver() throws Exception {
    RunnerStory story = story(task(process("p"), finalProcess("f")));
    story.machine.script("p", Conduct.runsForEver().deaf());
    story.start().seconds(2);
    story.runner().kill(Duration.ofSeconds(60));
    story.seconds(59);
    assertThat(story.sequence()).endsWith("T CLEANING");

    story.seconds(2);

    assertThat(story.sequence())
        .endsWith("p RUNNING", "T ACTIVE", "T CLEANING", "T KILLED", "p KILLED -1");
    story.hasEndedAs(TaskState.KILLED);
  }

  @Test
  public void aKillWithoutPatienceKillsAtOnce() throws Exception {
    RunnerStory story = story(task(process("p"), finalProcess("f")));
    story.machine.script("p", Conduct.runsForEver());
    story.start().seconds(2);
    story.runner().kill(Duration.ZERO);
    story.passes(Duration.ofMillis(200));

    assertThat(story.sequence()).endsWith("T CLEANING", "T KILLED", "p KILLED -1");
    assertThat(story.machine.signals()).containsExactly("KILL p");
    story.hasEndedAs(TaskState.KILLED);
  }

  @Test
  public void aShorterPatienceCountsAndALongerDoesNot() throws Exception {
    RunnerStory story = story(task(process("p")));
    story.machine.script("p", Conduct.runsForEver().deaf());
    story.start().seconds(2);
    story.runner().kill(Duration.ofSeconds(60));
    story.seconds(1);
    story.runner().kill(Duration.ofSeconds(5));
    story.runner().kill(Duration.ofSeconds(50));
    story.seconds(4);
    assertThat(story.told()).containsExactly("started");

    story.seconds(2);

    story.hasEndedAs(TaskState.KILLED);
  }

  @Test
  public void finalProcessesRunInAKill() throws Exception {
    RunnerStory story = story(task(process("p"), finalProcess("f")));
    story.machine.script("p", Conduct.runsForEver());
    story.start().seconds(2);
    story.runner().kill(Duration.ofSeconds(60));
    story.seconds(2);

    assertThat(story.sequence())
        .endsWith(
            "T ACTIVE",
            "T CLEANING",
            "p KILLED -15",
            "T FINALIZING",
            "f WAITING",
            "f FORKED",
            "f RUNNING",
            "f SUCCESS 0",
            "T KILLED");
  }

  @Test
  public void aFinalProcessThatTakesTooLongIsKilledWithTheTask() throws Exception {
    RunnerTask task = task(process("p"), finalProcess("f"));
    RunnerStory story = story(with(task, 1, 0, Duration.ofSeconds(3)));
    story.machine.script("f", Conduct.runsForEver());
    story.start().seconds(5);

    assertThat(story.sequence())
        .endsWith("T FINALIZING", "f WAITING", "f FORKED", "f RUNNING", "T SUCCESS", "f KILLED -1");
    story.hasEndedAs(TaskState.SUCCESS);
  }

  @Test
  public void aTaskThatIsGivenUpEndsAsLostWithoutItsFinalProcesses() throws Exception {
    RunnerStory story = story(task(process("p"), finalProcess("f")));
    story.machine.script("p", Conduct.runsForEver());
    story.start().seconds(2);
    story.runner().lose();
    story.seconds(1);

    assertThat(story.sequence())
        .endsWith("p RUNNING", "T ACTIVE", "T CLEANING", "T LOST", "p KILLED -1");
    story.hasEndedAs(TaskState.LOST);
  }

  @Test
  public void aTaskKilledBeforeItBeganEndsWithoutHavingRun() throws Exception {
    RunnerStory story = story(task(process("p")));
    story.machine.script("p", Conduct.runsForEver());
    story.start();
    story.runner().kill(Duration.ofSeconds(60));
    story.seconds(2);

    story.hasEndedAs(TaskState.KILLED);
  }

  @Test
  public void aProcessThatCannotBeLaunchedHasFailed() throws Exception {
    RunnerStory story = story(task(failing(process("p"), 2)));
    story.machine.script("p", Conduct.refused("there is no account 'x'"));
    story.start().seconds(5);

    story.hasWritten(
        "p WAITING", "p FAILED", "p WAITING", "p FAILED", "T: CLEANING, FINALIZING, FAILED");
    story.hasEndedAs(TaskState.FAILED);
  }

  @Test
  public void noMoreProcessesRunAtOnceThanTheTaskAllows() throws Exception {
    RunnerTask task = task(process("p1"), process("p2"), process("p3"));
    RunnerStory story = story(with(task, 1, 1, Duration.ofSeconds(30)));
    story.start().seconds(5);

    story.hasWritten(
        "p1: SUCCESS 0", "p2: SUCCESS 0", "p3: SUCCESS 0", "T: CLEANING, FINALIZING, SUCCESS");
  }

  @Test
  public void theTaskEndsWithItsFirstFailureWhileOthersRun() throws Exception {
    RunnerStory story = story(task(process("server"), process("bad")));
    story.machine.script("server", Conduct.runsForEver());
    story.machine.script("bad", Conduct.exits(1));
    story.start().seconds(5);

    assertThat(story.sequence())
        .endsWith("bad FAILED 1", "T CLEANING", "server KILLED -15", "T FINALIZING", "T FAILED");
  }

  @Test
  public void aTaskWithoutALimitOfFailuresNeverFails() throws Exception {
    RunnerStory story = story(with(task(process("f"), process("s")), 0, 0, Duration.ofSeconds(30)));
    story.machine.script("f", Conduct.exits(1));
    story.start().seconds(5);

    story.hasEndedAs(TaskState.SUCCESS);
  }

  @Test
  public void aTaskOfOnlyEphemeralProcessesIsDoneAtOnce() throws Exception {
    RunnerStory story = story(task(ephemeral(process("e"))));
    story.start().seconds(5);

    story.hasWritten("T: CLEANING, FINALIZING, SUCCESS");
  }

  @Test
  public void aProcessPausesAfterTheEndOfItsRun() throws Exception {
    RunnerTask task = task(failing(pausing(process("p"), Duration.ofSeconds(10)), 0));
    RunnerStory story = story(task);
    story.machine.script("p", Conduct.exits(1));
    story.start().seconds(10);
    assertThat(story.machine.launches("p")).isEqualTo(1);

    story.seconds(1);

    assertThat(story.machine.launches("p")).isEqualTo(2);
  }

  @Test
  public void aProcessFailsAfterAHundredRunsHoweverTheyEnd() throws Exception {
    RunnerTask task = task(failing(daemon(pausing(process("d"), Duration.ZERO)), 0));
    RunnerStory story = story(task);
    story.start().seconds(100);

    assertThat(story.machine.launches("d")).isEqualTo(100);
    story.hasEndedAs(TaskState.FAILED);
  }

  @Test
  public void whatARunLeavesBehindDiesWithIt() throws Exception {
    RunnerStory story = story(ordered(task(process("a"), process("b")), "a", "b"));
    story.machine.script("a", Conduct.exits(0).leaving());
    story.machine.script("b", Conduct.runsForEver());
    story.start().seconds(2);

    assertThat(story.machine.signals()).containsExactly("KILL a");
  }

  @Test
  public void whoeverBeginsWhileTheTaskCleansUpIsAskedToEnd() throws Exception {
    RunnerStory story = story(task(process("p")));
    story.machine.script("p", Conduct.runsForEver());
    story.start();
    assertThat(story.sequence()).endsWith("p FORKED");
    story.runner().kill(Duration.ofSeconds(60));
    story.seconds(2);

    assertThat(story.sequence())
        .endsWith(
            "p FORKED",
            "T ACTIVE",
            "T CLEANING",
            "p RUNNING",
            "p KILLED -15",
            "T FINALIZING",
            "T KILLED");
  }

  @Test
  public void anIdleStreamIsTouched() throws Exception {
    RunnerStory story = story(task(process("p")));
    story.machine.script("p", Conduct.runsForEver());
    story.start().seconds(300);

    long touchedMs = story.paths.runner().toFile().lastModified();
    assertThat(story.time.clock().wallMillis() - touchedMs).isBetween(0L, 17_000L);
  }

  @Test
  public void theWallClockMayStepBothWays() throws Exception {
    RunnerStory story = story(task(failing(process("p"), 3)));
    story.machine.script(
        "p", Conduct.exits(1), Conduct.exits(1), Conduct.sleeps(Duration.ofSeconds(2)));
    story.start();
    story.time.stepWallClock(Duration.ofHours(-1));
    story.seconds(1);
    story.time.stepWallClock(Duration.ofHours(2));
    story.seconds(6);

    story.hasWritten(
        "p: FAILED 1", "p: FAILED 1", "p: SUCCESS 0", "T: CLEANING, FINALIZING, SUCCESS");
  }

  private RunnerStory story(RunnerTask task) {
    return new RunnerStory(folder.getRoot().toPath(), task);
  }
}
