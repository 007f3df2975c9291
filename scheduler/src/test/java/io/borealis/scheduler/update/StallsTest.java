package io.borealis.scheduler.update;

import static io.borealis.api.JobUpdateStatus.ROLLED_FORWARD;
import static io.borealis.api.JobUpdateStatus.ROLL_FORWARD_AWAITING_PULSE;
import static io.borealis.scheduler.update.Ask.pulsed;
import static io.borealis.scheduler.update.Ask.to;
import static io.borealis.scheduler.update.UpdateScenario.running;
import static io.borealis.scheduler.update.UpdateScenario.scenario;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.Test;

/** Which updates have been still for too long (W-16). */
public class StallsTest {
  private static final Duration LIMIT = Duration.ofMinutes(15);
  private static final Duration MILLI = Duration.ofMillis(1);
  private static final Duration DAY = Duration.ofDays(1);

  private static Duration still(UpdateScenario story) {
    return Stalls.stillFor(story.record(), story.store().clock().wallMillis());
  }

  private static long stalled(UpdateScenario story) {
    return Stalls.count(story.store().state(), LIMIT, story.store().clock().wallMillis());
  }

  @Test
  public void anUpdateInWhichNothingIsRecordedIsStalledAfterTheLimit() {
    UpdateScenario story = scenario().job(running(0)).update(to("new")).start();
    assertThat(still(story)).isZero();
    story.advance(LIMIT);
    assertThat(still(story)).isEqualTo(LIMIT);
    assertThat(stalled(story)).isZero();
    story.advance(MILLI);
    assertThat(stalled(story)).isEqualTo(1);
  }

  @Test
  public void anEventOfAnInstanceIsAMove() {
    UpdateScenario story = scenario().job(running(0, 1)).update(to("new")).start();
    story.advance(DAY).replaced(0);
    assertThat(still(story)).isZero();
    assertThat(stalled(story)).isZero();
  }

  @Test
  public void aClockThatWasSetBackMakesNoUpdateStall() {
    UpdateScenario story = scenario().job(running(0)).update(to("new")).start();
    story.store().runtimes().stepWallClock(DAY.negated());
    assertThat(still(story)).isZero();
  }

  @Test
  public void aPausedUpdateIsNotExpectedToMove() {
    UpdateScenario story = scenario().job(running(0)).update(to("new")).start().pause();
    story.advance(DAY);
    assertThat(still(story)).isZero();
    assertThat(stalled(story)).isZero();
    assertThat(still(story.resume().advance(LIMIT))).isEqualTo(LIMIT);
  }

  @Test
  public void anUpdateWaitsForItsFirstPulseAsLongAsItLikesButNotForTheNext() {
    UpdateScenario story =
        scenario().job(running(0)).update(to("new"), pulsed(Duration.ofMinutes(1))).start();
    story.advance(DAY);
    assertThat(still(story)).isZero();
    story.pulse().advance(Duration.ofMinutes(1)).expect(ROLL_FORWARD_AWAITING_PULSE).advance(DAY);
    assertThat(still(story)).isEqualTo(DAY);
    assertThat(stalled(story)).isEqualTo(1);
  }

  @Test
  public void whatHasEndedIsNotStalled() {
    UpdateScenario story = scenario().job(running(0)).update(to("new")).start().replaced(0);
    story.expect(ROLLED_FORWARD).advance(DAY);
    assertThat(still(story)).isZero();
    assertThat(stalled(story)).isZero();
  }
}
