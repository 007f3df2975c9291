package io.borealis.scheduler.update;

import static io.borealis.api.ScheduleStatus.ASSIGNED;
import static io.borealis.api.ScheduleStatus.RUNNING;
import static io.borealis.api.ScheduleStatus.STARTING;
import static io.borealis.scheduler.update.Ask.group;
import static io.borealis.scheduler.update.Ask.instances;
import static io.borealis.scheduler.update.Ask.pausingBatch;
import static io.borealis.scheduler.update.Ask.pulsed;
import static io.borealis.scheduler.update.Ask.to;
import static io.borealis.scheduler.update.Ask.toleratedExits;
import static io.borealis.scheduler.update.Ask.toleratedFailures;
import static io.borealis.scheduler.update.Ask.watch;
import static io.borealis.scheduler.update.UpdateScenario.running;
import static io.borealis.scheduler.update.UpdateScenario.scenario;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import org.junit.Test;

/** Each wait of an update has its sentence. T is when the update was started. */
public class ExplainerScenarioTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  @Test
  public void waitsForTheFirstPulse() {
    scenario()
        .job(running(0))
        .update(to("new"), instances(1), pulsed(Duration.ofSeconds(20)))
        .start()
        .advance(SECOND)
        .why("awaiting first pulse since T+0s");
  }

  @Test
  public void waitsForPulsesThatStopped() {
    UpdateScenario story =
        scenario()
            .update(to("new"), instances(1), pulsed(Duration.ofSeconds(20)))
            .start()
            .pulse()
            .advance(Duration.ofSeconds(32))
            .why("pulse expired 12 s ago");
    assertThat(story.explanation().pulses())
        .isEqualTo(new Explanation.PulseRecord(20_000, 32_000L, UpdateScenario.USER));
    assertThat(story.explanation().reason()).isEqualTo("PULSE_EXPIRED");
  }

  @Test
  public void waitsForOldTasksToEndAndNewOnesToBePlaced() {
    scenario()
        .job(running(0, 1, 2))
        .update(to("new"), instances(3), group(3))
        .start()
        .why("waiting for the old tasks of instances 0, 1, 2 to end (KILLING since T+0s)")
        .advance(SECOND)
        .killed(1)
        .placed(1)
        .why(
            "waiting for the old tasks of instances 0, 2 to end (KILLING since T+0s); waiting for"
                + " instance 1 to be RUNNING (PENDING since T+1s because no offer has 4 cpus)")
        .killed(0)
        .task(0, ASSIGNED)
        .why(
            "waiting for instance 0 to be RUNNING (ASSIGNED since T+1s); waiting for instance 1"
                + " to be RUNNING (PENDING since T+1s because no offer has 4 cpus); waiting for"
                + " the old task of instance 2 to end (KILLING since T+0s)");
  }

  @Test
  public void waitsUntilATaskHasRunForLongEnough() {
    scenario()
        .update(to("new"), instances(2), group(2), watch(Duration.ofSeconds(10)))
        .start()
        .runs(0)
        .advance(Duration.ofMillis(2_500))
        .task(1, ASSIGNED, STARTING, RUNNING)
        .why("watching instances 0, 1 for 8 s more");
  }

  @Test
  public void waitsForAUser() {
    scenario()
        .job(running(0))
        .update(to("new"), instances(1))
        .start()
        .pause("checking logs")
        .advance(Duration.ofMinutes(3))
        .why("paused by ann \"checking logs\" 3 min ago")
        .pause("said again")
        .why("paused by ann \"checking logs\" 3 min ago");
  }

  @Test
  public void waitsForAUserAfterABatch() {
    scenario()
        .update(to("new"), instances(5), pausingBatch(2))
        .start()
        .up(0, 1)
        .why("auto-paused after batch 1 of 3 0 s ago")
        .resume()
        .up(2, 3)
        .advance(Duration.ofSeconds(5))
        .why("auto-paused after batch 2 of 3 5 s ago");
  }

  @Test
  public void saysWhatWasSpentOfTheFailureBudget() {
    UpdateScenario story =
        scenario()
            .update(to("new"), instances(2), toleratedExits(1), toleratedFailures(2))
            .start()
            .fails(0)
            .why(
                "waiting for instance 0 to be RUNNING (PENDING since T+0s because no offer has 4"
                    + " cpus); retrying instance 0 (exited once)")
            .fails(0)
            .why(
                "waiting for instance 1 to be RUNNING (PENDING since T+0s because no offer has 4"
                    + " cpus); failure budget 1 of 2 used by instance 0 (exited twice)");
    assertThat(story.explanation().failures())
        .isEqualTo(ImmutableList.of(new Explanation.Failure(0, 2, true)));
    assertThat(story.explanation().progress())
        .isEqualTo(new Explanation.Progress(false, 2, 2, 1, 1));
  }

  @Test
  public void manyInstancesAreCounted() {
    scenario()
        .update(to("new"), instances(9), group(9))
        .start()
        .why(
            "waiting for instances 0, 1, 2, 3, 4 and 4 more to be RUNNING (PENDING since T+0s"
                + " because no offer has 4 cpus)");
  }

  @Test
  public void whatHasEndedNeedsNoExplanation() {
    UpdateScenario story = scenario().update(to("new"), instances(1)).start().abort();
    assertThat(
            new Explainer(null, SECOND)
                .explain(story.store().state(), story.record(), Long.MAX_VALUE))
        .isNull();
  }

  /** W-16. */
  @Test
  public void whatIsStillForLongIsStalled() {
    UpdateScenario story =
        scenario().update(to("new"), instances(1)).start().advance(Duration.ofMinutes(15));
    assertThat(story.explanation().stalled()).isFalse();
    story.advance(SECOND);
    assertThat(story.explanation().stalled()).isTrue();
    assertThat(story.explanation().stillForMs()).isEqualTo(Duration.ofSeconds(901).toMillis());
    assertThat(story.pause().advance(Duration.ofDays(1)).explanation().stalled())
        .as("paused")
        .isFalse();
  }

  /** A failover changes no word. */
  @Test
  public void theNextLeaderSaysTheSame() {
    scenario()
        .job(running(0, 1))
        .update(to("new"), instances(2), group(2), pulsed(Duration.ofMinutes(1)))
        .start()
        .pulse()
        .killed(0)
        .failover()
        .why(
            "waiting for instance 0 to be RUNNING (PENDING since T+0s because no offer has 4"
                + " cpus); waiting for the old task of instance 1 to end (KILLING since T+0s)");
  }

  @Test
  public void anUpdateWithoutSettingsIsNoFault() {
    scenario().job(running(0)).update(to("new")).start().withoutSettings().why("moving");
    scenario().job(running(0)).update(to("new")).start().pause().withoutSettings().why("moving");
  }
}
