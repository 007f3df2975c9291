package io.borealis.scheduler.update;

import static io.borealis.api.JobUpdateAction.INSTANCE_UPDATED;
import static io.borealis.api.JobUpdateAction.INSTANCE_UPDATING;
import static io.borealis.api.JobUpdateStatus.ROLLING_FORWARD;
import static io.borealis.api.JobUpdateStatus.ROLL_FORWARD_AWAITING_PULSE;
import static io.borealis.api.JobUpdateStatus.ROLL_FORWARD_PAUSED;
import static io.borealis.api.ScheduleStatus.PENDING;
import static io.borealis.scheduler.update.Ask.instances;
import static io.borealis.scheduler.update.Ask.listing;
import static io.borealis.scheduler.update.Ask.pausingBatch;
import static io.borealis.scheduler.update.Ask.pausingBatches;
import static io.borealis.scheduler.update.Ask.pulsed;
import static io.borealis.scheduler.update.Ask.to;
import static io.borealis.scheduler.update.Ask.toleratedFailures;
import static io.borealis.scheduler.update.UpdateScenario.have;
import static io.borealis.scheduler.update.UpdateScenario.running;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.Iterables;
import io.borealis.api.JobUpdateEvent;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveJobUpdateEvent;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.Rule;
import org.junit.Test;

/** Updates that pause by themselves between batches (update rules, sections 6.5 and 9.6). */
public class AutoPauseScenarioTest {
  @Rule public final Failovers failovers = new Failovers();

  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final String AUTO = "ROLL_FORWARD_PAUSED: Update auto paused";
  private static final String STARTED = "ROLLING_FORWARD by ann";
  private static final String RESUMED = "ROLLING_FORWARD by ann";

  private UpdateScenario scenario() {
    return failovers.scenario();
  }

  /** AP-1. */
  @Test
  public void theNextBatchWaitsForAUser() {
    scenario()
        .job(running(0, 1, 2))
        .update(to("new"), pausingBatch(2))
        .start()
        .killed(0, 1)
        .up(0, 1)
        .events(STARTED, AUTO)
        .history("0 updating", "1 updating", "0 updated", "1 updated")
        .tasks("0 new RUNNING", "1 new RUNNING", "2 old RUNNING")
        .advance(Duration.ofDays(1))
        .resume()
        .instance(2, "updating")
        .replaced(2)
        .events(STARTED, AUTO, RESUMED, "ROLLED_FORWARD");
  }

  /** AP-2. */
  @Test
  public void thereIsNoPauseAfterTheLastBatch() {
    scenario()
        .update(to("new"), instances(5), pausingBatch(2))
        .start()
        .up(0, 1)
        .resume()
        .up(2, 3)
        .resume()
        .up(4)
        .events(STARTED, AUTO, RESUMED, AUTO, RESUMED, "ROLLED_FORWARD");
  }

  /** AP-3. */
  @Test
  public void batchesOfDifferentSizesPauseToo() {
    scenario()
        .update(to("new"), instances(6), pausingBatches(1, 2, 3))
        .start()
        .up(0)
        .events(STARTED, AUTO)
        .history("0 updating", "0 updated")
        .resume()
        .up(1, 2)
        .events(STARTED, AUTO, RESUMED, AUTO)
        .history("0 updating", "0 updated", "1 updating", "2 updating", "1 updated", "2 updated")
        .resume()
        .up(3, 4, 5)
        .events(STARTED, AUTO, RESUMED, AUTO, RESUMED, "ROLLED_FORWARD");
  }

  /** AP-4. */
  @Test
  public void onTheWayBackNothingPauses() {
    scenario()
        .job(running(0, 1))
        .update(to("new"), instances(3), pausingBatches(1, 2))
        .start()
        .up(2)
        .expect(ROLL_FORWARD_PAUSED)
        .resume()
        .replaced(0)
        .killed(1)
        .fails(1)
        .tasks("0 new KILLING", "1 old PENDING", "2 new RUNNING")
        .killed(0)
        .up(0, 1)
        .killed(2)
        .events(
            STARTED,
            AUTO,
            RESUMED,
            "ROLLING_BACK: Latest failure: instance 1 exited.",
            "ROLLED_BACK")
        .instance(0, "updating", "updated", "rolling back", "rolled back")
        .instance(1, "updating", "update failed", "rolling back", "rolled back")
        .instance(2, "updating", "updated", "rolling back", "rolled back")
        .tasks("0 old RUNNING", "1 old RUNNING");
  }

  /** AP-5, W-11. */
  @Test
  public void aBatchThatEndedDuringAPauseByAUserIsFollowedByThePauseThatIsDue() {
    scenario()
        .update(to("new"), instances(4), pausingBatch(2))
        .start()
        .pause()
        .up(0, 1)
        .resume()
        .expect(ROLL_FORWARD_PAUSED)
        .history("0 updating", "1 updating", "0 updated", "1 updated")
        .resume()
        .up(2, 3)
        .events(STARTED, "ROLL_FORWARD_PAUSED by ann", RESUMED, AUTO, RESUMED, "ROLLED_FORWARD");
  }

  @Test
  public void aPauseByAUserInTheMiddleOfABatchIsNotTheOneThatIsDue() {
    scenario()
        .update(to("new"), instances(4), pausingBatch(2))
        .start()
        .up(0)
        .pause()
        .resume()
        .expect(ROLLING_FORWARD)
        .up(1)
        .events(STARTED, "ROLL_FORWARD_PAUSED by ann", RESUMED, AUTO);
  }

  /** FO-13, W-10: the original passes the barrier when the leader dies while a user pauses. */
  @Test
  public void afterAPauseByAUserAndAFailoverThePauseThatIsDueComes() {
    for (UpdateScenario story : List.of(pausedInItsFirstBatch(), foundPausedInItsFirstBatch())) {
      story
          .failover()
          .up(0, 1)
          .expect(ROLL_FORWARD_PAUSED)
          .resume()
          .expect(ROLL_FORWARD_PAUSED)
          .history("0 updating", "1 updating", "0 updated", "1 updated")
          .resume()
          .up(2)
          .history("0 updating", "1 updating", "0 updated", "1 updated", "2 updating", "2 updated");
      assertThat(Iterables.skip(story.updateEvents(), 1))
          .containsExactly(story.updateEvents().get(1), RESUMED, AUTO, RESUMED, "ROLLED_FORWARD");
    }
  }

  private UpdateScenario pausedInItsFirstBatch() {
    return scenario().update(to("new"), instances(3), pausingBatch(2)).start().pause();
  }

  /** As a leader leaves it that does not store where batches end. */
  private UpdateScenario foundPausedInItsFirstBatch() {
    return scenario()
        .update(to("new"), instances(3), pausingBatch(2))
        .found(ROLLING_FORWARD, ROLL_FORWARD_PAUSED)
        .found(INSTANCE_UPDATING, 0, 1)
        .job(have("new", PENDING, Duration.ZERO, 0, 1));
  }

  /** Of an update of the original: one that waits between two batches does so once. */
  @Test
  public void thePauseThatAnotherSchedulerMadeIsNotMadeAgain() {
    foundAutoPaused()
        .failover()
        .resume()
        .expect(ROLLING_FORWARD)
        .replaced(1)
        .resume()
        .replaced(2)
        .events("ROLLING_FORWARD", AUTO, RESUMED, AUTO, RESUMED, "ROLLED_FORWARD")
        .history("0 updating", "0 updated", "1 updating", "1 updated", "2 updating", "2 updated");
  }

  /** The pause that is due before the third batch is not taken for the one before the second. */
  @Test
  public void whatAnotherSchedulerBeganAfterItsPauseIsFollowedByTheNextOne() {
    UpdateScenario story = foundAutoPaused();
    story
        .advance(Duration.ofMillis(1))
        .tamper(event(story, ROLLING_FORWARD, null))
        .found(INSTANCE_UPDATING, 1)
        .failover()
        .replaced(1)
        .events("ROLLING_FORWARD", AUTO, "ROLLING_FORWARD", AUTO);
  }

  /** Batches of one instance, the first done. */
  private UpdateScenario foundAutoPaused() {
    UpdateScenario story =
        scenario()
            .job(running(0, 1, 2))
            .update(to("new"), pausingBatch(1))
            .found(ROLLING_FORWARD)
            .found(INSTANCE_UPDATING, 0);
    return story
        .tamper(event(story, ROLL_FORWARD_PAUSED, "Update auto paused"))
        .found(INSTANCE_UPDATED, 0)
        .task(0, ScheduleStatus.KILLING, ScheduleStatus.KILLED)
        .job(running("new", 0));
  }

  private static Op event(UpdateScenario story, JobUpdateStatus status, @Nullable String message) {
    long now = story.store().clock().wallMillis();
    return new Op.SaveJobUpdateEvent(
        new SaveJobUpdateEvent(new JobUpdateEvent(status, now, null, message), story.key()));
  }

  /** W-10: the same when the leader dies while the update waits for a pulse. */
  @Test
  public void afterAWaitForPulsesAndAFailoverThePauseThatIsDueComes() {
    scenario()
        .update(to("new"), instances(2), pausingBatch(1), pulsed(TIMEOUT))
        .start()
        .pulse()
        .advance(TIMEOUT)
        .expect(ROLL_FORWARD_AWAITING_PULSE)
        .failover()
        .up(0)
        .pulse()
        .events(
            "ROLL_FORWARD_AWAITING_PULSE by ann",
            "ROLLING_FORWARD",
            "ROLL_FORWARD_AWAITING_PULSE: Pulses from external service have timed out.",
            "ROLLING_FORWARD",
            AUTO)
        .history("0 updating", "0 updated");
  }

  /** W-10: to the original, what had nothing to do looks new after a failover. */
  @Test
  public void instancesWithNothingToDoDoNotPauseABatchThatRunsAfterAFailover() {
    scenario()
        .job(running("new", 0, 1, 2, 4), running(3, 5))
        .update(to("new"), listing(0, 1, 2, 4), pausingBatch(2))
        .found(ROLLING_FORWARD)
        .found(INSTANCE_UPDATING, 3)
        .failover()
        .expect(ROLLING_FORWARD)
        .replaced(3)
        .events("ROLLING_FORWARD", AUTO)
        .history("3 updating", "3 updated")
        .resume()
        .replaced(5)
        .events("ROLLING_FORWARD", AUTO, RESUMED, "ROLLED_FORWARD");
  }

  /** AP-6. */
  @Test
  public void toleratedFailuresPauseAnUpdateOnce() {
    scenario()
        .update(to("new"), instances(4), pausingBatch(2), toleratedFailures(4))
        .start()
        .fails(0, 1)
        .events(STARTED, AUTO)
        .resume()
        .instance(0, "updating", "update failed")
        .fails(2, 3)
        .events(STARTED, AUTO, RESUMED, "ROLLED_FORWARD")
        .history(
            "0 updating",
            "1 updating",
            "0 update failed",
            "1 update failed",
            "2 updating",
            "3 updating",
            "2 update failed",
            "3 update failed");
  }

  /** AP-7. */
  @Test
  public void anAbortedUpdateNeverTouchesItsNextBatch() {
    scenario()
        .job(running(0, 1))
        .update(to("new"), pausingBatch(1))
        .start()
        .replaced(0)
        .abort()
        .advance(Duration.ofDays(1))
        .tasks("0 new RUNNING", "1 old RUNNING")
        .events(STARTED, AUTO, "ABORTED by ann")
        .history("0 updating", "0 updated");
  }

  /** AP-8. */
  @Test
  public void onlyTheBatchThatWasTouchedGoesBack() {
    scenario()
        .job(running(0, 1))
        .update(to("new"), pausingBatch(1))
        .start()
        .replaced(0)
        .rollback()
        .replaced(0)
        .history("0 updating", "0 updated", "0 rolling back", "0 rolled back")
        .events(STARTED, AUTO, "ROLLING_BACK by ann", "ROLLED_BACK")
        .tasks("0 old RUNNING", "1 old RUNNING");
  }

  /** AP-9. */
  @Test
  public void withoutPulsesTheWaitComesBeforeThePause() {
    scenario()
        .update(to("new"), instances(2), pausingBatch(1), pulsed(TIMEOUT))
        .start()
        .pulse()
        .runs(0)
        .advance(Duration.ofMillis(1999))
        .pause()
        .advance(TIMEOUT)
        .resume()
        .expect(ROLL_FORWARD_AWAITING_PULSE)
        .history("0 updating")
        .pulse()
        .events(
            "ROLL_FORWARD_AWAITING_PULSE by ann",
            "ROLLING_FORWARD",
            "ROLL_FORWARD_PAUSED by ann",
            "ROLL_FORWARD_AWAITING_PULSE by ann",
            "ROLLING_FORWARD",
            AUTO)
        .history("0 updating", "0 updated");
  }

  @Test
  public void batchesInWhichNothingHappensDoNotPause() {
    scenario()
        .job(running("new", 0, 1, 2, 3))
        .update(to("new"), instances(6), listing(0, 1, 2, 3), pausingBatch(2))
        .start()
        .up(4, 5)
        .events(STARTED, "ROLLED_FORWARD");
  }
}
