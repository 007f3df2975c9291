package io.borealis.scheduler.update;

import static io.borealis.api.JobUpdateStatus.ROLLED_FORWARD;
import static io.borealis.api.JobUpdateStatus.ROLLING_FORWARD;
import static io.borealis.api.JobUpdateStatus.ROLL_FORWARD_AWAITING_PULSE;
import static io.borealis.api.ScheduleStatus.DRAINING;
import static io.borealis.api.ScheduleStatus.FAILED;
import static io.borealis.api.ScheduleStatus.FINISHED;
import static io.borealis.api.ScheduleStatus.KILLED;
import static io.borealis.api.ScheduleStatus.KILLING;
import static io.borealis.api.ScheduleStatus.LOST;
import static io.borealis.api.ScheduleStatus.PARTITIONED;
import static io.borealis.api.ScheduleStatus.PREEMPTING;
import static io.borealis.api.ScheduleStatus.RESTARTING;
import static io.borealis.scheduler.update.Ask.batch;
import static io.borealis.scheduler.update.Ask.group;
import static io.borealis.scheduler.update.Ask.instances;
import static io.borealis.scheduler.update.Ask.noRollback;
import static io.borealis.scheduler.update.Ask.pulsed;
import static io.borealis.scheduler.update.Ask.to;
import static io.borealis.scheduler.update.Ask.toleratedExits;
import static io.borealis.scheduler.update.Ask.toleratedFailures;
import static io.borealis.scheduler.update.UpdateScenario.running;

import io.borealis.api.JobUpdateStatus;
import io.borealis.api.ScheduleStatus;
import java.time.Duration;
import org.junit.Rule;
import org.junit.Test;

/** What counts as a failure, and how many an update takes (update rules, section 9.2). */
public class FailureScenarioTest {
  @Rule public final Failovers failovers = new Failovers();

  private static final Duration SECOND = Duration.ofSeconds(1);

  private UpdateScenario scenario() {
    return failovers.scenario();
  }

  /** F-13, W-30. */
  @Test
  public void anUpdateWhoseFailuresAreAllToleratedSucceeds() {
    scenario()
        .update(to("new"), instances(2), toleratedFailures(2))
        .start()
        .fails(0)
        .history("0 updating", "0 update failed", "1 updating")
        .fails(1)
        .history("0 updating", "0 update failed", "1 updating", "1 update failed")
        .events("ROLLING_FORWARD by ann", "ROLLED_FORWARD");
  }

  /** F-14 and D-4. */
  @Test
  public void anInstanceMayFailAsOftenAsIsTolerated() {
    scenario()
        .job(running(0))
        .update(to("new"), toleratedExits(1))
        .start()
        .killed(0)
        .fails(0)
        .history("0 updating")
        .up(0)
        .history("0 updating", "0 updated")
        .events("ROLLING_FORWARD by ann", "ROLLED_FORWARD");
  }

  /** F-15. */
  @Test
  public void oneExitTooManyFailsTheInstanceAndOneInstanceTooManyTheUpdate() {
    scenario()
        .update(to("new"), instances(3), toleratedExits(1), toleratedFailures(1), noRollback())
        .start()
        .fails(0)
        .history("0 updating")
        .fails(0)
        .history("0 updating", "0 update failed", "1 updating")
        .fails(1, 1)
        .history("0 updating", "0 update failed", "1 updating", "1 update failed")
        .events("ROLLING_FORWARD by ann", "FAILED: Latest failure: instance 1 exited.")
        .instance(2);
  }

  /** F-16; AURORA-747: the setting is heard. */
  @Test
  public void anUpdateThatDoesNotRollBackStopsWhereItFailed() {
    scenario()
        .job(running(0, 1, 2))
        .update(to("new"), group(2), noRollback())
        .start()
        .replaced(1)
        .replaced(0)
        .killed(2)
        .fails(2)
        .history(
            "0 updating", "1 updating", "1 updated", "2 updating", "0 updated", "2 update failed")
        .events("ROLLING_FORWARD by ann", "FAILED: Latest failure: instance 2 exited.")
        .advance(Duration.ofDays(1))
        .tasks("0 new RUNNING", "1 new RUNNING", "2 new PENDING");
  }

  /** F-17 and D-5. */
  @Test
  public void everyEndOfANewTaskIsAFailure() {
    ScheduleStatus[][] ends = {
      {FINISHED},
      {FAILED},
      {LOST},
      {KILLED},
      {RESTARTING, KILLED},
      {PREEMPTING, KILLED},
      {DRAINING, LOST}
    };
    for (ScheduleStatus[] end : ends) {
      scenario()
          .update(to("new"), instances(1), noRollback())
          .start()
          .runs(0)
          .task(0, end)
          .history("0 updating", "0 update failed")
          .events("ROLLING_FORWARD by ann", "FAILED: Latest failure: instance 0 exited.");
    }
  }

  /** F-17, W-4. */
  @Test
  public void toAnUpdateThatIsTolerantATaskThatWasTakenAwayIsNoFailure() {
    ScheduleStatus[][] ends = {
      {LOST},
      {PARTITIONED, LOST},
      {RESTARTING, KILLED},
      {PREEMPTING, KILLED},
      {DRAINING, KILLED},
      {DRAINING, LOST}
    };
    for (ScheduleStatus[] end : ends) {
      scenario()
          .tolerant()
          .update(to("new"), instances(1), noRollback())
          .start()
          .runs(0)
          .task(0, end)
          .tasks("0 new PENDING")
          .up(0)
          .history("0 updating", "0 updated")
          .expect(ROLLED_FORWARD);
    }
    for (ScheduleStatus end : new ScheduleStatus[] {FINISHED, FAILED, KILLED}) {
      scenario()
          .tolerant()
          .update(to("new"), instances(1), noRollback())
          .start()
          .runs(0)
          .task(0, end)
          .history("0 updating", "0 update failed");
    }
  }

  /** F-18. */
  @Test
  public void aNewTaskThatIsKilledOnPurposeIsNoFailure() {
    scenario()
        .update(to("new"), instances(1))
        .start()
        .runs(0)
        .advance(SECOND)
        .task(0, KILLING)
        .killed(0)
        .tasks("0 new PENDING")
        .up(0)
        .history("0 updating", "0 updated")
        .events("ROLLING_FORWARD by ann", "ROLLED_FORWARD");
  }

  @Test
  public void theWaitBeginsAgainWithTheNextTask() {
    scenario()
        .update(to("new"), instances(1), toleratedExits(1))
        .start()
        .runs(0)
        .advance(SECOND)
        .task(0, FAILED)
        .runs(0)
        .advance(SECOND.plusMillis(999))
        .history("0 updating")
        .advance(Duration.ofMillis(1))
        .history("0 updating", "0 updated")
        .expect(ROLLED_FORWARD);
  }

  @Test
  public void aFailedInstanceIsNotLookedAtAgain() {
    scenario()
        .update(to("new"), instances(2), toleratedFailures(1))
        .start()
        .fails(0)
        .up(0)
        .instance(0, "updating", "update failed")
        .task(0, FAILED)
        .expect(ROLLING_FORWARD)
        .up(1)
        .instance(0, "updating", "update failed")
        .expect(ROLLED_FORWARD);
  }

  @Test
  public void anInstanceThatWasDoneMayFailWithoutAnyEffect() {
    scenario()
        .job(running(0, 1))
        .update(to("new"))
        .start()
        .replaced(0)
        .task(0, FAILED)
        .expect(ROLLING_FORWARD)
        .replaced(1)
        .history("0 updating", "0 updated", "1 updating", "1 updated")
        .expect(ROLLED_FORWARD);
  }

  @Test
  public void afterAFailureTooManyNothingElseIsBegun() {
    scenario()
        .job(running(0, 1, 2, 3))
        .update(to("new"), batch(2), noRollback())
        .start()
        .killed(0, 1)
        .fails(0)
        .events("ROLLING_FORWARD by ann", "FAILED: Latest failure: instance 0 exited.")
        .up(1)
        .history("0 updating", "1 updating", "0 update failed");
  }

  /** W-9. */
  @Test
  public void failuresAreNotForgottenByPausing() {
    scenario()
        .update(to("new"), instances(1), toleratedExits(1), noRollback())
        .start()
        .fails(0)
        .pause()
        .resume()
        .fails(0)
        .events(
            "ROLLING_FORWARD by ann",
            "ROLL_FORWARD_PAUSED by ann",
            "ROLLING_FORWARD by ann",
            "FAILED: Latest failure: instance 0 exited.");
  }

  /** W-9. */
  @Test
  public void failuresAreNotForgottenByWaitingForPulses() {
    Duration timeout = Duration.ofMinutes(1);
    scenario()
        .update(to("new"), instances(1), toleratedExits(1), noRollback(), pulsed(timeout))
        .start()
        .pulse()
        .fails(0)
        .advance(timeout)
        .expect(ROLL_FORWARD_AWAITING_PULSE)
        .pulse()
        .expect(ROLLING_FORWARD)
        .fails(0)
        .history("0 updating", "0 update failed")
        .expect(JobUpdateStatus.FAILED);
  }

  /**
   * FO-8 and FO-9: Apache's version would try instance 0 again, and make room for another failure.
   */
  @Test
  public void failedInstancesAreNotForgottenByPausing() {
    scenario()
        .job(running(0, 1, 2))
        .update(to("new"), toleratedFailures(1), noRollback())
        .start()
        .killed(0)
        .fails(0)
        .pause()
        .resume()
        .killed(1)
        .fails(1)
        .history("0 updating", "0 update failed", "1 updating", "1 update failed")
        .tasks("0 new PENDING", "1 new PENDING", "2 old RUNNING")
        .expect(JobUpdateStatus.FAILED);
  }
}
