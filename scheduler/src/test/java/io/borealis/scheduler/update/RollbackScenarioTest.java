package io.borealis.scheduler.update;

import static io.borealis.api.JobUpdateStatus.ROLLED_BACK;
import static io.borealis.api.JobUpdateStatus.ROLLING_BACK;
import static io.borealis.api.ScheduleStatus.FAILED;
import static io.borealis.scheduler.update.Ask.group;
import static io.borealis.scheduler.update.Ask.instances;
import static io.borealis.scheduler.update.Ask.to;
import static io.borealis.scheduler.update.Ask.toleratedExits;
import static io.borealis.scheduler.update.Ask.toleratedFailures;
import static io.borealis.scheduler.update.Ask.watch;
import static io.borealis.scheduler.update.UpdateScenario.have;
import static io.borealis.scheduler.update.UpdateScenario.running;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveTasks;
import java.time.Duration;
import org.junit.Rule;
import org.junit.Test;

/** Updates that go back, and in which order (update rules, section 9.3). */
public class RollbackScenarioTest {
  @Rule public final Failovers failovers = new Failovers();

  private static final Duration DAY = Duration.ofDays(1);

  private UpdateScenario scenario() {
    return failovers.scenario();
  }

  /** */
  @Test
  public void aFailedUpdateGoesBackInReverseOrder() {
    scenario()
        .job(running(0, 2, 3))
        .update(to("new"), instances(3))
        .start()
        .up(1)
        .replaced(0)
        .killed(2)
        .fails(2)
        .tasks("0 new RUNNING", "1 new RUNNING", "2 old PENDING", "3 old RUNNING")
        .up(2)
        .tasks("0 new KILLING", "1 new RUNNING", "2 old RUNNING", "3 old RUNNING")
        .pause()
        .killed(0)
        .advance(DAY)
        .tasks("1 new RUNNING", "2 old RUNNING", "3 old RUNNING")
        .resume()
        .up(0)
        .killed(1)
        .events(
            "ROLLING_FORWARD by ann",
            "ROLLING_BACK: Latest failure: instance 2 exited.",
            "ROLL_BACK_PAUSED by ann",
            "ROLLING_BACK by ann",
            "ROLLED_BACK")
        .history(
            "1 updating",
            "1 updated",
            "0 updating",
            "0 updated",
            "2 updating",
            "2 update failed",
            "2 rolling back",
            "2 rolled back",
            "0 rolling back",
            "0 rolled back",
            "1 rolling back",
            "1 rolled back")
        .tasks("0 old RUNNING", "2 old RUNNING", "3 old RUNNING");
  }

  /** */
  @Test
  public void anUpdateThatFailsOnItsWayBackStops() {
    scenario()
        .job(running(0, 1, 2))
        .update(to("new"))
        .start()
        .replaced(0)
        .killed(1)
        .fails(1)
        .fails(1)
        .events(
            "ROLLING_FORWARD by ann",
            "ROLLING_BACK: Latest failure: instance 1 exited.",
            "FAILED: Latest failure: instance 1 exited.")
        .history(
            "0 updating",
            "0 updated",
            "1 updating",
            "1 update failed",
            "1 rolling back",
            "1 rollback failed")
        .tasks("0 new RUNNING", "1 old PENDING", "2 old RUNNING");
  }

  /** R-7; H-2: what was not there before is never added. */
  @Test
  public void aJobThatWasCreatedIsRemovedAgain() {
    scenario()
        .update(to("new"), instances(3))
        .start()
        .up(0)
        .runs(1)
        .rollback()
        .killed(1)
        .killed(0)
        .tasks()
        .history(
            "0 updating",
            "0 updated",
            "1 updating",
            "1 rolling back",
            "1 rolled back",
            "0 rolling back",
            "0 rolled back")
        .events("ROLLING_FORWARD by ann", "ROLLING_BACK by ann", "ROLLED_BACK");
  }

  /** the original watches them and says so (W-29). */
  @Test
  public void instancesThatWereNeverTouchedStaySilentHoweverYoungTheyAre() {
    scenario()
        .job(
            have("old", ScheduleStatus.RUNNING, Duration.ofMillis(1), 0, 1, 2),
            have("old", ScheduleStatus.ASSIGNED, Duration.ofMillis(1), 3))
        .update(to("new"), instances(5), group(2), watch(Duration.ofSeconds(10)))
        .start()
        .fails(4)
        .instance(0, "updating", "rolling back")
        .killed(0)
        .up(0)
        .history(
            "4 updating",
            "0 updating",
            "4 update failed",
            "0 rolling back",
            "4 rolling back",
            "4 rolled back",
            "0 rolled back")
        .events(
            "ROLLING_FORWARD by ann",
            "ROLLING_BACK: Latest failure: instance 4 exited.",
            "ROLLED_BACK");
  }

  /** nobody else would bring it back. */
  @Test
  public void anInstanceSomebodyElseIsKillingComesBackAlthoughItWasNeverTouched() {
    scenario()
        .job(running(0), have("old", ScheduleStatus.KILLING, Duration.ofSeconds(1), 1))
        .update(to("new"))
        .start()
        .rollback()
        .instance(1, "rolling back")
        .killed(1)
        .up(1)
        .replaced(0)
        .instance(1, "rolling back", "rolled back")
        .tasks("0 old RUNNING", "1 old RUNNING")
        .expect(ROLLED_BACK);
  }

  @Test
  public void whatWasAddedReplacedAndRemovedIsAllTakenBackInReverse() {
    scenario()
        .job(running(0, 2, 5), running("older", 4))
        .update(to("new"), instances(3))
        .start()
        .up(1)
        .replaced(0)
        .replaced(2)
        .killed(4)
        .tasks("0 new RUNNING", "1 new RUNNING", "2 new RUNNING", "5 old KILLING")
        .rollback()
        .killed(5)
        .up(5)
        .up(4)
        .replaced(2)
        .replaced(0)
        .killed(1)
        .tasks("0 old RUNNING", "2 old RUNNING", "4 older RUNNING", "5 old RUNNING")
        .instance(0, "updating", "updated", "rolling back", "rolled back")
        .instance(1, "updating", "updated", "rolling back", "rolled back")
        .instance(4, "updating", "updated", "rolling back", "rolled back")
        .instance(5, "updating", "rolling back", "rolled back")
        .events("ROLLING_FORWARD by ann", "ROLLING_BACK by ann", "ROLLED_BACK");
  }

  /** */
  @Test
  public void aReplacementThatStillWaitsIsTakenBackAtOnce() {
    scenario()
        .job(running(0))
        .update(to("new"))
        .start()
        .killed(0)
        .rollback()
        .tasks("0 old PENDING")
        .kills(1)
        .up(0)
        .history("0 updating", "0 rolling back", "0 rolled back")
        .events("ROLLING_FORWARD by ann", "ROLLING_BACK by ann", "ROLLED_BACK");
    UpdateScenario story = scenario().job(running(0)).update(to("new")).start().killed(0);
    ScheduledTask flapping = story.active(0).toBuilder().status(ScheduleStatus.THROTTLED).build();
    story
        .tamper(new Op.SaveTasks(new SaveTasks(ImmutableSet.of(flapping))))
        .tasks("0 new THROTTLED")
        .rollback()
        .tasks("0 old PENDING")
        .kills(1);
  }

  /** */
  @Test
  public void exitsAreCountedAnewOnTheWayBack() {
    scenario()
        .job(running(0))
        .update(to("new"), toleratedExits(2))
        .start()
        .killed(0)
        .fails(0, 0, 0)
        .expect(ROLLING_BACK)
        .fails(0, 0)
        .expect(ROLLING_BACK)
        .instance(0, "updating", "update failed", "rolling back")
        .fails(0)
        .instance(0, "updating", "update failed", "rolling back", "rollback failed")
        .events(
            "ROLLING_FORWARD by ann",
            "ROLLING_BACK: Latest failure: instance 0 exited.",
            "FAILED: Latest failure: instance 0 exited.");
  }

  /** */
  @Test
  public void failuresOnTheWayBackAreToleratedLikeThoseBefore() {
    scenario()
        .job(running(0, 1, 2))
        .update(to("new"), toleratedFailures(1))
        .start()
        .replaced(0)
        .replaced(1)
        .rollback()
        .killed(2)
        .fails(2)
        .expect(ROLLING_BACK)
        .replaced(1)
        .replaced(0)
        .instance(0, "updating", "updated", "rolling back", "rolled back")
        .instance(1, "updating", "updated", "rolling back", "rolled back")
        .instance(2, "updating", "rolling back", "rollback failed")
        .events("ROLLING_FORWARD by ann", "ROLLING_BACK by ann", "ROLLED_BACK");
  }

  /** */
  @Test
  public void aRemovedInstanceComesBackFirst() {
    scenario()
        .job(running(0, 1, 2, 3))
        .update(to("new"), instances(3), group(4))
        .start()
        .killed(3)
        .instance(3, "updating", "updated")
        .killed(0)
        .fails(0)
        .tasks("0 old PENDING", "1 old KILLING", "2 old KILLING", "3 old PENDING")
        .killed(1, 2)
        .up(3, 2, 1, 0)
        .instance(3, "updating", "updated", "rolling back", "rolled back")
        .history(
            "0 updating",
            "1 updating",
            "2 updating",
            "3 updating",
            "3 updated",
            "0 update failed",
            "3 rolling back",
            "2 rolling back",
            "1 rolling back",
            "0 rolling back",
            "0 rolled back",
            "1 rolled back",
            "2 rolled back",
            "3 rolled back")
        .events(
            "ROLLING_FORWARD by ann",
            "ROLLING_BACK: Latest failure: instance 0 exited.",
            "ROLLED_BACK");
    scenario()
        .job(running(0, 3))
        .update(to("new"), instances(1))
        .start()
        .replaced(0)
        .rollback()
        .replaced(3)
        .replaced(0)
        .history(
            "0 updating",
            "0 updated",
            "3 updating",
            "3 rolling back",
            "3 rolled back",
            "0 rolling back",
            "0 rolled back")
        .expect(ROLLED_BACK);
  }

  @Test
  public void instancesUnderWayWhenTheUpdateFailsAreRolledBackToo() {
    scenario()
        .job(running(0, 1, 2))
        .update(to("new"), group(2))
        .start()
        .killed(0, 1)
        .runs(1)
        .fails(0)
        .tasks("0 old PENDING", "1 new KILLING", "2 old RUNNING")
        .killed(1)
        .up(0, 1)
        .history(
            "0 updating",
            "1 updating",
            "0 update failed",
            "1 rolling back",
            "0 rolling back",
            "0 rolled back",
            "1 rolled back")
        .expect(ROLLED_BACK);
  }

  @Test
  public void anOldTaskThatFailsOnItsWayBackCountsOnlyFromThen() {
    scenario()
        .job(running(0, 1))
        .update(to("new"))
        .start()
        .task(1, FAILED)
        .runs(1)
        .rollback()
        .task(1, FAILED)
        .runs(1)
        .replaced(0)
        .history("0 updating", "0 rolling back", "0 rolled back")
        .expect(ROLLED_BACK);
  }
}
