package io.borealis.scheduler.update;

import static io.borealis.api.JobUpdateStatus.ABORTED;
import static io.borealis.api.JobUpdateStatus.ERROR;
import static io.borealis.api.JobUpdateStatus.ROLLED_FORWARD;
import static io.borealis.api.ScheduleStatus.FAILED;
import static io.borealis.api.ScheduleStatus.KILLED;
import static io.borealis.api.ScheduleStatus.KILLING;
import static io.borealis.api.ScheduleStatus.PENDING;
import static io.borealis.scheduler.update.Ask.group;
import static io.borealis.scheduler.update.Ask.instances;
import static io.borealis.scheduler.update.Ask.slaAware;
import static io.borealis.scheduler.update.Ask.to;
import static io.borealis.scheduler.update.Ask.watch;
import static io.borealis.scheduler.update.SlaStories.CHECKING;
import static io.borealis.scheduler.update.SlaStories.FIRST_RETRY;
import static io.borealis.scheduler.update.SlaStories.MINUTE;
import static io.borealis.scheduler.update.SlaStories.PASSED;
import static io.borealis.scheduler.update.SlaStories.attempts;
import static io.borealis.scheduler.update.SlaStories.beingKilled;
import static io.borealis.scheduler.update.SlaStories.count;
import static io.borealis.scheduler.update.SlaStories.counted;
import static io.borealis.scheduler.update.SlaStories.given;
import static io.borealis.scheduler.update.SlaStories.three;
import static io.borealis.scheduler.update.SlaStories.waitOf;
import static io.borealis.scheduler.update.SlaStories.waiting;
import static io.borealis.scheduler.update.UpdateScenario.have;
import static io.borealis.scheduler.update.UpdateScenario.running;
import static io.borealis.scheduler.update.UpdateScenario.scenario;
import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.JobKey;
import io.borealis.api.ScheduledTask;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.RemoveJobLock;
import io.borealis.scheduler.sla.SlaDenial;
import io.borealis.scheduler.store.Fixtures;
import java.time.Duration;
import org.junit.Test;

/** How tasks that wait for their policy are tried again (update rules, sections 7.4 and 9.8). */
public class SlaRetryScenarioTest {
  /** SLA-7: what waits for a check does nothing in any other status. */
  @Test
  public void anUpdateThatEndedKillsNothing() {
    UpdateScenario s = three(count(2, 0)).start().abort().task(0, KILLED);
    s.advance(Duration.ofHours(1)).expect(ABORTED).kills(1);
    assertThat(waiting(s)).isEqualTo(0);
    assertThat(waitOf(s, 1)).isNull();
  }

  /** SLA-8. */
  @Test
  public void attemptsBackOff() {
    UpdateScenario s = three(count(2, 0)).start();
    assertThat(attempts(s)).isEqualTo(3);
    s.advance(FIRST_RETRY.minusMillis(1));
    assertThat(attempts(s)).isEqualTo(3);
    s.advance(Duration.ofMillis(1));
    assertThat(attempts(s)).isEqualTo(5);
    s.advance(Duration.ofMillis(134_999));
    assertThat(attempts(s)).isEqualTo(5);
    s.advance(Duration.ofMillis(1));
    assertThat(attempts(s)).isEqualTo(7);
    s.advance(Duration.ofMillis(202_500));
    assertThat(attempts(s)).isEqualTo(9);
    // From here on the longest pause.
    s.advance(Duration.ofMinutes(5));
    assertThat(attempts(s)).isEqualTo(11);
    s.advance(Duration.ofMinutes(5));
    assertThat(attempts(s)).isEqualTo(13);
    assertThat(counted(s, "updates_sla_denials")).isEqualTo(12);
  }

  /** A check whose transaction was given up is repeated, and both may come to an end after all. */
  @Test
  public void checksThatEndTwiceAreRepeatedInTime() {
    UpdateScenario s =
        given(null, count(3, 3600), 0, 1, 2, 3)
            .update(to("new"), group(2), watch(Duration.ZERO), slaAware())
            .start()
            .advance(Duration.ofSeconds(30))
            .replaced(0);
    assertThat(waiting(s)).as("instance 1, and 2 since now").isEqualTo(2);
    s.hold()
        .tamper(new Op.RemoveJobLock(new RemoveJobLock(new JobKey("www-data", "prod", "other"))))
        .advance(Duration.ofSeconds(190));
    double before = attempts(s);
    s.release();
    double made = attempts(s);
    assertThat(made - before).as("instance 1 three times, 2 twice").isEqualTo(5);
    s.advance(Duration.ofMillis(202_499));
    assertThat(attempts(s)).isEqualTo(made);
    s.advance(Duration.ofMillis(1));
    assertThat(attempts(s)).as("instance 2").isEqualTo(made + 1);
    s.advance(Duration.ofMillis(97_500));
    assertThat(attempts(s)).as("instance 1").isEqualTo(made + 2);
  }

  /** SLA-9. */
  @Test
  public void whatWasNotPlacedGoesAtOnce() {
    scenario()
        .version("new", config -> config.slaPolicy(count(2, 0)))
        .job(running(0, 1), have("old", PENDING, MINUTE, 2))
        .update(to("new"), group(3), slaAware())
        .start()
        .tasks("0 old RUNNING", "1 old RUNNING", "2 new PENDING")
        .instance(2, "updating", "updating" + CHECKING, "updating" + PASSED);
  }

  /** SLA-10. */
  @Test
  public void aTaskThatCameInsteadIsTriedAnew() {
    UpdateScenario s = three(count(2, 0)).start();
    String first = waitOf(s, 1).taskId();
    s.task(1, FAILED);
    // The replacement is not placed yet.
    s.tasks("0 old KILLING", "1 new PENDING", "2 old RUNNING")
        .instance(1, "updating", "updating" + CHECKING, "updating" + PASSED);
    assertThat(first).isNotEqualTo(s.active(1).assignedTask().taskId());
    assertThat(waitOf(s, 1)).isNull();
    assertThat(waiting(s)).isEqualTo(1);
  }

  /** SLA-10: a task that somebody else kills needs no check any more. */
  @Test
  public void aTaskThatIsGoneIsNotWaitedFor() {
    UpdateScenario s = three(count(2, 0)).start().task(1, KILLING);
    assertThat(waiting(s)).isEqualTo(1);
    s.task(1, KILLED).tasks("0 old KILLING", "1 new PENDING", "2 old RUNNING");
    s.instance(1, "updating", "updating" + CHECKING);
  }

  /** H-4: the task has ended before it is tried again, and its instance with it. */
  @Test
  public void nothingIsKilledWhereNothingIs() {
    UpdateScenario s =
        given(count(2, 0), null, 0, 1, 2)
            .update(to("old"), instances(1), group(3), watch(Duration.ZERO), slaAware())
            .start()
            .killed(1)
            .task(2, KILLING, KILLED)
            .expect(ROLLED_FORWARD);
    s.advance(Duration.ofHours(1)).kills(2);
    assertThat(waiting(s)).isEqualTo(0);
  }

  /** The status of an update whose lock is gone is no reason to kill for it. */
  @Test
  public void anUpdateWithoutItsLockKillsNothing() {
    three(count(2, 0))
        .start()
        .tamper(new Op.RemoveJobLock(new RemoveJobLock(Fixtures.JOB)))
        .advance(FIRST_RETRY)
        .expect(ERROR)
        .kills(1);
  }

  /** SLA-11 and W-12: the loops do not multiply. */
  @Test
  public void howeverOftenItIsAskedForThereIsOneLoop() {
    UpdateScenario calm = impatient().start().advance(Duration.ofSeconds(12));
    UpdateScenario busy = impatient().start();
    for (int i = 0; i < 4; i++) {
      busy.pause().resume();
    }
    busy.advance(Duration.ofSeconds(12));
    assertThat(attempts(busy)).isEqualTo(attempts(calm)).isEqualTo(3 + 12 * 2);
    assertThat(waiting(busy)).isEqualTo(2);
  }

  private static UpdateScenario impatient() {
    return given(null, count(2, 0), 0, 1, 2)
        .coordinator(played -> played.retries(Duration.ofSeconds(1), Duration.ofSeconds(2), 300, 0))
        .failover()
        .update(to("new"), group(3), slaAware());
  }

  /** FO-18, at every step of SLA-1. */
  @Test
  public void anotherLeaderTriesOnWithoutAnotherNote() {
    UpdateScenario whole = story(scenario());
    for (int at = 1; at <= whole.steps(); at++) {
      int step = at;
      UpdateScenario interrupted = story(scenario(n -> n == step));
      assertThat(interrupted.ending()).as("failover after step %s", at).isEqualTo(whole.ending());
    }
  }

  private static UpdateScenario story(UpdateScenario s) {
    s.version("new", config -> config.slaPolicy(count(2, 0)))
        .job(running(0, 1, 2))
        .update(to("new"), group(3), watch(Duration.ZERO), slaAware())
        .start();
    for (int i = 0; i < 3; i++) {
      s.replaced(i).advance(Duration.ofMinutes(5));
    }
    return s.expect(ROLLED_FORWARD).kills(3);
  }

  /** Each batch is a transaction, and what one takes down the next one sees. */
  @Test
  public void attemptsThatAreDueTogetherAreOneTransaction() {
    UpdateScenario s =
        three(count(2, 0))
            .coordinator(played -> played.retries(MINUTE, Duration.ofMinutes(5), 2, 0))
            .failover();
    int before = s.start().store().entries();
    assertThat(s.store().entries() - before).isEqualTo(0);
    assertThat(beingKilled(s)).isEqualTo(1);
    assertThat(attempts(s)).isEqualTo(3);
  }

  /** W-13: who waits, since when, why, and when it is tried again. */
  @Test
  public void whoWaitsSaysWhy() {
    UpdateScenario s = three(count(2, 0)).start();
    assertThat(waitOf(s, 0)).isNull();
    ScheduledTask task = s.active(1);
    long now = s.store().clock().wallMillis();
    assertThat(waitOf(s, 1))
        .isEqualTo(
            new SlaWait(
                task.assignedTask().taskId(),
                now,
                1,
                now + FIRST_RETRY.toMillis(),
                new SlaDenial.NotEnoughRunning(2, 1, 3, 0, -1)));
    assertThat(waiting(s)).isEqualTo(2);
    s.failover();
    assertThat(waiting(s)).isEqualTo(2);
    assertThat(counted(s, "updates_sla_denials")).isEqualTo(4);
  }
}
