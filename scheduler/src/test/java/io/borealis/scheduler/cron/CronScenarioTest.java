package io.borealis.scheduler.cron;

import static io.borealis.api.ScheduleStatus.ASSIGNED;
import static io.borealis.api.ScheduleStatus.FINISHED;
import static io.borealis.api.ScheduleStatus.KILLED;
import static io.borealis.api.ScheduleStatus.RUNNING;
import static io.borealis.scheduler.cron.CronStory.JOB;
import static io.borealis.scheduler.cron.CronStory.template;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.borealis.api.CronCollisionPolicy;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.ScheduledTask;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveCronJob;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import org.junit.Test;

/** Cron jobs under one leader: when they fire and what a run does. */
public class CronScenarioTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private final CronStory story = CronStory.at("2026-03-02T11:59:30Z");

  private void finish() {
    story.tasks(ASSIGNED, RUNNING, FINISHED);
  }

  @Test
  public void aJobFiresAtEachInstantOfItsSchedule() {
    story.schedule(template("*/20 * * * *"));

    story.until("2026-03-02T11:59:59.999Z");
    assertThat(story.runs()).isEmpty();
    story.until("2026-03-02T12:00:00Z");
    assertThat(story.statuses()).containsExactly("0:PENDING", "1:PENDING");
    finish();
    story.until("2026-03-02T12:20:00Z");
    finish();
    story.until("2026-03-02T12:59:00Z");

    assertThat(story.runs())
        .containsExactly("2026-03-02T12:00:00Z", "2026-03-02T12:20:00Z", "2026-03-02T12:40:00Z");
    assertThat(story.count("cron_job_triggers")).isEqualTo(3);
    assertThat(story.count("cron_job_collisions")).isZero();
    assertThat(story.count("CronBatchWorker_items_processed")).isEqualTo(3);
  }

  @Test
  public void aRunIsOneTransactionWithTheInstantItIsFor() {
    story.schedule(template("0 12 * * *"));
    int before = story.store.entries();

    story.until("2026-03-02T12:00:00Z");

    assertThat(story.store.transactionsSince(before)).hasSize(1);
    assertThat(story.store.state().cronRuns().considered(JOB)).isEqualTo(1772452800000L);
  }

  @Test
  public void schedulesAreReadInTheTimeZoneOfTheCluster() {
    CronStory berlin =
        CronStory.at(
            "2026-03-28T22:00:00Z",
            new CronPolicy(ZoneId.of("Europe/Berlin"), Duration.ofMinutes(1), 10, 4000));
    berlin.schedule(template("30 2 * * *"));

    berlin.until("2026-03-30T22:00:00Z");

    // At 02:30 there was no such time on the 29th; the tasks of that run are killed while pending.
    assertThat(berlin.count("cron_job_triggers")).isEqualTo(2);
    assertThat(berlin.runs()).containsExactly("2026-03-30T00:30:00Z");
  }

  @Test
  public void whatIsFiredTooLateIsFiredOnce() {
    story.schedule(template("* * * * *"));
    story.until("2026-03-02T11:59:50Z");

    story.clockIsSetTo("2026-03-02T12:10:20Z");
    story.advance(Duration.ofSeconds(10));

    assertThat(story.count("cron_job_triggers")).isEqualTo(1);
    story.advance(Duration.ofSeconds(30));
    assertThat(story.count("cron_job_triggers")).isEqualTo(2);
  }

  @Test
  public void aClockSetForwardIsNoticedWithinAMinute() {
    story.schedule(template("0 15 * * *"));

    story.clockIsSetTo("2026-03-02T15:30:00Z");
    story.advance(Duration.ofMinutes(1));

    assertThat(story.count("cron_job_triggers")).isEqualTo(1);
  }

  @Test
  public void aClockSetBackFiresNothingTwice() {
    story.schedule(template("0 12 * * *"));
    story.until("2026-03-02T12:00:10Z");
    finish();

    story.clockIsSetTo("2026-03-02T11:58:00Z");
    story.advance(HOUR);

    assertThat(story.runs()).hasSize(1);
  }

  @Test
  public void aClockSetBackPutsOffWhatWasNearlyDue() {
    story.schedule(template("0 12 * * *"));

    story.clockIsSetTo("2026-03-02T11:00:00Z");
    story.advance(Duration.ofMinutes(59));
    assertThat(story.runs()).isEmpty();
    story.advance(Duration.ofMinutes(1));

    assertThat(story.runs()).hasSize(1);
  }

  @Test
  public void aLeaderThatBeganWithAWrongClockFiresWhatComesOnceItIsSetRight() {
    story.schedule(template("0 * * * *"));
    story.clockIsSetTo("2026-03-05T00:30:00Z");
    CronStory wrong = story.failover(Duration.ZERO);

    wrong.clockIsSetTo("2026-03-02T12:30:00Z");
    wrong.advance(Duration.ofMinutes(31));

    assertThat(wrong.count("cron_job_triggers")).isEqualTo(1);
  }

  @Test
  public void aNewScheduleCountsFromNowOn() {
    story.schedule(template("0 0 * * *"));
    story.until("2026-03-02T15:30:00Z");

    story.schedule(template("0 * * * *"));
    story.advance(Duration.ofMinutes(29));
    assertThat(story.runs()).isEmpty();
    story.advance(Duration.ofMinutes(1));

    assertThat(story.runs()).containsExactly("2026-03-02T16:00:00Z");
  }

  @Test
  public void aTemplateReplacedJustWhenItIsDueIsRunOnceAndNew() {
    story.schedule(template("0 12 * * *"));
    // The leader is busy when noon passes.
    story.clockIsSetTo("2026-03-02T12:00:00.010Z");
    story.schedule(template("00 12 * * *").toBuilder().instanceCount(1).build());

    story.advance(Duration.ofMinutes(2));

    assertThat(story.statuses()).containsExactly("0:PENDING");
    assertThat(story.count("cron_job_triggers")).isEqualTo(1);
  }

  @Test
  public void aJobDescheduledJustWhenItIsDueIsNotRun() {
    story.schedule(template("0 12 * * *"));
    // The leader is busy when noon passes.
    story.clockIsSetTo("2026-03-02T12:00:00.010Z");
    story.deschedule(JOB);

    story.advance(HOUR);

    assertThat(story.runs()).isEmpty();
    assertThat(story.store.state().cronRuns().considered(JOB)).isNull();
  }

  @Test
  public void whatIsDueWhenItIsGoneCountsAsMisfire() {
    story.store.change(tx -> story.runner.fire(tx, JOB, 0));

    assertThat(story.count("cron_job_misfires")).isEqualTo(1);
    assertThat(story.count("cron_job_triggers")).isZero();
  }

  @Test
  public void aJobStartedJustWhenItIsDueCollidesWithItself() {
    story.schedule(template("0 12 * * *", CronCollisionPolicy.CANCEL_NEW));
    story.until("2026-03-02T11:59:59Z");
    story.start();

    story.advance(Duration.ofMinutes(1));

    assertThat(story.runs()).containsExactly("2026-03-02T11:59:59Z");
    assertThat(story.count("cron_job_triggers")).isEqualTo(2);
    assertThat(story.count("cron_job_collisions")).isEqualTo(1);
  }

  @Test
  public void withCancelNewRunningTasksStay() {
    story.schedule(template("0 12 * * *", CronCollisionPolicy.CANCEL_NEW));
    story.start();
    story.tasks(ASSIGNED, RUNNING);

    story.start();

    assertThat(story.statuses()).containsExactly("0:RUNNING", "1:RUNNING");
    assertThat(story.count("cron_job_collisions")).isEqualTo(1);
  }

  @Test
  public void runsOfAnOldJobThatWouldOverlapAreNotBegun() {
    story.schedule(template("0 12 * * *", CronCollisionPolicy.RUN_OVERLAP));
    story.start();
    story.tasks(ASSIGNED, RUNNING);

    story.start();

    assertThat(story.statuses()).containsExactly("0:RUNNING", "1:RUNNING");
    assertThat(story.runs()).hasSize(1);
  }

  @Test
  public void withoutAPolicyRunningTasksAreKilledAndTheRunBeginsWithTheLastOfThem() {
    story.schedule(template("0 12 * * *"));
    story.start();
    story.tasks(ASSIGNED, RUNNING);
    List<ScheduledTask> first = story.active();
    story.advance(Duration.ofSeconds(5));

    story.start();
    assertThat(story.statuses()).containsExactly("0:KILLING", "1:KILLING");
    assertThat(CronStory.lastEvent(story.active().get(0)).message())
        .isEqualTo("Killed by cronScheduler");
    story.task(first.get(1), KILLED);
    assertThat(story.statuses()).containsExactly("0:KILLING");
    int before = story.store.entries();
    story.task(first.get(0), KILLED);

    assertThat(story.statuses()).containsExactly("0:PENDING", "1:PENDING");
    assertThat(story.store.transactionsSince(before)).hasSize(1);
    assertThat(story.store.state().cronRuns().waiting(JOB)).isNull();
    assertThat(story.count("cron_job_triggers")).isEqualTo(2);
    assertThat(story.count("cron_job_collisions")).isEqualTo(1);
  }

  @Test
  public void tasksThatOnlyWaitAreReplacedAtOnce() {
    story.schedule(template("0 12 * * *", CronCollisionPolicy.KILL_EXISTING));
    story.start();
    story.advance(Duration.ofSeconds(5));

    story.start();

    assertThat(story.statuses()).containsExactly("0:PENDING", "1:PENDING");
    assertThat(story.runs()).containsExactly("2026-03-02T11:59:35Z");
    assertThat(story.store.state().cronRuns().waiting(JOB)).isNull();
  }

  @Test
  public void triggersAreDroppedWhileARunWaits() {
    story.schedule(template("* * * * *"));
    story.start();
    story.tasks(ASSIGNED, RUNNING);

    story.advance(Duration.ofSeconds(31));
    assertThat(story.statuses()).containsExactly("0:KILLING", "1:KILLING");
    story.advance(Duration.ofMinutes(2));
    story.start();
    assertThat(story.count("cron_job_concurrent_runs")).isEqualTo(3);
    assertThat(story.count("cron_job_triggers")).isEqualTo(2);
    story.tasks(KILLED);
    assertThat(story.statuses()).containsExactly("0:PENDING", "1:PENDING");
    finish();
    story.advance(Duration.ofMinutes(1));

    assertThat(story.count("cron_job_triggers")).isEqualTo(3);
  }

  @Test
  public void aRunThatWaitsBeginsWithTheTemplateAsItWas() {
    story.schedule(template("0 12 * * *"));
    story.start();
    story.tasks(ASSIGNED, RUNNING);
    story.start();

    story.schedule(template("0 12 * * *").toBuilder().instanceCount(5).build());
    story.tasks(KILLED);

    assertThat(story.statuses()).containsExactly("0:PENDING", "1:PENDING");
  }

  @Test
  public void descheduledJobsBeginNothingMoreAndTheirTasksGoOn() {
    story.schedule(template("0 12 * * *"));
    story.start();
    story.tasks(ASSIGNED, RUNNING);
    story.deschedule(JOB);
    story.advance(HOUR);
    assertThat(story.statuses()).containsExactly("0:RUNNING", "1:RUNNING");

    story.schedule(template("0 0 * * *"));
    story.start();
    story.deschedule(JOB);
    story.tasks(KILLED);

    assertThat(story.active()).isEmpty();
    assertThat(story.store.state().cronRuns().waiting(JOB)).isNull();
  }

  @Test
  public void aJobThatCannotBeRunHarmsNoOtherAndKillsNothing() {
    JobKey other = new JobKey("shop", "prod", "other");
    story.schedule(template("0 12 * * *").toBuilder().instanceCount(5).build());
    story.schedule(template(other, "0 12 * * *"));
    story.start();
    story.tasks(ASSIGNED, RUNNING);
    CronStory smaller =
        story.failover(
            Duration.ZERO, new CronPolicy(ZoneId.of("UTC"), Duration.ofMinutes(1), 10, 4));

    smaller.until("2026-03-02T12:00:01Z");

    assertThat(smaller.store.state().tasks().ofJob(other).active().size()).isEqualTo(2);
    assertThat(smaller.statuses()).hasSize(5).allMatch(status -> status.endsWith("RUNNING"));
    assertThat(smaller.count("cron_job_launch_failures")).isEqualTo(1);
    assertThatThrownBy(smaller::start)
        .hasMessage("Instance count must be between 1 and 4 inclusive.");
    smaller.advance(Duration.ofMinutes(5));
    assertThat(smaller.count("cron_job_launch_failures")).isEqualTo(1);
  }

  @Test
  public void aStoredJobWhoseScheduleIsNoneIsSkippedAndCounted() {
    JobConfiguration broken = template("not a schedule");
    story.store.change(tx -> tx.change(new Op.SaveCronJob(new SaveCronJob(broken))));
    CronStory next = story.failover(Duration.ZERO);

    next.advance(HOUR);
    assertThat(next.count("cron_job_launch_failures")).isEqualTo(1);
    assertThat(next.gauge("cron_jobs_loaded")).isEqualTo(1);
    next.store.change(tx -> next.runner.fire(tx, JOB, 0));

    assertThat(next.count("cron_job_parse_failures")).isEqualTo(1);
    assertThat(next.runs()).isEmpty();
  }

  @Test
  public void tenThousandJobsDueAtOneInstantFireInBatches() {
    story.store.change(
        tx -> {
          for (int i = 0; i < 10_000; i++) {
            story.runner.store(tx, template(new JobKey("shop", "prod", "job" + i), "0 12 * * *"));
          }
        });
    CronStory next = story.failover(Duration.ZERO);
    int before = next.store.entries();

    next.until("2026-03-02T12:00:00Z");

    assertThat(next.store.state().tasks().size()).isEqualTo(20_000);
    assertThat(next.store.transactionsSince(before)).hasSize(1_000);
    assertThat(next.store.entries() - before).isLessThan(500);
    assertThat(next.count("cron_job_triggers")).isEqualTo(10_000);
    assertThat(next.gauge("CronBatchWorker_queue_size")).isZero();
  }

  @Test
  public void largeJobsDueAtOneInstantFireInSmallerBatches() {
    for (int i = 0; i < 6; i++) {
      JobKey key = new JobKey("shop", "prod", "large" + i);
      story.schedule(
          template(key, "0 12 * * *").toBuilder().instanceCount(i == 0 ? 2_500 : 400).build());
    }
    int before = story.store.entries();

    story.until("2026-03-02T12:00:00Z");

    assertThat(story.store.state().tasks().size()).isEqualTo(2_500 + 5 * 400);
    assertThat(story.store.transactionsSince(before)).hasSize(4);
    assertThat(story.gauge("CronBatchWorker_queue_size")).isZero();
  }

  @Test
  public void gaugesSayThatTheEngineRuns() {
    assertThat(story.gauge("quartz_scheduler_running")).isEqualTo(1);
    assertThat(story.gauge("cron_jobs_loaded")).isEqualTo(1);

    story.timer.close();

    assertThat(story.gauge("quartz_scheduler_running")).isZero();
    story.schedule(template("* * * * *"));
    story.advance(HOUR);
    assertThat(story.runs()).isEmpty();
  }
}
