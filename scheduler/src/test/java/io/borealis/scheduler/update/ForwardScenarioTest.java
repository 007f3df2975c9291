package io.borealis.scheduler.update;

import static io.borealis.api.JobUpdateStatus.ROLLED_FORWARD;
import static io.borealis.api.JobUpdateStatus.ROLLING_FORWARD;
import static io.borealis.api.ScheduleStatus.FAILED;
import static io.borealis.scheduler.update.Ask.batch;
import static io.borealis.scheduler.update.Ask.group;
import static io.borealis.scheduler.update.Ask.instances;
import static io.borealis.scheduler.update.Ask.listing;
import static io.borealis.scheduler.update.Ask.only;
import static io.borealis.scheduler.update.Ask.to;
import static io.borealis.scheduler.update.Ask.watch;
import static io.borealis.scheduler.update.UpdateScenario.running;
import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.Range;
import java.time.Duration;
import org.junit.Rule;
import org.junit.Test;

/** Updates on their way forward (update rules, section 9.2). */
public class ForwardScenarioTest {
  @Rule public final Failovers failovers = new Failovers();

  private static final Duration DAY = Duration.ofDays(1);

  private UpdateScenario scenario() {
    return failovers.scenario();
  }

  @Test
  public void instancesAreReplacedOneAfterTheOther() {
    scenario()
        .job(running(0, 1))
        .update(to("new"), instances(2))
        .start()
        .events("ROLLING_FORWARD by ann")
        .history("0 updating")
        .tasks("0 old KILLING", "1 old RUNNING")
        .killed(0)
        .tasks("0 new PENDING", "1 old RUNNING")
        .runs(0)
        .advance(Duration.ofMillis(1999))
        .history("0 updating")
        .advance(Duration.ofMillis(1))
        .history("0 updating", "0 updated", "1 updating")
        .expect(ROLLING_FORWARD)
        .replaced(1)
        .history("0 updating", "0 updated", "1 updating", "1 updated")
        .events("ROLLING_FORWARD by ann", "ROLLED_FORWARD")
        .tasks("0 new RUNNING", "1 new RUNNING")
        .expect(ROLLED_FORWARD);
  }

  /** F-1. */
  @Test
  public void aPausedUpdateDoesNothingWhateverItsTasksDo() {
    scenario()
        .job(running("new", 0), running(2), running("other", 100))
        .update(to("new"), instances(3), only(0, 1, 2), listing(0))
        .start()
        .history("1 updating")
        .runs(1)
        .pause()
        .pause()
        .advance(DAY)
        .task(1, FAILED)
        .task(2, FAILED)
        .runs(1, 2)
        .advance(Duration.ofSeconds(2))
        .tasks("0 new RUNNING", "1 new RUNNING", "2 old RUNNING", "100 other RUNNING")
        .history("1 updating")
        .resume()
        .history("1 updating", "1 updated", "2 updating")
        .replaced(2)
        .history("1 updating", "1 updated", "2 updating", "2 updated")
        .events(
            "ROLLING_FORWARD by ann",
            "ROLL_FORWARD_PAUSED by ann",
            "ROLLING_FORWARD by ann",
            "ROLLED_FORWARD")
        .tasks("0 new RUNNING", "1 new RUNNING", "2 new RUNNING", "100 other RUNNING")
        .kills(1);
  }

  /** F-2; AURORA-769, AURORA-784: with nothing to do an update is over at once. */
  @Test
  public void whatIsAlreadyRightIsLeftAlone() {
    scenario()
        .job(running("new", 0, 1, 2))
        .update(to("new"), listing(0, 1, 2))
        .start()
        .events("ROLLING_FORWARD by ann", "ROLLED_FORWARD")
        .history()
        .kills(0);
  }

  /** F-3. */
  @Test
  public void aMissingInstanceIsAdded() {
    scenario()
        .job(running("new", 0, 1))
        .update(to("new"), instances(3))
        .start()
        .tasks("0 new RUNNING", "1 new RUNNING", "2 new PENDING")
        .up(2)
        .history("2 updating", "2 updated")
        .events("ROLLING_FORWARD by ann", "ROLLED_FORWARD");
  }

  /** F-4. */
  @Test
  public void aRemovedInstanceIsDoneAsSoonAsItHasEnded() {
    scenario()
        .job(running("new", 0, 1))
        .update(to("new"), instances(1))
        .start()
        .tasks("0 new RUNNING", "1 new KILLING")
        .killed(1)
        .history("1 updating", "1 updated")
        .events("ROLLING_FORWARD by ann", "ROLLED_FORWARD");
  }

  /** F-5; AURORA-1928. */
  @Test
  public void instancesAreCreatedBeforeOthersAreReplaced() {
    scenario()
        .job(running(0, 1, 2, 3))
        .update(to("new"), instances(5))
        .start()
        .up(4)
        .replaced(0)
        .replaced(1)
        .replaced(2)
        .replaced(3)
        .history(
            "4 updating",
            "4 updated",
            "0 updating",
            "0 updated",
            "1 updating",
            "1 updated",
            "2 updating",
            "2 updated",
            "3 updating",
            "3 updated")
        .events("ROLLING_FORWARD by ann", "ROLLED_FORWARD");
  }

  /** F-6. */
  @Test
  public void instancesAreReplacedBeforeOthersAreRemoved() {
    scenario()
        .job(running(0, 1, 2, 3))
        .update(to("new"), instances(2))
        .start()
        .replaced(0)
        .replaced(1)
        .killed(2)
        .killed(3)
        .history(
            "0 updating",
            "0 updated",
            "1 updating",
            "1 updated",
            "2 updating",
            "2 updated",
            "3 updating",
            "3 updated")
        .tasks("0 new RUNNING", "1 new RUNNING")
        .events("ROLLING_FORWARD by ann", "ROLLED_FORWARD");
  }

  /** F-7. */
  @Test
  public void theNextBatchWaitsForTheWholeOneBefore() {
    scenario()
        .job(running(0, 1, 2))
        .update(to("new"), batch(2))
        .start()
        .history("0 updating", "1 updating")
        .replaced(1)
        .history("0 updating", "1 updating", "1 updated")
        .replaced(0)
        .history("0 updating", "1 updating", "1 updated", "0 updated", "2 updating")
        .replaced(2)
        .history("0 updating", "1 updating", "1 updated", "0 updated", "2 updating", "2 updated")
        .events("ROLLING_FORWARD by ann", "ROLLED_FORWARD");
  }

  @Test
  public void aQueueIsFilledUpAsSoonAsAPlaceIsFree() {
    scenario()
        .job(running(0, 1, 2, 3))
        .update(to("new"), group(2))
        .start()
        .history("0 updating", "1 updating")
        .replaced(1)
        .history("0 updating", "1 updating", "1 updated", "2 updating")
        .replaced(2)
        .history("0 updating", "1 updating", "1 updated", "2 updating", "2 updated", "3 updating")
        .killed(0, 3)
        .up(0, 3)
        .expect(ROLLED_FORWARD);
  }

  /** ST-2 and ST-4: instances need not follow each other. */
  @Test
  public void aGroupIsOfInstancesOfTheUpdateWhateverTheirNumbers() {
    scenario()
        .job(running("new", 0, 1, 2), running(3, 8, 11), running("new", 4, 5, 6, 7, 9, 10))
        .update(to("new"), batch(2))
        .start()
        .history("3 updating", "8 updating")
        .killed(3, 8)
        .up(8)
        .history("3 updating", "8 updating", "8 updated")
        .up(3)
        .history("3 updating", "8 updating", "8 updated", "3 updated", "11 updating")
        .expect(ROLLING_FORWARD);
    scenario()
        .job(running("new", 2, 4, 6, 7), running(0, 1, 3, 5, 8))
        .update(to("new"), group(3))
        .start()
        .killed(0, 1)
        .up(0, 1)
        .history(
            "0 updating",
            "1 updating",
            "3 updating",
            "0 updated",
            "1 updated",
            "5 updating",
            "8 updating");
  }

  /** F-8. */
  @Test
  public void anInstanceThatIsNeverPlacedHoldsTheUpdateUp() {
    scenario()
        .job(running(0, 1))
        .update(to("new"))
        .start()
        .replaced(0)
        .killed(1)
        .advance(DAY)
        .expect(ROLLING_FORWARD)
        .abort()
        .events("ROLLING_FORWARD by ann", "ABORTED by ann")
        .history("0 updating", "0 updated", "1 updating")
        .tasks("0 new RUNNING", "1 new PENDING");
  }

  /** F-9. */
  @Test
  public void anAbortedUpdateLeavesEverythingAsItIs() {
    scenario()
        .job(running(0, 1, 2))
        .update(to("new"))
        .start()
        .replaced(0)
        .killed(1)
        .abort()
        .advance(DAY)
        .runs(1)
        .advance(DAY)
        .events("ROLLING_FORWARD by ann", "ABORTED by ann")
        .history("0 updating", "0 updated", "1 updating")
        .tasks("0 new RUNNING", "1 new RUNNING", "2 old RUNNING");
  }

  /** F-10; AURORA-1549: what is not in the scope stays as it is. */
  @Test
  public void aCanaryTouchesOnlyItsScope() {
    scenario()
        .job(running(0, 1))
        .update(to("new"), only(0))
        .start()
        .replaced(0)
        .history("0 updating", "0 updated")
        .tasks("0 new RUNNING", "1 old RUNNING")
        .events("ROLLING_FORWARD by ann", "ROLLED_FORWARD");
  }

  /** F-11; AURORA-1332: a scope may name what is already as it shall be. */
  @Test
  public void aCanaryMayCoverWhatIsAlreadyRight() {
    scenario()
        .job(running("new", 0), running(2))
        .update(to("new"), instances(3), only(0, 1), listing(0))
        .start()
        .up(1)
        .history("1 updating", "1 updated")
        .tasks("0 new RUNNING", "1 new RUNNING", "2 old RUNNING")
        .events("ROLLING_FORWARD by ann", "ROLLED_FORWARD");
  }

  /** F-29. */
  @Test
  public void aCanaryBeyondTheCountRemovesOnlyItsScope() {
    scenario()
        .job(running(0, 1, 2, 3))
        .update(to("old"), instances(2), only(3))
        .start()
        .killed(3)
        .history("3 updating", "3 updated")
        .tasks("0 old RUNNING", "1 old RUNNING", "2 old RUNNING")
        .events("ROLLING_FORWARD by ann", "ROLLED_FORWARD");
  }

  /** F-30. */
  @Test
  public void aJobGrowsWithoutTouchingWhatItHas() {
    UpdateScenario story =
        scenario().job(running("new", 0, 1, 2)).update(to("new"), instances(6), group(2));
    assertThat(story.asked().instructions().initialState()).isEmpty();
    assertThat(story.asked().instructions().desiredState().instances())
        .containsExactly(new Range(3, 5));
    story
        .start()
        .up(3)
        .up(4, 5)
        .history("3 updating", "4 updating", "3 updated", "5 updating", "4 updated", "5 updated")
        .events("ROLLING_FORWARD by ann", "ROLLED_FORWARD")
        .kills(0);
  }

  /** F-12. */
  @Test
  public void withoutAWaitAnInstanceIsDoneAsSoonAsItRuns() {
    scenario()
        .update(to("new"), instances(2), watch(Duration.ZERO))
        .start()
        .runs(0)
        .history("0 updating", "0 updated", "1 updating")
        .tasks("0 new RUNNING", "1 new PENDING")
        .runs(1)
        .history("0 updating", "0 updated", "1 updating", "1 updated")
        .events("ROLLING_FORWARD by ann", "ROLLED_FORWARD");
  }
}
