package io.borealis.scheduler.update;

import static io.borealis.api.JobUpdateAction.INSTANCE_UPDATED;
import static io.borealis.api.JobUpdateAction.INSTANCE_UPDATE_FAILED;
import static io.borealis.api.JobUpdateAction.INSTANCE_UPDATING;
import static io.borealis.api.JobUpdateStatus.ERROR;
import static io.borealis.api.JobUpdateStatus.ROLLED_FORWARD;
import static io.borealis.api.JobUpdateStatus.ROLLING_BACK;
import static io.borealis.api.JobUpdateStatus.ROLLING_FORWARD;
import static io.borealis.api.JobUpdateStatus.ROLL_FORWARD_AWAITING_PULSE;
import static io.borealis.api.JobUpdateStatus.ROLL_FORWARD_PAUSED;
import static io.borealis.api.ScheduleStatus.RUNNING;
import static io.borealis.scheduler.update.Ask.group;
import static io.borealis.scheduler.update.Ask.instances;
import static io.borealis.scheduler.update.Ask.listing;
import static io.borealis.scheduler.update.Ask.noRollback;
import static io.borealis.scheduler.update.Ask.pausingBatch;
import static io.borealis.scheduler.update.Ask.pulsed;
import static io.borealis.scheduler.update.Ask.to;
import static io.borealis.scheduler.update.Ask.toleratedExits;
import static io.borealis.scheduler.update.Ask.toleratedFailures;
import static io.borealis.scheduler.update.UpdateScenario.have;
import static io.borealis.scheduler.update.UpdateScenario.running;
import static io.borealis.scheduler.update.UpdateScenario.scenario;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.PulseTime;
import io.borealis.api.storage.SavePulses;
import java.time.Duration;
import org.junit.Test;

/**
 * What a new leader makes of updates it finds (update rules, section 9.5). That a failover changes
 * nothing in any other story is tested with the story.
 */
public class FailoverScenarioTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final String TIMED_OUT = ": Pulses from external service have timed out.";

  /** FO-1; AURORA-187: a failover ends no update. */
  @Test
  public void anUpdateThatWasRollingGoesOnWithoutSayingSo() {
    scenario()
        .job(running(0, 1))
        .update(to("new"))
        .found(ROLLING_FORWARD)
        .failover()
        .replaced(0)
        .replaced(1)
        .events("ROLLING_FORWARD", "ROLLED_FORWARD")
        .history("0 updating", "0 updated", "1 updating", "1 updated");
  }

  /** FO-2. */
  @Test
  public void pulsesThatAreTooLongAgoLetTheUpdateWait() {
    scenario()
        .job(running(0))
        .update(to("new"), pulsed(Duration.ofSeconds(10)))
        .found(ROLL_FORWARD_AWAITING_PULSE, ROLLING_FORWARD)
        .advance(MINUTE)
        .failover()
        .expect(ROLL_FORWARD_AWAITING_PULSE)
        .pulse()
        .replaced(0)
        .events(
            "ROLL_FORWARD_AWAITING_PULSE",
            "ROLLING_FORWARD",
            "ROLL_FORWARD_AWAITING_PULSE" + TIMED_OUT,
            "ROLLING_FORWARD",
            "ROLLED_FORWARD");
  }

  /** FO-3; AURORA-1890. */
  @Test
  public void pulsesThatAreRecentEnoughLetTheUpdateGoOn() {
    scenario()
        .job(running(0))
        .update(to("new"), pulsed(Duration.ofHours(1)))
        .found(ROLL_FORWARD_AWAITING_PULSE, ROLLING_FORWARD)
        .advance(MINUTE)
        .failover()
        .replaced(0)
        .events("ROLL_FORWARD_AWAITING_PULSE", "ROLLING_FORWARD", "ROLLED_FORWARD");
  }

  /** W-8: the last pulse is on record, not only the last status. */
  @Test
  public void theTimeSinceTheLastPulseGoesOnCounting() {
    scenario()
        .job(running(0))
        .update(to("new"), pulsed(MINUTE))
        .start()
        .pulse()
        .advance(Duration.ofSeconds(40))
        .pulse()
        .advance(Duration.ofSeconds(40))
        .failover()
        .advance(Duration.ofSeconds(19))
        .expect(ROLLING_FORWARD)
        .advance(SECOND)
        .events(
            "ROLL_FORWARD_AWAITING_PULSE by ann",
            "ROLLING_FORWARD",
            "ROLL_FORWARD_AWAITING_PULSE" + TIMED_OUT);
  }

  /** FO-4. */
  @Test
  public void anUpdateThatWaitedForAPulseStillDoes() {
    scenario()
        .job(running(0))
        .update(to("new"), pulsed(MINUTE))
        .found(ROLL_FORWARD_AWAITING_PULSE)
        .failover()
        .expect(ROLL_FORWARD_AWAITING_PULSE)
        .pulse()
        .replaced(0)
        .events("ROLL_FORWARD_AWAITING_PULSE", "ROLLING_FORWARD", "ROLLED_FORWARD");
  }

  /** FO-5. */
  @Test
  public void aPausedUpdateIsResumedAfterAPulse() {
    scenario()
        .job(running(0))
        .update(to("new"), pulsed(MINUTE))
        .found(ROLL_FORWARD_AWAITING_PULSE, ROLL_FORWARD_PAUSED)
        .failover()
        .pulse()
        .expect(ROLL_FORWARD_PAUSED)
        .resume()
        .replaced(0)
        .events(
            "ROLL_FORWARD_AWAITING_PULSE",
            "ROLL_FORWARD_PAUSED",
            "ROLLING_FORWARD by ann",
            "ROLLED_FORWARD");
  }

  /** FO-5, AURORA-1285: the original takes the time of the pause for that of a pulse. */
  @Test
  public void aPausedUpdateThatNeverHadAPulseIsNotResumedWithoutOne() {
    scenario()
        .job(running(0))
        .update(to("new"), pulsed(MINUTE))
        .start()
        .pause()
        .failover()
        .resume()
        .expect(ROLL_FORWARD_AWAITING_PULSE);
  }

  /** FO-6. */
  @Test
  public void anUpdateThatCannotGoOnEndsInErrorWithTheReason() {
    scenario()
        .job(running(0, 1))
        .update(to("new"))
        .start()
        .replaced(0)
        .killed(1)
        .runs(1)
        .settings(group(0))
        .task(1, ScheduleStatus.FAILED)
        .events(
            "ROLLING_FORWARD by ann",
            "ROLLING_BACK: Latest failure: instance 1 exited.",
            "ERROR: Internal scheduler error: Update group size(s) must be positive.")
        .instance(1, "updating", "update failed");
  }

  /** FO-7; AURORA-1097. */
  @Test
  public void whatWasRecordedIsNotRecordedAgain() {
    scenario()
        .job(running(0, 1))
        .update(to("new"))
        .found(ROLLING_FORWARD)
        .found(INSTANCE_UPDATING, 0)
        .failover()
        .history("0 updating")
        .replaced(0)
        .history("0 updating", "0 updated", "1 updating")
        .replaced(1)
        .history("0 updating", "0 updated", "1 updating", "1 updated")
        .events("ROLLING_FORWARD", "ROLLED_FORWARD");
  }

  /** FO-8. */
  @Test
  public void aFailedInstanceIsNotTriedAgainAndStillCounts() {
    scenario()
        .job(running(0, 1, 2))
        .update(to("new"), toleratedFailures(1), noRollback())
        .found(ROLLING_FORWARD)
        .found(INSTANCE_UPDATING, 0)
        .found(INSTANCE_UPDATE_FAILED, 0)
        .failover()
        .tasks("0 old RUNNING", "1 old KILLING", "2 old RUNNING")
        .killed(1)
        .fails(1)
        .history("0 updating", "0 update failed", "1 updating", "1 update failed")
        .events("ROLLING_FORWARD", "FAILED: Latest failure: instance 1 exited.");
  }

  /** FO-8, W-9. */
  @Test
  public void exitsOfAnInstanceAreNotForgotten() {
    scenario()
        .update(to("new"), instances(1), toleratedExits(1))
        .start()
        .fails(0)
        .failover()
        .fails(0)
        .instance(0, "updating", "update failed", "rolling back", "rolled back");
  }

  /** FO-10, W-1. */
  @Test
  public void tasksThatEndedLongAgoAreNoFailures() {
    scenario()
        .job(
            have("new", ScheduleStatus.FAILED, Duration.ofDays(3), 0),
            have("new", ScheduleStatus.LOST, Duration.ofDays(2), 0),
            running(0))
        .update(to("new"))
        .start()
        .killed(0)
        .runs(0)
        .failover()
        .expect(ROLLING_FORWARD)
        .advance(Duration.ofSeconds(2))
        .history("0 updating", "0 updated")
        .events("ROLLING_FORWARD by ann", "ROLLED_FORWARD");
  }

  /** FO-11. */
  @Test
  public void theWaitForATaskGoesOnWhereItWas() {
    scenario()
        .update(to("new"), instances(1))
        .start()
        .runs(0)
        .advance(SECOND)
        .failover()
        .advance(SECOND.minusMillis(1))
        .expect(ROLLING_FORWARD)
        .advance(Duration.ofMillis(1))
        .expect(ROLLED_FORWARD);
  }

  /** FO-12: an update of the original, which does not store where its batches end. */
  @Test
  public void aBatchThatHadBegunIsNotPausedBefore() {
    scenario()
        .job(running("new", 0, 1), running(2, 3, 4))
        .update(to("new"), listing(0, 1), pausingBatch(2))
        .found(ROLLING_FORWARD)
        .found(INSTANCE_UPDATING, 0, 1)
        .found(INSTANCE_UPDATED, 0, 1)
        .found(INSTANCE_UPDATING, 2, 3)
        .failover()
        .expect(ROLLING_FORWARD)
        .killed(2, 3)
        .up(2, 3)
        .events("ROLLING_FORWARD", "ROLL_FORWARD_PAUSED: Update auto paused");
  }

  /** FO-14, W-22. */
  @Test
  public void anUpdateThatCannotBeResumedHarmsNoOther() {
    UpdateScenario story = scenario();
    story.job(running(0)).update(to("new"), group(0)).found(ROLLING_FORWARD);
    JobUpdateKey broken = story.key();
    assertThat(story.count("job_update_recovery_errors")).isZero();
    story
        .elsewhere()
        .job(running(0))
        .update(to("new"))
        .found(ROLLING_FORWARD)
        .failover()
        .replaced(0)
        .expect(ROLLED_FORWARD);
    assertThat(story.store().state().updates().get(broken).status()).isEqualTo(ERROR);
    assertThat(story.count("job_update_recovery_errors")).isEqualTo(1);
  }

  @Test
  public void anUpdateWhoseRecordIsDamagedEndsInErrorWhenItIsResumed() {
    UpdateScenario story =
        scenario()
            .job(running(0))
            .update(to("new"))
            .found(ROLLING_FORWARD)
            .withoutSettings()
            .failover()
            .events(
                "ROLLING_FORWARD", "ERROR: Internal scheduler error: The update has no settings.");
    assertThat(story.count("job_update_recovery_errors")).isEqualTo(1);
    scenario()
        .job(running(0))
        .update(to("new"))
        .start()
        .pause()
        .withoutSettings()
        .failover()
        .expect(ERROR);
  }

  /** An update of the original, which does not store which way it goes but in its status. */
  @Test
  public void anUpdateThatWasGoingBackGoesOnBack() {
    scenario()
        .update(to("new"), instances(3))
        .found(ROLLING_FORWARD, ROLLING_BACK)
        .found(INSTANCE_UPDATING, 0, 1)
        .found(INSTANCE_UPDATED, 0)
        .job(running("new", 0, 1))
        .failover()
        .tasks("0 new RUNNING", "1 new KILLING")
        .killed(1, 0)
        .history(
            "0 updating",
            "1 updating",
            "0 updated",
            "1 rolling back",
            "1 rolled back",
            "0 rolling back",
            "0 rolled back")
        .events("ROLLING_FORWARD", "ROLLING_BACK", "ROLLED_BACK");
  }

  /** W-1: only what ends counts, but that whoever began the instance. */
  @Test
  public void theEndOfATaskThatAnotherSchedulerMadeCounts() {
    scenario()
        .update(to("new"), instances(2), noRollback())
        .found(ROLLING_FORWARD)
        .found(INSTANCE_UPDATING, 0)
        .advance(Duration.ofMinutes(2))
        .job(have("new", RUNNING, SECOND, 0))
        .failover()
        .task(0, ScheduleStatus.FAILED)
        .history("0 updating", "0 update failed")
        .events("ROLLING_FORWARD", "FAILED: Latest failure: instance 0 exited.");
    scenario()
        .update(to("new"), instances(2), noRollback())
        .found(ROLLING_FORWARD)
        .job(have("new", RUNNING, SECOND, 0))
        .advance(Duration.ofMillis(1))
        .found(INSTANCE_UPDATING, 0)
        .failover()
        .task(0, ScheduleStatus.FAILED)
        .history("0 updating")
        .expect(ROLLING_FORWARD);
  }

  /** The last leader stored the pulse, but died before it let the update go on. */
  @Test
  public void aPulseThatWasStoredEndsTheWait() {
    UpdateScenario story =
        scenario()
            .job(running(0))
            .update(to("new"), pulsed(Duration.ofMinutes(1)))
            .found(ROLL_FORWARD_AWAITING_PULSE)
            .advance(SECOND);
    story
        .tamper(
            new Op.SavePulses(
                new SavePulses(
                    ImmutableList.of(
                        new PulseTime(story.key(), story.store().clock().wallMillis())))))
        .advance(SECOND)
        .failover()
        .events("ROLL_FORWARD_AWAITING_PULSE", "ROLLING_FORWARD")
        .tasks("0 old KILLING");
  }

  /** W-23. */
  @Test
  public void anUpdateThatCannotTakeTheNewsOfATaskEndsInErrorAndIsCounted() {
    UpdateScenario story = scenario();
    story.job(running(0)).update(to("new")).start().withoutSettings();
    assertThat(story.count("job_update_state_change_errors")).isZero();
    story.killed(0).expect(ERROR);
    assertThat(story.count("job_update_state_change_errors")).isEqualTo(1);
    assertThat(story.count("job_update_delete_errors")).isZero();
  }

  /** W-23. */
  @Test
  public void anUpdateThatCannotTakeTheDeletionOfATaskEndsInErrorAndIsCounted() {
    UpdateScenario story = scenario();
    story
        .job(have("old", ScheduleStatus.PENDING, SECOND, 0))
        .update(to("new"), instances(1))
        .start()
        .tasks("0 new PENDING")
        .withoutSettings()
        .task(0, ScheduleStatus.KILLING)
        .expect(ERROR);
    assertThat(story.count("job_update_delete_errors")).isEqualTo(1);
    assertThat(story.count("job_update_state_change_errors")).isZero();
    assertThat(story.count("job_update_recovery_errors")).isZero();
  }

  /** The kill was asked for, but the leader died before its transaction was durable, or after. */
  @Test
  public void aTaskThatRunsIsKilledOnceMore() {
    scenario()
        .job(running(0), have("old", RUNNING, SECOND, 1))
        .update(to("new"))
        .found(ROLLING_FORWARD)
        .found(INSTANCE_UPDATING, 0)
        .failover()
        .tasks("0 old KILLING", "1 old RUNNING")
        .kills(1);
  }
}
