package io.borealis.agent.runner;

import static io.borealis.agent.runner.RunnerStory.ephemeral;
import static io.borealis.agent.runner.RunnerStory.failing;
import static io.borealis.agent.runner.RunnerStory.finalProcess;
import static io.borealis.agent.runner.RunnerStory.ordered;
import static io.borealis.agent.runner.RunnerStory.pausing;
import static io.borealis.agent.runner.RunnerStory.process;
import static io.borealis.agent.runner.RunnerStory.task;
import static io.borealis.agent.runner.RunnerStory.with;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.borealis.agent.job.RunnerTask;
import io.borealis.agent.runner.FakeRuns.Conduct;
import io.borealis.api.thermos.TaskState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Runners that go on where another one stopped. */
public final class RunnerResumeScenarioTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void whatStillRunsIsNotStartedAgain() throws Exception {
    RunnerStory story = story(ordered(task(process("p"), process("n")), "p", "n"));
    story.machine.script("p", Conduct.sleeps(Duration.ofSeconds(10)));
    story.start().seconds(2).dies().seconds(3).start().seconds(1);
    assertThat(story.sequence()).endsWith("p RUNNING", "T ACTIVE");

    story.seconds(10);

    story.hasWritten(
        "p WAITING",
        "p FORKED",
        "p RUNNING",
        "T ACTIVE",
        "p SUCCESS 0",
        "n: SUCCESS 0",
        "T: CLEANING, FINALIZING, SUCCESS");
    assertThat(story.told()).containsExactly("started", "started", "ended SUCCESS");
  }

  @Test
  public void whatEndedMeanwhileCounts() throws Exception {
    RunnerStory story = story(onlyP());
    story.machine.script("p", Conduct.sleeps(Duration.ofSeconds(1)));
    story.start().passes(Duration.ofMillis(500)).dies().seconds(300).start().seconds(3);

    story.hasWritten(
        "p WAITING",
        "p FORKED",
        "p RUNNING",
        "T ACTIVE",
        "p SUCCESS 0",
        "T: CLEANING, FINALIZING, SUCCESS");
    assertThat(story.machine.launches("p")).isEqualTo(1);
  }

  @Test
  public void aPauseIsOverThatPassedWhileNobodyLooked() throws Exception {
    RunnerStory story = story(task(failing(pausing(process("p"), Duration.ofSeconds(60)), 2)));
    story.machine.script("p", Conduct.exits(1), Conduct.exits(0));
    story.start().seconds(1).dies().seconds(50).start().seconds(8);
    assertThat(story.machine.launches("p")).isEqualTo(1);

    story.seconds(5);

    story.hasEndedAs(TaskState.SUCCESS);
  }

  @Test
  public void aCoordinatorThatVanishedMeanwhileMakesItsRunLost() throws Exception {
    RunnerStory story = story(onlyP());
    story.machine.script("p", Conduct.runsForEver(), Conduct.exits(0));
    story.start().seconds(2).dies();
    story.machine.killCoordinator("p");
    story.start().seconds(5);

    assertThat(story.sequence())
        .containsSubsequence("p RUNNING", "T ACTIVE", "p LOST", "p WAITING", "p SUCCESS 0");
    story.hasEndedAs(TaskState.SUCCESS);
  }

  @Test
  public void aCoordinatorThatWroteItsResultBeforeItVanishedIsNotLost() throws Exception {
    RunnerStory story = story(onlyP());
    story.machine.script("p", Conduct.runsForEver());
    story.start().seconds(2).dies();
    story.machine.killCommand("p", 11);
    story.start().passes(Duration.ofMillis(10));

    assertThat(story.sequence()).endsWith("p RUNNING", "T ACTIVE", "p KILLED -11");
  }

  @Test
  public void takingOverSendsNoSignalUnlessTheTaskIsEnding() throws Exception {
    RunnerStory story = story(onlyP());
    story.machine.script("p", Conduct.runsForEver());
    story.start().seconds(2).dies();
    story.start().seconds(2);

    assertThat(story.machine.signals()).isEmpty();
  }

  @Test
  public void aRunnerThatTakesOverWhileTheTaskCleansUpAsksAgainAndWaitsAnew() throws Exception {
    RunnerTask task = task(process("main"), ephemeral(process("e")));
    RunnerStory story = story(with(task, 1, 0, Duration.ofSeconds(10)));
    story.machine.script("e", Conduct.runsForEver().deaf());
    story.start().seconds(9).dies().start().seconds(8);
    assertThat(story.sequence()).endsWith("T CLEANING", "T CLEANING");
    assertThat(story.machine.signals())
        .containsExactly("TERM e", "TERM strays", "TERM e", "TERM strays");

    story.seconds(3);

    assertThat(story.sequence()).endsWith("T CLEANING", "T SUCCESS", "e KILLED -1");
  }

  @Test
  public void aRunnerThatTakesOverFinalProcessesLetsThemRunInWhatTimeIsLeft() throws Exception {
    RunnerTask task = task(process("main"), finalProcess("f"));
    RunnerStory story = story(with(task, 1, 0, Duration.ofSeconds(10)));
    story.machine.script("f", Conduct.runsForEver());
    story.start().seconds(6).dies().start().seconds(2);
    assertThat(story.sequence()).endsWith("f RUNNING", "T FINALIZING");

    story.seconds(4);

    assertThat(story.sequence()).endsWith("T FINALIZING", "T SUCCESS", "f KILLED -1");
    assertThat(story.machine.launches("f")).isEqualTo(1);
  }

  @Test
  public void aKillThatAFormerRunnerBeganEndsAsKilledAllTheSame() throws Exception {
    RunnerStory story = story(onlyP());
    story.machine.script("p", Conduct.runsForEver().deaf());
    story.start().seconds(2);
    story.runner().kill(Duration.ofSeconds(60));
    story.seconds(1).dies().start().seconds(31);

    story.hasEndedAs(TaskState.KILLED);
  }

  @Test
  public void aTaskThatEndedIsOnlyToldAgain() throws Exception {
    RunnerStory story = story(onlyP()).start().seconds(5);
    List<String> before = story.sequence();

    story.dies().start().seconds(1);

    assertThat(story.told())
        .containsExactly("started", "ended SUCCESS", "started", "ended SUCCESS");
    assertThat(story.sequence()).isEqualTo(before);
  }

  @Test
  public void aTaskWhoseEndIsWrittenButNotCarriedOutIsEnded() throws Exception {
    RunnerStory story = story(task(process("p")));
    story.machine.script("p", Conduct.runsForEver().deaf());
    story.crashAt(8, false);
    story.start().seconds(2);
    story.runner().kill(Duration.ofSeconds(5));
    assertThatThrownBy(() -> story.seconds(10)).isInstanceOf(RunnerStory.Crash.class);
    assertThat(story.sequence()).endsWith("T KILLED");
    assertThat(story.machine.isAnythingLeft()).isTrue();

    story.dies().start().seconds(1);

    assertThat(story.sequence()).endsWith("T KILLED", "p KILLED -1");
    story.hasEndedAs(TaskState.KILLED);
  }

  @Test
  public void aTaskIsRunOnceWheneverItsRunnerDies() throws Exception {
    List<String> whole = new ArrayList<>();
    for (boolean before : new boolean[] {true, false}) {
      int record = 1;
      while (true) {
        RunnerTask task = task(process("a"), process("b"), finalProcess("f"));
        RunnerStory story = new RunnerStory(folder.newFolder().toPath(), ordered(task, "a", "b"));
        story.crashAt(record, before);
        boolean crashed = crash(story);
        if (!crashed) {
          assertThat(record).isGreaterThan(15);
          break;
        }
        story.dies().start().seconds(70);

        String when = "record %d, %s".formatted(record, before ? "before" : "after");
        story.hasEndedAs(TaskState.SUCCESS);
        for (String process : List.of("a", "b", "f")) {
          assertThat(story.machine.launches(process)).as(when).isEqualTo(1);
          assertThat(story.sequence())
              .as(when)
              .filteredOn(word -> word.startsWith(process + " "))
              .containsExactly(
                  process + " WAITING",
                  process + " FORKED",
                  process + " RUNNING",
                  process + " SUCCESS 0");
        }
        whole.add(when);
        record++;
      }
    }
    assertThat(whole).hasSizeGreaterThan(30);
  }

  @Test
  public void halfARecordAtTheEndOfTheStreamIsCutOff() throws Exception {
    RunnerStory story = story(onlyP());
    story.machine.script("p", Conduct.sleeps(Duration.ofSeconds(5)));
    story.start().seconds(2).dies();
    Files.write(story.paths.runner(), new byte[] {0, 0, 0, 40, 12}, StandardOpenOption.APPEND);
    story.start().seconds(10);

    assertThat(story.sequence()).contains("T ACTIVE", "p SUCCESS 0");
    assertThat(story.machine.launches("p")).isEqualTo(1);
    story.hasEndedAs(TaskState.SUCCESS);
  }

  @Test
  public void aStreamThatContradictsItselfIsRefused() throws Exception {
    RunnerStory story = story(onlyP());
    story.machine.script("p", Conduct.runsForEver());
    story.start().seconds(2).dies();
    byte[] stream = Files.readAllBytes(story.paths.runner());
    Files.write(story.paths.runner(), stream, StandardOpenOption.APPEND);
    story.start().seconds(1);

    assertThat(story.told()).hasSize(2);
    assertThat(story.told().get(1)).startsWith("failed INTERNAL_ERROR: Stream ");
  }

  @Test
  public void aSecondRunnerIsRefusedAsLongAsThereIsOne() throws Exception {
    RunnerStory story = story(onlyP());
    story.machine.script("p", Conduct.runsForEver());
    story.start().seconds(2);
    TaskRunner first = story.runner();

    story.start().seconds(1);
    first.detach();
    story.start().seconds(1);

    assertThat(story.told())
        .containsExactly(
            "started",
            "failed INTERNAL_ERROR: Another runner has task " + RunnerStory.TASK_ID + " already",
            "started");
  }

  @Test
  public void aTaskOfTheSameIdThatSaysSomethingElseIsRefused() throws Exception {
    RunnerStory story = story(onlyP());
    story.machine.script("p", Conduct.runsForEver());
    story.start().seconds(2).dies();
    story.startAs(task(process("other"))).seconds(1);

    assertThat(story.told()).hasSize(2);
    assertThat(story.told().get(1)).startsWith("failed INVALID_TASK: ");
    assertThat(story.sequence()).endsWith("p RUNNING");
  }

  @Test
  public void aTaskWhoseDescriptionLiesAmongTheEndedIsRefused() throws Exception {
    RunnerStory story = story(onlyP());
    Files.createDirectories(story.paths.finished().getParent());
    Files.writeString(story.paths.finished(), "{}", UTF_8);
    story.start().seconds(1);

    assertThat(story.told()).hasSize(1);
    assertThat(story.told().get(0)).startsWith("failed ALREADY_ENDED: ");
  }

  @Test
  public void aNewTaskThatFindsNoRoomCannotBegin() throws Exception {
    RunnerStory story = story(onlyP());
    story.fillDisk(true);
    story.start().seconds(1);

    assertThat(story.told()).hasSize(1);
    assertThat(story.told().get(0)).startsWith("failed INTERNAL_ERROR: ").contains("No space");
  }

  @Test
  public void aRunningTaskGoesOnWhenThereIsRoomAgain() throws Exception {
    RunnerStory story = story(ordered(task(process("a"), process("b")), "a", "b"));
    story.machine.script("a", Conduct.sleeps(Duration.ofSeconds(3)));
    story.start().seconds(1);
    story.fillDisk(true);
    story.seconds(120);
    assertThat(story.sequence()).endsWith("a RUNNING");
    assertThat(story.machine.launches("b")).isZero();

    story.fillDisk(false);
    story.seconds(20);

    story.hasWritten("a: SUCCESS 0", "b: SUCCESS 0", "T: CLEANING, FINALIZING, SUCCESS");
    assertThat(story.machine.launches("a")).isEqualTo(1);
    assertThat(story.machine.launches("b")).isEqualTo(1);
  }

  @Test
  public void aRunnerThatTakesOverWithoutRoomWaitsForIt() throws Exception {
    RunnerStory story = story(onlyP());
    story.machine.script("p", Conduct.sleeps(Duration.ofSeconds(10)));
    story.start().seconds(1).dies();
    story.fillDisk(true);
    story.start().seconds(60);
    assertThat(story.told()).containsExactly("started");

    story.fillDisk(false);
    story.seconds(20);

    story.hasEndedAs(TaskState.SUCCESS);
  }

  @Test
  public void aKillWithoutRoomForRecordsKillsAllTheSame() throws Exception {
    RunnerStory story = story(task(process("p"), process("deaf")));
    story.machine.script("p", Conduct.runsForEver());
    story.machine.script("deaf", Conduct.runsForEver().deaf());
    story.start().seconds(2);
    story.fillDisk(true);
    story.runner().kill(Duration.ofSeconds(10));
    story.seconds(3);
    assertThat(story.machine.signals()).containsExactly("TERM p", "TERM deaf", "TERM strays");
    story.seconds(8);
    assertThat(story.machine.isAnythingLeft()).isFalse();
    assertThat(story.told()).containsExactly("started");

    story.fillDisk(false);
    story.seconds(20);

    story.hasEndedAs(TaskState.KILLED);
  }

  private static boolean crash(RunnerStory story) {
    try {
      story.start().seconds(10);
      return false;
    } catch (RunnerStory.Crash crash) {
      return true;
    }
  }

  private static RunnerTask onlyP() {
    return task(process("p"));
  }

  private RunnerStory story(RunnerTask task) throws IOException {
    return new RunnerStory(folder.getRoot().toPath(), task);
  }
}
