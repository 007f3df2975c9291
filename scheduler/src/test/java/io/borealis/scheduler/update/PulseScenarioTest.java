package io.borealis.scheduler.update;

import static io.borealis.api.JobUpdateStatus.ABORTED;
import static io.borealis.api.JobUpdateStatus.ERROR;
import static io.borealis.api.JobUpdateStatus.ROLLED_BACK;
import static io.borealis.api.JobUpdateStatus.ROLLED_FORWARD;
import static io.borealis.api.JobUpdateStatus.ROLLING_BACK;
import static io.borealis.api.JobUpdateStatus.ROLLING_FORWARD;
import static io.borealis.api.JobUpdateStatus.ROLL_BACK_AWAITING_PULSE;
import static io.borealis.api.JobUpdateStatus.ROLL_BACK_PAUSED;
import static io.borealis.api.JobUpdateStatus.ROLL_FORWARD_AWAITING_PULSE;
import static io.borealis.api.JobUpdateStatus.ROLL_FORWARD_PAUSED;
import static io.borealis.scheduler.update.Ask.group;
import static io.borealis.scheduler.update.Ask.instances;
import static io.borealis.scheduler.update.Ask.listing;
import static io.borealis.scheduler.update.Ask.pulsed;
import static io.borealis.scheduler.update.Ask.to;
import static io.borealis.scheduler.update.UpdateScenario.running;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.JobUpdatePulseStatus;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.RemoveJobUpdates;
import java.time.Duration;
import org.junit.Rule;
import org.junit.Test;

/** Updates that go on only while somebody says so (update rules, section 9.4). */
public class PulseScenarioTest {
  @Rule public final Failovers failovers = new Failovers();

  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final String TIMED_OUT = ": Pulses from external service have timed out.";

  private UpdateScenario scenario() {
    return failovers.scenario();
  }

  private UpdateScenario pulsedUpdate(Integer... ids) {
    return scenario().job(running(ids)).update(to("new"), pulsed(TIMEOUT)).start();
  }

  /** Without failovers: they forget the pulses of the last second, and the exact time of others. */
  private static UpdateScenario pulsedByOneLeader(Duration timeout) {
    return UpdateScenario.scenario().job(running(0)).update(to("new"), pulsed(timeout)).start();
  }

  /** P-1. */
  @Test
  public void anUpdateWaitsForPulsesAtItsStartAndWheneverTheyStop() {
    scenario()
        .job(running("new", 0), running(1, 2))
        .update(to("new"), listing(0), pulsed(TIMEOUT))
        .start()
        .advance(Duration.ofDays(1))
        .events("ROLL_FORWARD_AWAITING_PULSE by ann")
        .history()
        .kills(0)
        .pulse()
        .replaced(1)
        .tasks("0 new RUNNING", "1 new RUNNING", "2 old KILLING")
        .advance(TIMEOUT)
        .expect(ROLL_FORWARD_AWAITING_PULSE)
        .killed(2)
        .tasks("0 new RUNNING", "1 new RUNNING")
        .pulse()
        .tasks("0 new RUNNING", "1 new RUNNING", "2 new PENDING")
        .up(2)
        .pulse(JobUpdatePulseStatus.FINISHED)
        .events(
            "ROLL_FORWARD_AWAITING_PULSE by ann",
            "ROLLING_FORWARD",
            "ROLL_FORWARD_AWAITING_PULSE" + TIMED_OUT,
            "ROLLING_FORWARD",
            "ROLLED_FORWARD")
        .history("1 updating", "1 updated", "2 updating", "2 updated");
  }

  /** P-2. */
  @Test
  public void resumingWhatNeverHadAPulseLeadsBackToWaiting() {
    pulsedUpdate(0)
        .pause()
        .resume()
        .expect(ROLL_FORWARD_AWAITING_PULSE)
        .pulse()
        .replaced(0)
        .events(
            "ROLL_FORWARD_AWAITING_PULSE by ann",
            "ROLL_FORWARD_PAUSED by ann",
            "ROLL_FORWARD_AWAITING_PULSE by ann",
            "ROLLING_FORWARD",
            "ROLLED_FORWARD");
  }

  /** P-3. */
  @Test
  public void aPulseDuringAPauseCountsForTheResume() {
    pulsedByOneLeader(TIMEOUT)
        .pause()
        .pulse()
        .expect(ROLL_FORWARD_PAUSED)
        .resume()
        .events(
            "ROLL_FORWARD_AWAITING_PULSE by ann",
            "ROLL_FORWARD_PAUSED by ann",
            "ROLLING_FORWARD by ann");
    pulsedByOneLeader(TIMEOUT)
        .pulse()
        .pause()
        .advance(TIMEOUT)
        .pulse()
        .resume()
        .replaced(0)
        .events(
            "ROLL_FORWARD_AWAITING_PULSE by ann",
            "ROLLING_FORWARD",
            "ROLL_FORWARD_PAUSED by ann",
            "ROLLING_FORWARD by ann",
            "ROLLED_FORWARD");
  }

  /** P-4 and P-5, W-7. */
  @Test
  public void whatNeedsNoPulsesIsAnsweredWithFinished() {
    scenario()
        .update(to("new"), instances(1))
        .pulse(JobUpdatePulseStatus.FINISHED)
        .start()
        .pulse(JobUpdatePulseStatus.FINISHED);
  }

  /** P-7. */
  @Test
  public void aPulseOfAnUpdateThatIsBeingForgottenIsAnsweredAndDoesNothing() {
    UpdateScenario story = pulsedByOneLeader(TIMEOUT);
    story
        .hold()
        .tamper(new Op.RemoveJobUpdate(new RemoveJobUpdates(ImmutableSet.of(story.key()))))
        .advance(Duration.ZERO)
        .pulse(JobUpdatePulseStatus.OK)
        .release()
        .tasks("0 old RUNNING")
        .pulse(JobUpdatePulseStatus.FINISHED);
    assertThat(story.store().state().updates().get(story.key())).isNull();
  }

  /** P-8, where the original stops the scheduler (AURORA-1630); here it harms no other (W-23). */
  @Test
  public void anUpdateThatCannotGoOnAfterAPulseEndsInError() {
    UpdateScenario story = pulsedUpdate(0).settings(group(0), pulsed(TIMEOUT)).pulse();
    story
        .events(
            "ROLL_FORWARD_AWAITING_PULSE by ann",
            "ROLLING_FORWARD",
            "ERROR: Internal scheduler error: Update group size(s) must be positive.")
        .history()
        .update(to("newer"), pulsed(TIMEOUT))
        .start()
        .pulse()
        .replaced(0)
        .events("ROLL_FORWARD_AWAITING_PULSE by ann", "ROLLING_FORWARD", "ROLLED_FORWARD");
  }

  /** P-11. */
  @Test
  public void aPulseIsTooOldWhenItsTimeIsOverToTheMillisecond() {
    pulsedByOneLeader(TIMEOUT)
        .pulse()
        .pause()
        .advance(TIMEOUT.minusMillis(1))
        .resume()
        .events(
            "ROLL_FORWARD_AWAITING_PULSE by ann",
            "ROLLING_FORWARD",
            "ROLL_FORWARD_PAUSED by ann",
            "ROLLING_FORWARD by ann");
    pulsedByOneLeader(TIMEOUT)
        .pulse()
        .pause()
        .advance(TIMEOUT)
        .resume()
        .events(
            "ROLL_FORWARD_AWAITING_PULSE by ann",
            "ROLLING_FORWARD",
            "ROLL_FORWARD_PAUSED by ann",
            "ROLL_FORWARD_AWAITING_PULSE by ann");
  }

  /** P-9, but for the weakness of the original: here the wait shows at once (W-5, W-6). */
  @Test
  public void thePulsesOfAnUpdateThatStandsStillExpireToo() {
    pulsedUpdate(0)
        .pulse()
        .killed(0)
        .advance(TIMEOUT.minusMillis(1))
        .expect(ROLLING_FORWARD)
        .advance(Duration.ofMillis(1))
        .resume()
        .events(
            "ROLL_FORWARD_AWAITING_PULSE by ann",
            "ROLLING_FORWARD",
            "ROLL_FORWARD_AWAITING_PULSE" + TIMED_OUT)
        .pause()
        .resume()
        .events(
            "ROLL_FORWARD_AWAITING_PULSE by ann",
            "ROLLING_FORWARD",
            "ROLL_FORWARD_AWAITING_PULSE" + TIMED_OUT,
            "ROLL_FORWARD_PAUSED by ann",
            "ROLL_FORWARD_AWAITING_PULSE by ann");
  }

  /** P-12. */
  @Test
  public void aPulseInTimePostponesTheWait() {
    UpdateScenario story = pulsedByOneLeader(TIMEOUT).pulse().killed(0);
    for (int i = 0; i < 10; i++) {
      story.advance(TIMEOUT.minusMillis(1)).pulse();
    }
    story
        .events("ROLL_FORWARD_AWAITING_PULSE by ann", "ROLLING_FORWARD")
        .advance(TIMEOUT)
        .expect(ROLL_FORWARD_AWAITING_PULSE);
  }

  /** P-12: the pulse comes between the end of the time and the transaction that would block. */
  @Test
  public void aPulseAtTheLastMomentDoesNotStopTheClock() {
    UpdateScenario story = pulsedByOneLeader(TIMEOUT).pulse().killed(0);
    var loop = story.store().loop();
    var unused =
        loop.schedule(
            TIMEOUT,
            () ->
                assertThat(story.updates().pulse(story.store()::state, story.key(), "eve"))
                    .isEqualTo(JobUpdatePulseStatus.OK));
    story
        .advance(TIMEOUT)
        .expect(ROLLING_FORWARD)
        .advance(TIMEOUT)
        .expect(ROLL_FORWARD_AWAITING_PULSE);
  }

  /** A pulse that meets an update about to wait finds it rolling still, but is not lost. */
  @Test
  public void aPulseBeforeTheWaitIsDurableEndsIt() {
    pulsedByOneLeader(TIMEOUT)
        .pulse()
        .killed(0)
        .hold()
        .advance(TIMEOUT)
        .pulse()
        .release()
        .events(
            "ROLL_FORWARD_AWAITING_PULSE by ann",
            "ROLLING_FORWARD",
            "ROLL_FORWARD_AWAITING_PULSE" + TIMED_OUT,
            "ROLLING_FORWARD")
        .tasks("0 new PENDING");
    pulsedByOneLeader(TIMEOUT)
        .pulse()
        .pause()
        .advance(TIMEOUT)
        .hold()
        .resume()
        .pulse()
        .release()
        .expect(ROLLING_FORWARD);
  }

  /** It asks for nobody's pulses, and who pulses it is not told of a fault of the scheduler. */
  @Test
  public void anUpdateWithoutSettingsIsAnsweredWithFinished() {
    pulsedUpdate(0)
        .withoutSettings()
        .pulse(JobUpdatePulseStatus.FINISHED)
        .failover()
        .expect(ERROR)
        .pulse(JobUpdatePulseStatus.FINISHED);
  }

  /** P-13. */
  @Test
  public void manyPulsesAtOnceWakeAnUpdateOnce() {
    UpdateScenario story = pulsedUpdate(0);
    for (int i = 0; i < 10; i++) {
      assertThat(story.updates().pulse(story.store()::state, story.key(), "eve"))
          .isEqualTo(JobUpdatePulseStatus.OK);
    }
    story.pulse().events("ROLL_FORWARD_AWAITING_PULSE by ann", "ROLLING_FORWARD");
  }

  /** P-14. */
  @Test
  public void anUpdateThatGoesBackWaitsForPulsesToo() {
    pulsedUpdate(0)
        .pulse()
        .killed(0)
        .runs(0)
        .rollback()
        .expect(ROLLING_BACK)
        .advance(TIMEOUT)
        .expect(ROLL_BACK_AWAITING_PULSE)
        .killed(0)
        .tasks()
        .rollback()
        .pulse()
        .up(0)
        .tasks("0 old RUNNING")
        .events(
            "ROLL_FORWARD_AWAITING_PULSE by ann",
            "ROLLING_FORWARD",
            "ROLLING_BACK by ann",
            "ROLL_BACK_AWAITING_PULSE" + TIMED_OUT,
            "ROLLING_BACK by ann",
            "ROLL_BACK_AWAITING_PULSE" + TIMED_OUT,
            "ROLLING_BACK",
            "ROLLED_BACK");
  }

  @Test
  public void aPulseIsAnsweredAndMovesOnlyWhatWaitsInEveryStatus() {
    pulsedUpdate(0)
        .pulse()
        .expect(ROLLING_FORWARD)
        .pulse()
        .expect(ROLLING_FORWARD)
        .pause()
        .pulse()
        .expect(ROLL_FORWARD_PAUSED)
        .rollback()
        .expect(ROLLING_BACK)
        .pulse()
        .expect(ROLLING_BACK)
        .pause()
        .pulse()
        .expect(ROLL_BACK_PAUSED)
        .advance(TIMEOUT)
        .resume()
        .expect(ROLL_BACK_AWAITING_PULSE)
        .pulse()
        .expect(ROLLING_BACK)
        .abort()
        .pulse(JobUpdatePulseStatus.FINISHED)
        .expect(ABORTED);
    pulsedUpdate(0).abort().pulse(JobUpdatePulseStatus.FINISHED).expect(ABORTED);
    pulsedUpdate(0).pulse().advance(TIMEOUT).pause().abort().pulse(JobUpdatePulseStatus.FINISHED);
  }

  @Test
  public void turningAroundAPausedUpdateWhosePulsesStoppedLetsItWait() {
    pulsedUpdate(0)
        .pulse()
        .pause()
        .killed(0)
        .advance(TIMEOUT)
        .rollback()
        .tasks()
        .events(
            "ROLL_FORWARD_AWAITING_PULSE by ann",
            "ROLLING_FORWARD",
            "ROLL_FORWARD_PAUSED by ann",
            "ROLLING_BACK by ann",
            "ROLL_BACK_AWAITING_PULSE" + TIMED_OUT)
        .pulse()
        .up(0)
        .tasks("0 old RUNNING")
        .expect(ROLLED_BACK);
  }

  /** P-10, W-28: the event must not say it, but it is not lost. */
  @Test
  public void whoLetTheUpdateGoOnIsStored() {
    UpdateScenario story = pulsedUpdate(0);
    assertThat(story.record().progress().unblockedBy()).isNull();
    story.pulse().events("ROLL_FORWARD_AWAITING_PULSE by ann", "ROLLING_FORWARD").rollback();
    assertThat(story.record().progress().unblockedBy()).isEqualTo(UpdateScenario.USER);
  }

  @Test
  public void aFinishedUpdateLeavesNoTimers() {
    UpdateScenario story = pulsedUpdate(0).pulse().replaced(0).expect(ROLLED_FORWARD);
    story.advance(Duration.ofSeconds(3));
    assertThat(story.store().runtimes().pending()).isEmpty();
  }

  @Test
  public void pulsesAreWrittenDownOnlyNowAndThen() {
    UpdateScenario story = pulsedByOneLeader(Duration.ofMinutes(1));
    story.pulse().advance(Duration.ofSeconds(2));
    int entries = story.store().entries();
    for (int second = 0; second < 120; second++) {
      story.pulse().advance(Duration.ofSeconds(1));
    }
    assertThat(story.store().entries() - entries).isBetween(3, 5);
    assertThat(story.record().pulsedMs())
        .isGreaterThan(story.store().clock().wallMillis() - 32_000);
  }
}
