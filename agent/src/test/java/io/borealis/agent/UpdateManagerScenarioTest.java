package io.borealis.agent;

import static io.borealis.agent.UpdateStory.OK;
import static io.borealis.agent.UpdateStory.u;
import static io.borealis.api.agent.AgentTaskState.TASK_FAILED;
import static io.borealis.api.agent.AgentTaskState.TASK_FINISHED;
import static io.borealis.api.agent.AgentTaskState.TASK_KILLED;
import static io.borealis.api.agent.AgentTaskState.TASK_RUNNING;
import static io.borealis.api.agent.AgentTaskState.TASK_STARTING;
import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.agent.updates.TaskUpdate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * What becomes of updates, one test for each scenario of the contract, in its order. Where it is
 * about what the agent makes of updates, AgentTasksTest goes on.
 */
public class UpdateManagerScenarioTest {
  private static final Duration TEN = Duration.ofSeconds(10);
  private static final TaskUpdate END = u(9, TASK_FINISHED);

  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private UpdateStory story;

  @Before
  public void begin() throws Exception {
    story = new UpdateStory(folder.getRoot().toPath().resolve("work"));
  }

  @After
  public void end() {
    story.close();
  }

  @Test
  public void scenario01AnUpdateIsWrittenAndSent() {
    assertThat(story.update(u(1))).isEqualTo(OK);
    assertThat(story.sent()).containsExactly("U1@0");
    assertThat(story.written(u(1))).isEqualTo("[U1] []");
  }

  @Test
  public void scenario02AnAcknowledgedUpdateIsNeverSentAgain() {
    story.update(u(1, TASK_RUNNING));
    assertThat(story.ack(u(1))).isEqualTo("true");
    assertThat(story.written(u(1))).isEqualTo("[U1] [1]");
    assertThat(story.after(Duration.ofDays(1)).sent()).containsExactly("U1@0");
  }

  @Test
  public void scenario03TheAcknowledgementOfTheEndEndsTheStream() {
    story.update(END);
    assertThat(story.ack(END)).isEqualTo("false");
    assertThat(story.ack(END)).startsWith("Cannot find");
  }

  @Test
  public void scenario04OnlyTheFirstIsInFlightAndBothAreWritten() {
    story.update(u(1), u(2));
    assertThat(story.sent()).containsExactly("U1@0");
    assertThat(story.written(u(1))).isEqualTo("[U1, U2] []");
  }

  @Test
  public void scenario05AnAcknowledgementSendsTheNextAtOnce() {
    story.update(u(1), u(2));
    story.after(Duration.ofSeconds(3));
    assertThat(story.ack(u(1))).isEqualTo("true");
    assertThat(story.sent()).containsExactly("U1@0", "U2@3");
  }

  @Test
  public void scenario06ThreeGoOneByOne() {
    story.update(u(1), u(2), u(3));
    assertThat(story.sent()).containsExactly("U1@0");
    story.ack(u(1));
    assertThat(story.sent()).containsExactly("U2@0");
    story.ack(u(2));
    assertThat(story.sent()).containsExactly("U3@0");
    assertThat(story.ack(u(3))).isEqualTo("true");
    assertThat(story.sent()).isEmpty();
  }

  @Test
  public void scenario07AnUnansweredUpdateIsSentAgain() {
    story.update(u(1));
    assertThat(story.after(TEN).sent()).containsExactly("U1@0", "U1@10");
  }

  @Test
  public void scenario08TheTimeBetweenAttemptsDoublesUpToTenMinutes() {
    story.update(u(1));
    assertThat(story.after(Duration.ofSeconds(2000)).sent())
        .containsExactly(
            "U1@0", "U1@10", "U1@30", "U1@70", "U1@150", "U1@310", "U1@630", "U1@1230", "U1@1830");
  }

  @Test
  public void scenario09TheNextUpdateStartsWithAFreshInterval() {
    story.update(u(1), u(2));
    story.after(Duration.ofSeconds(75));
    story.ack(u(1));
    assertThat(story.after(TEN).sent())
        .containsExactly("U1@0", "U1@10", "U1@30", "U1@70", "U2@75", "U2@85");
  }

  @Test
  public void scenario10AnAcknowledgementJustInTimePreventsTheRetry() {
    story.update(u(1));
    story.after(Duration.ofMillis(9_999));
    story.ack(u(1));
    assertThat(story.after(TEN).sent()).containsExactly("U1@0");
  }

  @Test
  public void scenario11TheSameUpdateAgainIsTakenWithoutEffect() {
    story.update(u(1));
    byte[] before = story.bytes(u(1));
    assertThat(story.update(u(1))).isEqualTo(OK);
    assertThat(story.sent()).containsExactly("U1@0");
    assertThat(story.bytes(u(1))).isEqualTo(before);
  }

  @Test
  public void scenario12TheSameUpdateAgainAfterItsAcknowledgementIsTakenWithoutEffect() {
    story.update(u(1));
    story.ack(u(1));
    byte[] before = story.bytes(u(1));
    assertThat(story.update(u(1))).isEqualTo(OK);
    assertThat(story.sent()).containsExactly("U1@0");
    assertThat(story.bytes(u(1))).isEqualTo(before);
  }

  @Test
  public void scenario13TheUuidDecidesWhatIsADuplicateNotTheState() {
    story.update(u(1, TASK_RUNNING));
    assertThat(story.update(u(1, TASK_FINISHED))).isEqualTo(OK);
    assertThat(story.ack(u(1))).isEqualTo("true");
    assertThat(story.sent()).containsExactly("U1@0");
  }

  @Test
  public void scenario14TheSameStateWithAnotherUuidIsAnotherUpdate() {
    story.update(u(1, TASK_RUNNING), u(2, TASK_RUNNING));
    story.ack(u(1));
    assertThat(story.sent()).containsExactly("U1@0", "U2@0");
  }

  @Test
  public void scenario15AnUpdateWithoutUuidIsRefusedAndHarmsNoOther() {
    TaskUpdate anonymous =
        new TaskUpdate(
            u(1).key(),
            u(1).executorId(),
            u(1).agentId(),
            TASK_STARTING,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            0,
            Optional.empty());
    assertThat(story.update(anonymous)).contains("missing 'uuid'");
    assertThat(story.sent()).isEmpty();
    assertThat(story.update(u(2))).isEqualTo(OK);
    assertThat(story.sent()).containsExactly("U2@0");
  }

  @Test
  public void scenario16AnAcknowledgementOfSomethingElseIsRefused() {
    story.update(u(1));
    assertThat(story.ack(u(77))).startsWith("Duplicate");
    assertThat(story.after(TEN).sent()).containsExactly("U1@0", "U1@10");
    assertThat(story.ack(u(1))).isEqualTo("true");
  }

  @Test
  public void scenario17AnAcknowledgementFurtherBackIsRefused() {
    story.update(u(1), u(2));
    assertThat(story.ack(u(2))).startsWith("Duplicate");
    assertThat(story.after(TEN).sent()).containsExactly("U1@0", "U1@10");
  }

  @Test
  public void scenario18AnAcknowledgementWithNothingInFlightIsUnexpected() {
    story.update(u(1));
    story.ack(u(1));
    assertThat(story.ack(u(1))).startsWith("Unexpected");
  }

  @Test
  public void scenario19ASecondAcknowledgementDoesNotHitTheNextUpdate() {
    story.update(u(1));
    story.ack(u(1));
    story.update(u(2));
    assertThat(story.ack(u(1))).startsWith("Duplicate");
    assertThat(story.after(TEN).sent()).containsExactly("U1@0", "U2@0", "U2@10");
  }

  @Test
  public void scenario20AnAcknowledgementOfAnUnknownTaskIsRefused() {
    assertThat(story.ack(u(1))).startsWith("Cannot find");
  }

  @Test
  public void scenario21AnAcknowledgementFromAnotherFrameworkIsRefused() {
    story.update(u(1));
    assertThat(story.ack(u("other", "t1", 1, TASK_STARTING))).startsWith("Cannot find");
    assertThat(story.ack(u(1))).isEqualTo("true");
  }

  @Test
  public void scenario22TasksOfTwoFrameworksMayShareAnId() {
    TaskUpdate other = u("other", "t1", 2, TASK_STARTING);
    story.update(u(1), other);
    assertThat(story.sent()).containsExactly("U1@0", "U2@0");
    assertThat(story.ack(other)).isEqualTo("true");
    assertThat(story.after(TEN).sent()).containsExactly("U1@10");
  }

  @Test
  public void scenario23ATaskWithAFileTakesNoUpdateForMemory() {
    story.update(u(1));
    assertThat(story.memory(u(2))).startsWith("Mismatched checkpoint value").contains("true");
    assertThat(story.ack(u(1))).isEqualTo("true");
    assertThat(story.written(u(1))).isEqualTo("[U1] [1]");
    assertThat(story.sent()).containsExactly("U1@0");
  }

  @Test
  public void scenario24ATaskInMemoryTakesNoUpdateForAFile() {
    story.memory(u(1));
    assertThat(story.update(u(2))).startsWith("Mismatched checkpoint value").contains("false");
    assertThat(story.ack(u(1))).isEqualTo("true");
  }

  @Test
  public void scenario25AnUpdateInMemoryIsSentLikeAnyOther() {
    assertThat(story.memory(u(1))).isEqualTo(OK);
    assertThat(story.after(TEN).sent()).containsExactly("U1@0", "U1@10");
    assertThat(story.written(u(1))).isEqualTo("no file");
  }

  @Test
  public void scenario26WhatCameAfterTheEndIsDroppedWithIt() {
    story.update(u(1, TASK_RUNNING), u(2, TASK_FINISHED), u(3, TASK_KILLED));
    story.ack(u(1));
    assertThat(story.ack(u(2))).isEqualTo("false");
    assertThat(story.after(Duration.ofHours(1)).sent()).containsExactly("U1@0", "U2@0");
    assertThat(story.ack(u(3))).startsWith("Cannot find");
  }

  @Test
  public void scenario27TheEndDoesNotCloseTheStreamBeforeItsAcknowledgement() {
    story.update(u(1, TASK_FINISHED));
    assertThat(story.update(u(2))).isEqualTo(OK);
    assertThat(story.written(u(1))).isEqualTo("[U1, U2] []");
  }

  @Test
  public void scenario28AfterTheEndAnUpdateInMemoryBeginsANewStream() {
    story.update(END);
    story.ack(END);
    assertThat(story.memory(u(2, TASK_KILLED))).isEqualTo(OK);
    assertThat(story.sent()).containsExactly("U9@0", "U2@0");
  }

  @Test
  public void scenario29AfterTheEndEvenTheSameUpdateIsNew() {
    story.update(END);
    story.ack(END);
    assertThat(story.update(END)).isEqualTo(OK);
    assertThat(story.sent()).containsExactly("U9@0", "U9@0");
  }

  @Test
  public void scenario30APausedManagerWritesButSendsNothing() {
    story.pause();
    assertThat(story.update(u(1))).isEqualTo(OK);
    assertThat(story.after(Duration.ofHours(1)).sent()).isEmpty();
    assertThat(story.written(u(1))).isEqualTo("[U1] []");
  }

  @Test
  public void scenario31WhatCameDuringAPauseIsSentWithItsEnd() {
    story.pause();
    story.update(u(1));
    assertThat(story.resume().after(TEN).sent()).containsExactly("U1@0", "U1@10");
  }

  @Test
  public void scenario32APauseEndsRetries() {
    story.update(u(1));
    story.pause();
    assertThat(story.after(Duration.ofHours(1)).sent()).containsExactly("U1@0");
    assertThat(story.resume().sent()).containsExactly("U1@3600");
  }

  @Test
  public void scenario33AfterAPauseTheIntervalIsFresh() {
    story.update(u(1));
    story.after(Duration.ofSeconds(320));
    var unused = story.sent();
    assertThat(story.pause().resume().after(TEN).sent()).containsExactly("U1@320", "U1@330");
  }

  @Test
  public void scenario34AnAcknowledgementDuringAPauseCountsButSendsNothing() {
    story.update(u(1), u(2));
    story.pause();
    assertThat(story.ack(u(1))).isEqualTo("true");
    assertThat(story.sent()).containsExactly("U1@0");
    assertThat(story.resume().sent()).containsExactly("U2@0");
  }

  @Test
  public void scenario35ResumingSendsTheHeadOfEveryTaskAgain() {
    for (String task : List.of("a", "b", "c")) {
      story.update(u("fw", task, 1, TASK_STARTING), u("fw", task, 2, TASK_RUNNING));
    }
    var unused = story.sent();
    story.after(Duration.ofSeconds(4));
    assertThat(story.resume().sent()).containsExactly("a.U1@4", "b.U1@4", "c.U1@4");
    assertThat(story.after(TEN).sent()).containsExactly("a.U1@14", "b.U1@14", "c.U1@14");
  }

  @Test
  public void scenario36ResumingWithNothingToSendSendsNothing() {
    story.update(u(1));
    story.ack(u(1));
    var unused = story.sent();
    assertThat(story.resume().after(TEN).sent()).isEmpty();
  }

  @Test
  public void scenario37TheEndMayComeDuringAPause() {
    story.pause();
    story.update(END);
    story.resume();
    assertThat(story.ack(END)).isEqualTo("false");
  }

  @Test
  public void scenario38EachTaskIsSentOnItsOwnSchedule() {
    TaskUpdate other = u("fw", "b", 1, TASK_STARTING);
    story.update(u(1));
    story.after(Duration.ofSeconds(5));
    story.update(other);
    story.ack(u(1));
    assertThat(story.after(Duration.ofSeconds(30)).sent())
        .containsExactly("U1@0", "b.U1@5", "b.U1@15", "b.U1@35");
  }

  @Test
  public void scenario39AFrameworkThatIsCleanedUpIsForgotten() {
    TaskUpdate other = u("other", "v", 1, TASK_STARTING);
    story.update(u(1), other);
    assertThat(story.result(story.manager.cleanup("fw"))).isEqualTo(OK);
    assertThat(story.after(TEN).sent()).containsExactly("U1@0", "v.U1@0", "v.U1@10");
    assertThat(story.ack(u(1))).startsWith("Cannot find");
  }

  @Test
  public void scenario40CleaningUpAnUnknownFrameworkDoesNothing() {
    story.update(u(1));
    assertThat(story.result(story.manager.cleanup("nobody"))).isEqualTo(OK);
    assertThat(story.ack(u(1))).isEqualTo("true");
  }

  @Test
  public void scenario41AfterCleaningUpTheFileIsContinued() {
    story.launched(u(1)).update(u(1));
    story.result(story.manager.cleanup("fw"));
    assertThat(story.update(u(1))).isEqualTo(OK);
    assertThat(story.sent()).containsExactly("U1@0", "U1@0");
    assertThat(story.written(u(1))).isEqualTo("[U1, U1] []");
    // Such a file still means one update, whose acknowledgement counts for it.
    story.restart().recover(true);
    story.resume();
    assertThat(story.ack(u(1))).isEqualTo("true");
    assertThat(story.ack(u(1))).startsWith("Unexpected");
  }

  @Test
  public void scenario42ARestartLosesNothingAndKeepsTheOrder() {
    story.launched(u(1)).update(u(1), u(2));
    assertThat(story.restart().recover(true)).isEqualTo("ok 0");
    assertThat(story.sent()).containsExactly("U1@0");
    assertThat(story.resume().sent()).containsExactly("U1@0");
    story.ack(u(1));
    assertThat(story.sent()).containsExactly("U2@0");
  }

  @Test
  public void scenario43WhatWasAcknowledgedIsNotSentAfterARestart() {
    story.launched(u(1)).update(u(1), u(2));
    story.ack(u(1));
    var unused = story.sent();
    story.restart().recover(true);
    assertThat(story.resume().sent()).containsExactly("U2@0");
  }

  @Test
  public void scenario44DuplicatesAreKnownAfterARestart() {
    story.launched(u(1)).update(u(1));
    story.ack(u(1));
    var unused = story.sent();
    story.restart().recover(true);
    assertThat(story.resume().sent()).isEmpty();
    assertThat(story.update(u(1))).isEqualTo(OK);
    assertThat(story.sent()).isEmpty();
  }

  @Test
  public void scenario45ATaskThatIsOverLeavesNoStream() {
    story.launched(END).update(END);
    story.ack(END);
    assertThat(story.restart().recover(true)).isEqualTo("ok 0");
    assertThat(story.ack(END)).startsWith("Cannot find");
  }

  @Test
  public void scenario46AnAcknowledgementMayComeBeforeTheLeader() {
    story.launched(u(1)).update(u(1));
    var unused = story.sent();
    story.restart().pause().recover(true);
    assertThat(story.ack(u(1))).isEqualTo("true");
    assertThat(story.resume().sent()).isEmpty();
  }

  @Test
  public void scenario47AnUpdateThatComesAgainAfterARestartIsNotQueuedTwice() {
    story.launched(u(1)).update(u(1));
    story.restart().pause().recover(true);
    assertThat(story.update(u(1))).isEqualTo(OK);
    story.resume();
    story.ack(u(1));
    assertThat(story.ack(u(1))).startsWith("Unexpected");
  }

  @Test
  public void scenario48RecoveringFromNothingSucceeds() {
    assertThat(story.recover(true)).isEqualTo("ok 0");
  }

  @Test
  public void scenario49RunsThatSayTooLittleOrAreOverAreSkipped() throws Exception {
    TaskUpdate unknown = u("fw", "unknown", 1, TASK_STARTING);
    TaskUpdate nameless = u("fw", "nameless", 1, TASK_STARTING);
    TaskUpdate over = u("fw", "over", 1, TASK_STARTING);
    for (TaskUpdate update : List.of(u(1), unknown, nameless, over)) {
      story.launched(update).update(update);
    }
    Files.delete(story.run(unknown).taskInfo());
    Files.delete(story.run(nameless).latest());
    story.workDir.end(story.run(over));
    var unused = story.sent();
    assertThat(story.restart().recover(true)).isEqualTo("ok 0");
    assertThat(story.resume().sent()).containsExactly("U1@0");
  }

  @Test
  public void scenario50OnlyTheLatestRunCounts() {
    story.launched(u(1)).update(u(1));
    RunPaths next = story.workDir.run("fw", "t1", "next");
    story.launched(next);
    var unused = story.sent();
    assertThat(story.restart().recover(true)).isEqualTo("ok 0");
    assertThat(story.resume().sent()).isEmpty();
  }

  @Test
  public void scenario51WhatIsInMemoryGoesWithTheProcess() {
    story.memory(u(1));
    var unused = story.sent();
    assertThat(story.restart().recover(true)).isEqualTo("ok 0");
    assertThat(story.resume().sent()).isEmpty();
  }

  @Test
  public void scenario52ACutRecordIsCutOffAndNoError() throws Exception {
    story.launched(u(1)).update(u(1));
    int first = story.bytes(u(1)).length;
    story.ack(u(1));
    int acked = story.bytes(u(1)).length;
    story.update(u(2));
    byte[] all = story.bytes(u(1));
    for (boolean strict : new boolean[] {true, false}) {
      for (int length : new int[] {first + 3, first + 10, acked, acked + 2, acked + 30}) {
        Files.write(story.file(u(1)), java.util.Arrays.copyOf(all, length));
        assertThat(story.restart().pause().recover(strict)).isEqualTo("ok 0");
        assertThat(Files.size(story.file(u(1)))).isEqualTo(length < acked ? first : acked);
        var unused = story.sent();
        List<String> pending = length < acked ? List.of("U1@0") : List.of();
        assertThat(story.resume().sent()).isEqualTo(pending);
      }
    }
  }

  private void corruptBehindFirst() throws IOException {
    story.launched(u(1)).update(u(1));
    Files.write(
        story.file(u(1)),
        new byte[] {2, 0, 0, 0, (byte) 0xff, (byte) 0xff},
        StandardOpenOption.APPEND);
    var unused = story.sent();
  }

  @Test
  public void scenario53ABrokenRecordRefusesAStrictStartOnce() throws Exception {
    corruptBehindFirst();
    assertThat(story.restart().recover(true)).contains("damaged").contains("task.updates");
    assertThat(story.restart().recover(true)).isEqualTo("ok 0");
    assertThat(story.resume().sent()).containsExactly("U1@0");
  }

  @Test
  public void scenario54ABrokenRecordIsOneErrorOtherwise() throws Exception {
    corruptBehindFirst();
    assertThat(story.restart().recover(false)).isEqualTo("ok 1");
    assertThat(story.resume().sent()).containsExactly("U1@0");
  }

  @Test
  public void scenario55AnAbsurdLengthIsACutRecord() throws Exception {
    story.launched(u(1)).update(u(1));
    int good = story.bytes(u(1)).length;
    Files.write(story.file(u(1)), new byte[] {-1, -1, -1, -1, 8, 0}, StandardOpenOption.APPEND);
    assertThat(story.restart().recover(true)).isEqualTo("ok 0");
    assertThat(Files.size(story.file(u(1)))).isEqualTo(good);
  }

  @Test
  public void scenario56AnEmptyFileIsAsGoodAsNone() throws Exception {
    TaskUpdate other = u("fw", "none", 1, TASK_STARTING);
    story.launched(u(1)).launched(other);
    Files.createFile(story.file(u(1)));
    assertThat(story.recover(true)).isEqualTo("ok 0");
    assertThat(story.resume().sent()).isEmpty();
    assertThat(story.update(u(1))).isEqualTo(OK);
  }

  @Test
  public void scenario57AFolderThatCannotBeMadeIsToldEachTime() throws Exception {
    Path inTheWay = story.run(u(1)).meta().getParent();
    Files.createDirectories(inTheWay.getParent());
    Files.createFile(inTheWay);
    String first = story.update(u(1));
    assertThat(first).startsWith("Failed to open");
    assertThat(story.update(u(2))).isEqualTo(first);
    assertThat(story.ack(u(1))).isEqualTo(first);
    assertThat(story.sent()).isEmpty();
    assertThat(story.manager.streamsInError()).isEqualTo(1);
  }

  @Test
  public void scenario58AnUpdateThatDoesNotFitOnTheDiskIsNotTaken() {
    story.disk.room = 10;
    String first = story.update(u(1));
    assertThat(first).startsWith("Failed to write").contains("No space left on device");
    assertThat(story.after(TEN).sent()).isEmpty();
    story.disk.room = Long.MAX_VALUE;
    assertThat(story.update(u(2))).isEqualTo(first);
  }

  @Test
  public void scenario59AnAcknowledgementThatDoesNotFitOnTheDiskDoesNotCount() {
    story.update(u(1));
    story.disk.room = 10;
    String first = story.ack(u(1));
    assertThat(first).startsWith("Failed to write");
    assertThat(story.ack(u(1))).isEqualTo(first);
    assertThat(story.update(u(2))).isEqualTo(first);
    assertThat(story.after(TEN).sent()).containsExactly("U1@0", "U1@10");
  }

  @Test
  public void scenario60AThousandTasksAreSentAgainAtOnce() {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      // Whether there is a file makes no difference to when it is sent.
      story.memory(u("fw", "t-" + i, 1, TASK_STARTING));
      all.add("t-" + i + ".U1@10");
    }
    assertThat(story.sent()).hasSize(1000);
    assertThat(story.after(TEN).sent()).containsExactlyElementsOf(all);
  }

  @Test
  public void scenario61WhatGoesNowhereIsSentAgain() {
    story.connected = false;
    story.update(u(1));
    assertThat(story.after(Duration.ofSeconds(9)).sent()).isEmpty();
    story.connected = true;
    assertThat(story.after(TEN).sent()).containsExactly("U1@10");
  }

  /** Scenarios 62 and 63, of the newest state and of a second end, are of AgentTasksTest. */
  @Test
  public void scenario64WhatTheSchedulerCouldNotStoreComesAgain() {
    List<TaskUpdate> batch =
        List.of(
            u("fw", "a", 1, TASK_FAILED),
            u("fw", "b", 2, TASK_RUNNING),
            u("fw", "c", 3, TASK_STARTING));
    batch.forEach(story::memory);
    assertThat(story.sent()).containsExactly("a.U1@0", "b.U2@0", "c.U3@0");
    assertThat(story.after(TEN).sent()).containsExactly("a.U1@10", "b.U2@10", "c.U3@10");
  }

  /** Beyond the contract: the process need not end for a disk that was full. */
  @Test
  public void aStreamGoesOnWhereItWasOnceItCanBeWrittenAgain() {
    story.launched(u(1)).update(u(1));
    int good = story.bytes(u(1)).length;
    story.disk.room = 10;
    assertThat(story.update(u(2))).startsWith("Failed");
    assertThat(story.bytes(u(1))).hasSize(good + 10);
    assertThat(story.result(story.manager.repair())).isEqualTo("0");
    assertThat(story.update(u(2))).startsWith("Failed");
    story.disk.room = Long.MAX_VALUE;
    assertThat(story.result(story.manager.repair())).isEqualTo("0");
    assertThat(story.update(u(2))).isEqualTo(OK);
    assertThat(story.ack(u(1))).isEqualTo("true");
    assertThat(story.written(u(1))).isEqualTo("[U1, U2] [1]");
    assertThat(story.manager.streamsInError()).isZero();
  }

  /** Beyond the contract: without anybody who resumes, what was recovered is not forgotten. */
  @Test
  public void whatWasRecoveredWithoutAPauseIsSentAfterAWhile() {
    story.launched(u(1)).update(u(1));
    var unused = story.sent();
    story.restart().recover(true);
    assertThat(story.sent()).isEmpty();
    assertThat(story.after(TEN).sent()).containsExactly("U1@10");
  }
}
