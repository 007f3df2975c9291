package io.borealis.scheduler.update;

import static io.borealis.api.JobUpdateStatus.ROLLED_FORWARD;
import static io.borealis.api.JobUpdateStatus.ROLLING_FORWARD;
import static io.borealis.api.JobUpdateStatus.ROLL_FORWARD_PAUSED;
import static io.borealis.api.ScheduleStatus.FAILED;
import static io.borealis.api.ScheduleStatus.FINISHED;
import static io.borealis.api.ScheduleStatus.KILLING;
import static io.borealis.api.ScheduleStatus.PARTITIONED;
import static io.borealis.api.ScheduleStatus.PENDING;
import static io.borealis.api.ScheduleStatus.RUNNING;
import static io.borealis.api.ScheduleStatus.THROTTLED;
import static io.borealis.scheduler.update.Ask.group;
import static io.borealis.scheduler.update.Ask.instances;
import static io.borealis.scheduler.update.Ask.only;
import static io.borealis.scheduler.update.Ask.pulsed;
import static io.borealis.scheduler.update.Ask.to;
import static io.borealis.scheduler.update.Ask.toleratedExits;
import static io.borealis.scheduler.update.Ask.watch;
import static io.borealis.scheduler.update.UpdateScenario.have;
import static io.borealis.scheduler.update.UpdateScenario.running;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.JobUpdatePulseStatus;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.RemoveJobUpdates;
import java.time.Duration;
import org.junit.Rule;
import org.junit.Test;

/** Tasks and clocks that do what the update did not ask for (update rules, section 9.2). */
public class InterferenceScenarioTest {
  @Rule public final Failovers failovers = new Failovers();

  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration DAY = Duration.ofDays(1);

  private UpdateScenario scenario() {
    return failovers.scenario();
  }

  /** F-19. */
  @Test
  public void aTaskThatWaitsIsReplacedAtOnce() {
    for (ScheduleStatus waiting : new ScheduleStatus[] {PENDING, THROTTLED}) {
      scenario()
          .job(have("old", waiting, SECOND, 0))
          .update(to("new"))
          .start()
          .tasks("0 new PENDING")
          .kills(0)
          .up(0)
          .history("0 updating", "0 updated")
          .events("ROLLING_FORWARD by ann", "ROLLED_FORWARD");
    }
  }

  /** F-19 and D-11; AURORA-1506. */
  @Test
  public void aReplacementThatIsKilledWhileItWaitsIsAddedAgain() {
    scenario()
        .update(to("new"), instances(1))
        .start()
        .task(0, KILLING)
        .tasks("0 new PENDING")
        .up(0)
        .history("0 updating", "0 updated")
        .events("ROLLING_FORWARD by ann", "ROLLED_FORWARD");
  }

  /** F-23: nor whether it fails while it is being killed. */
  @Test
  public void howTheOldTaskEndsDoesNotMatter() {
    scenario()
        .job(running(0))
        .update(to("new"))
        .start()
        .task(0, FAILED)
        .tasks("0 new PENDING")
        .up(0)
        .history("0 updating", "0 updated")
        .expect(ROLLED_FORWARD);
  }

  /** F-20. */
  @Test
  public void newsOfATaskThatWasReplacedAndForgottenDoNotCount() {
    UpdateScenario story =
        scenario().update(to("new"), instances(1), toleratedExits(1)).start().runs(0);
    String ended = story.active(0).assignedTask().taskId();
    story
        .task(0, FAILED)
        .prunedTasksOf(0)
        .reports(ended, FAILED)
        .tasks("0 new PENDING")
        .up(0)
        .history("0 updating", "0 updated")
        .events("ROLLING_FORWARD by ann", "ROLLED_FORWARD");
  }

  /** F-21. */
  @Test
  public void instancesOutsideTheUpdateDoNotMoveIt() {
    scenario()
        .job(running(0, 1))
        .update(to("new"), only(0))
        .start()
        .task(1, FAILED)
        .runs(1)
        .history("0 updating")
        .tasks("0 old KILLING", "1 old RUNNING")
        .replaced(0)
        .events("ROLLING_FORWARD by ann", "ROLLED_FORWARD");
  }

  /** F-22. */
  @Test
  public void newsOfATaskThatHasEndedAreTooLate() {
    UpdateScenario story =
        scenario().update(to("new"), instances(1), toleratedExits(1)).start().runs(0);
    String ended = story.active(0).assignedTask().taskId();
    story.task(0, FAILED).reports(ended, RUNNING).history("0 updating").tasks("0 new PENDING");
    story
        .up(0)
        .history("0 updating", "0 updated")
        .events("ROLLING_FORWARD by ann", "ROLLED_FORWARD");
  }

  /** F-23 and D-14. */
  @Test
  public void anOldTaskThatCameBackByItselfIsReplaced() {
    scenario()
        .job(running(0, 1))
        .update(to("new"))
        .start()
        .task(1, FINISHED)
        .tasks("0 old KILLING", "1 old PENDING")
        .replaced(0)
        .tasks("0 new RUNNING", "1 new PENDING")
        .up(1)
        .history("0 updating", "0 updated", "1 updating", "1 updated")
        .events("ROLLING_FORWARD by ann", "ROLLED_FORWARD")
        .kills(1);
  }

  /** F-26, W-36. */
  @Test
  public void aWatchThatEndsEarlyByTheWallClockWaitsForTheRest() {
    UpdateScenario story =
        scenario().update(to("new"), instances(1)).start().advance(SECOND).runs(0).advance(SECOND);
    story.store().runtimes().stepWallClock(Duration.ofMillis(-1));
    story
        .advance(SECOND)
        .history("0 updating", "0 updated")
        .events("ROLLING_FORWARD by ann", "ROLLED_FORWARD");
  }

  @Test
  public void aClockThatIsSetBackDoesNotHoldTheUpdateUp() {
    UpdateScenario story = scenario().update(to("new"), instances(2)).start();
    story.store().runtimes().stepWallClock(DAY.negated());
    story.up(0).history("0 updating", "0 updated", "1 updating").up(1).expect(ROLLED_FORWARD);
  }

  /** F-27. */
  @Test
  public void theWaitBeginsAgainAfterAPartition() {
    scenario()
        .job(running(1))
        .update(to("new"), instances(2))
        .start()
        .runs(0)
        .advance(SECOND)
        .task(0, PARTITIONED, RUNNING)
        .advance(SECOND.plusMillis(999))
        .history("0 updating")
        .advance(Duration.ofMillis(1))
        .history("0 updating", "0 updated", "1 updating")
        .replaced(1)
        .events("ROLLING_FORWARD by ann", "ROLLED_FORWARD");
  }

  @Test
  public void aTaskThatStaysPartitionedHoldsTheUpdateUp() {
    scenario()
        .update(to("new"), instances(1))
        .start()
        .runs(0)
        .task(0, PARTITIONED)
        .advance(DAY)
        .history("0 updating")
        .expect(ROLLING_FORWARD);
  }

  /** D-15. */
  @Test
  public void anOldTaskThatIsPartitionedIsGivenUp() {
    scenario()
        .job(have("old", PARTITIONED, SECOND, 0))
        .update(to("new"))
        .start()
        .tasks("0 new PENDING")
        .history("0 updating");
  }

  /** F-28, W-19. */
  @Test
  public void theStatusIsTheLastRecordedOneWhateverTheClockSays() {
    UpdateScenario story = scenario().job(running(0)).update(to("new")).start();
    story.store().runtimes().stepWallClock(DAY.negated());
    story.pause().expect(ROLL_FORWARD_PAUSED);
    story.events("ROLLING_FORWARD by ann", "ROLL_FORWARD_PAUSED by ann");
    assertThat(story.record().modifiedMs()).isEqualTo(story.record().createdMs());
  }

  /** PR-4, W-2. */
  @Test
  public void timersAndPulsesOfAnUpdateThatWasForgottenDoNothing() {
    UpdateScenario story = scenario();
    story
        .update(to("new"), instances(1), pulsed(Duration.ofMinutes(1)))
        .start()
        .pulse()
        .runs(0)
        .abort()
        .tamper(new Op.RemoveJobUpdate(new RemoveJobUpdates(ImmutableSet.of(story.key()))))
        .pulse(JobUpdatePulseStatus.FINISHED)
        .advance(DAY);
    // One that vanishes while it rolls leaves timers that nobody stopped.
    story
        .update(to("newer"), instances(1), pulsed(Duration.ofMinutes(1)))
        .start()
        .pulse()
        .killed(0)
        .runs(0)
        .tamper(new Op.RemoveJobUpdate(new RemoveJobUpdates(ImmutableSet.of(story.key()))))
        .pulse(JobUpdatePulseStatus.FINISHED)
        .advance(DAY)
        .releaseLock(true)
        .update(to("newest"), instances(1))
        .start()
        .replaced(0)
        .expect(ROLLED_FORWARD);
  }

  /** F-24. */
  @Test
  public void settingsNoUpdateCanHaveAreRefused() {
    scenario()
        .update(to("new"), instances(1), group(-1))
        .refuses(UpdateScenario::start, "Update group size must be positive.")
        .update(to("new"), instances(1), watch(Duration.ofMillis(-1)))
        .refuses(UpdateScenario::start, "Minimum wait in RUNNING must be non-negative.");
  }

  /** F-25. */
  @Test
  public void anUpdateOfNothingIsRefused() {
    scenario()
        .job(running(0))
        .update(to("old"))
        .refuses(UpdateScenario::start, "Update instruction is a no-op.");
  }
}
