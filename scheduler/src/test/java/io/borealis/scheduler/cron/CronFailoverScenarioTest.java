package io.borealis.scheduler.cron;

import static io.borealis.api.ScheduleStatus.ASSIGNED;
import static io.borealis.api.ScheduleStatus.FINISHED;
import static io.borealis.api.ScheduleStatus.KILLED;
import static io.borealis.api.ScheduleStatus.RUNNING;
import static io.borealis.scheduler.cron.CronStory.JOB;
import static io.borealis.scheduler.cron.CronStory.template;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveCronJob;
import io.borealis.api.storage.SaveWaitingCronRun;
import io.borealis.api.storage.WaitingCronRun;
import io.borealis.scheduler.store.Fixtures;
import io.borealis.scheduler.store.WriteClass;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.Test;

/** Cron jobs when leaders die: never doubled, and missed only as the rule says. */
public class CronFailoverScenarioTest {
  private final CronStory story = CronStory.at("2026-03-02T11:59:30Z");

  private static CronPolicy catchingUp(Duration window) {
    return new CronPolicy(ZoneOffset.UTC, window, 10, 4000);
  }

  @Test
  public void whatPassedJustBeforeATakeoverIsMadeUpOnce() {
    story.schedule(template("0 12 * * *"));

    CronStory next = story.failover(Duration.ofSeconds(89));

    assertThat(next.runs()).containsExactly("2026-03-02T12:00:59Z");
    next.tasks(ASSIGNED, RUNNING, FINISHED);
    CronStory third = next.failover(Duration.ofSeconds(1));
    third.advance(Duration.ofMinutes(5));
    assertThat(third.runs()).hasSize(1);
  }

  @Test
  public void theWindowOfCatchingUpIncludesItsBeginning() {
    story.schedule(template("0 12 * * *"));
    CronStory next = story.failover(Duration.ofSeconds(90));
    assertThat(next.runs()).hasSize(1);

    CronStory late = CronStory.at("2026-03-02T11:59:30Z");
    late.schedule(template("0 12 * * *"));
    CronStory tooLate = late.failover(Duration.ofMillis(90_001));
    tooLate.advance(Duration.ofMinutes(10));
    assertThat(tooLate.runs()).isEmpty();
    tooLate.until("2026-03-03T12:00:00Z");
    assertThat(tooLate.runs()).containsExactly("2026-03-03T12:00:00Z");
  }

  @Test
  public void ofSeveralThatWereMissedTheNewestIsMadeUp() {
    story.schedule(template("* * * * *"));

    CronStory next = story.failover(Duration.ofMinutes(7), catchingUp(Duration.ofHours(1)));

    assertThat(next.count("cron_job_triggers")).isEqualTo(1);
    assertThat(next.store.state().cronRuns().considered(JOB))
        .isEqualTo(Instant.parse("2026-03-02T12:06:00Z").toEpochMilli());
  }

  @Test
  public void withoutAWindowNothingIsMadeUp() {
    story.schedule(template("0 12 * * *"));

    CronStory next = story.failover(Duration.ofSeconds(31), catchingUp(Duration.ZERO));
    next.advance(Duration.ofMinutes(5));
    assertThat(next.runs()).isEmpty();

    next.until("2026-03-03T12:00:00Z");
    assertThat(next.runs()).hasSize(1);
  }

  @Test
  public void aTemplateOfAnotherSchedulerIsTakenOverWithTheSameWindow() {
    JobConfiguration imported = template("0 12 * * *");
    story.store.change(tx -> tx.change(new Op.SaveCronJob(new SaveCronJob(imported))));

    CronStory next = story.failover(Duration.ofSeconds(40));

    assertThat(next.runs()).hasSize(1);
    assertThat(next.failover(Duration.ofSeconds(1)).runs()).hasSize(1);
  }

  @Test
  public void aJobStoredAfterTheInstantIsNotFiredForIt() {
    story.until("2026-03-02T12:00:00.001Z");
    story.schedule(template("0 12 * * *"));

    CronStory next = story.failover(Duration.ofSeconds(5));
    next.advance(Duration.ofMinutes(5));

    assertThat(next.runs()).isEmpty();
  }

  @Test
  public void aFiringThatIsDurableIsNotRepeated() {
    story.schedule(template("0 12 * * *"));
    story.until("2026-03-02T12:00:00Z");

    CronStory next = story.failover(Duration.ofSeconds(1));
    next.advance(Duration.ofMinutes(5));

    assertThat(next.runs()).containsExactly("2026-03-02T12:00:00Z");
    assertThat(next.count("cron_job_triggers")).isZero();
  }

  @Test
  public void aFiringThatWasNotDurableIsMadeUp() {
    story.schedule(template("0 12 * * *"));
    story.store.hold();
    story.until("2026-03-02T12:00:00Z");
    assertThat(story.runs()).isEmpty();

    CronStory next = story.failover(Duration.ofSeconds(1));

    assertThat(next.runs()).containsExactly("2026-03-02T12:00:01Z");
  }

  @Test
  public void aLeaderWhoseClockIsBehindDoesNotFireAgain() {
    story.schedule(template("0 12 * * *"));
    story.until("2026-03-02T12:00:00Z");
    story.tasks(ASSIGNED, RUNNING, FINISHED);

    story.clockIsSetTo("2026-03-02T11:59:50Z");
    CronStory behind = story.failover(Duration.ZERO);
    behind.advance(Duration.ofMinutes(1));
    assertThat(behind.runs()).hasSize(1);

    // Nor when the template is replaced meanwhile.
    behind.clockIsSetTo("2026-03-02T11:59:50Z");
    behind.schedule(template("0,30 12 * * *"));
    behind.until("2026-03-02T12:29:59Z");
    assertThat(behind.runs()).hasSize(1);
    behind.until("2026-03-02T12:30:00Z");
    assertThat(behind.runs()).hasSize(2);
  }

  @Test
  public void jobsThatChangeWhileANewLeaderPlansAreAsTheyWereLeft() {
    JobKey kept = new JobKey("shop", "prod", "kept");
    story.schedule(template("0 12 * * *"));
    story.schedule(template(kept, "0 12 * * *"));
    List<Runnable> looking = new ArrayList<>();
    CronStory next = story.failover(looking);
    next.deschedule(JOB);
    next.schedule(template(kept, "0 13 * * *"));
    next.until("2026-03-02T12:00:10Z");
    assertThat(next.gauge("cron_jobs_loaded")).isZero();

    looking.forEach(Runnable::run);
    next.advance(Duration.ofMinutes(30));

    assertThat(next.gauge("cron_jobs_loaded")).isEqualTo(1);
    assertThat(next.store.state().tasks().size()).isZero();
    next.advance(Duration.ofMinutes(30));
    assertThat(next.store.state().tasks().ofJob(kept).active().size()).isEqualTo(2);
  }

  @Test
  public void aTriggerWhoseKillIsNotDurableNeverWas() {
    story.schedule(template("0 12 * * *"));
    story.start();
    story.tasks(ASSIGNED, RUNNING);
    story.store.hold();
    story.until("2026-03-02T12:00:00Z");

    CronStory next = story.failover(Duration.ofMinutes(2));
    next.advance(Duration.ofMinutes(1));

    assertThat(next.statuses()).containsExactly("0:RUNNING", "1:RUNNING");
    assertThat(next.store.state().cronRuns().waiting(JOB)).isNull();
  }

  @Test
  public void aRunThatWaitsGoesOnUnderTheNextLeader() {
    story.schedule(template("0 0 * * *"));
    story.start();
    story.tasks(ASSIGNED, RUNNING);
    story.start();

    CronStory next = story.failover(Duration.ofMinutes(2));
    assertThat(next.statuses()).containsExactly("0:KILLING", "1:KILLING");
    next.start();
    assertThat(next.count("cron_job_concurrent_runs")).isEqualTo(1);
    next.task(next.active().get(0), KILLED);
    CronStory third = next.failover(Duration.ofMinutes(2));
    third.tasks(KILLED);

    assertThat(third.statuses()).containsExactly("0:PENDING", "1:PENDING");
    assertThat(third.store.state().cronRuns().waiting(JOB)).isNull();
    CronStory fourth = third.failover(Duration.ofSeconds(1));
    fourth.advance(Duration.ofMinutes(5));
    assertThat(fourth.statuses()).containsExactly("0:PENDING", "1:PENDING");
  }

  @Test
  public void theEndOfTheLastTaskAndTheBeginningOfTheRunAreOne() {
    story.schedule(template("0 0 * * *"));
    story.start();
    story.tasks(ASSIGNED, RUNNING);
    story.start();
    story.task(story.active().get(0), KILLED);
    story.store.hold();
    var unused =
        story
            .store
            .writer()
            .submit(
                WriteClass.STATUS,
                story.store.clock().nanoTime() + Duration.ofMinutes(1).toNanos(),
                tx ->
                    story.lifecycle.changeState(
                        tx, story.active().get(0).assignedTask().taskId(), null, KILLED, null));
    story.store.runtimes().runReady();

    CronStory next = story.failover(Duration.ofSeconds(1));
    assertThat(next.statuses()).containsExactly("1:KILLING");
    next.tasks(KILLED);

    assertThat(next.statuses()).containsExactly("0:PENDING", "1:PENDING");
  }

  @Test
  public void aRunWhoseTasksAreGoneWithoutAnEndBeginsAtTheTakeover() {
    JobConfiguration template = template("0 0 * * *");
    story.schedule(template);
    // As a backup may bring it back.
    WaitingCronRun run = new WaitingCronRun(template, 0, ImmutableSet.of("gone"));
    story.store.change(tx -> tx.change(new Op.SaveWaitingCronRun(new SaveWaitingCronRun(run))));
    assertThat(story.active()).isEmpty();

    CronStory next = story.failover(Duration.ofSeconds(1));

    assertThat(next.statuses()).containsExactly("0:PENDING", "1:PENDING");
    assertThat(next.store.state().cronRuns().waiting(JOB)).isNull();
  }

  @Test
  public void tasksThatCameWhileARunWaitedHaveToGoFirst() {
    story.schedule(template("0 0 * * *"));
    story.start();
    story.tasks(ASSIGNED, RUNNING);
    story.start();
    story.store.change(tx -> tx.save(Fixtures.task("late", template("").taskConfig(), 7, RUNNING)));

    story.task(story.active().get(0), KILLED);
    story.task(story.active().get(0), KILLED);
    assertThat(story.statuses()).containsExactly("7:KILLING");
    assertThat(story.store.state().cronRuns().waiting(JOB).taskIds()).containsExactly("late");
    CronStory next = story.failover(Duration.ofSeconds(1));
    next.tasks(KILLED);

    assertThat(next.statuses()).containsExactly("0:PENDING", "1:PENDING");
  }
}
