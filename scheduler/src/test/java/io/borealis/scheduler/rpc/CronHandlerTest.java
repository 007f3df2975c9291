package io.borealis.scheduler.rpc;

import static io.borealis.scheduler.rpc.Samples.JOB;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import io.borealis.api.AuroraConstants;
import io.borealis.api.CronCollisionPolicy;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.JobSummary;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.Result;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.TaskConfig;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveCronJob;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.Test;

/** The calls about cron jobs (RPC rules, sections 11.5 and 13.2 to 13.4). */
public class CronHandlerTest {
  private static final JobKey UNKNOWN = new JobKey("shop", "prod", "nope");
  private static final JobKey INVALID = new JobKey("shop", "prod", "a b");

  private TestApi test = new TestApi();

  private static JobConfiguration cron(String schedule) {
    return Samples.job(2).toBuilder()
        .cronSchedule(schedule)
        .cronCollisionPolicy(CronCollisionPolicy.KILL_EXISTING)
        .taskConfig(Samples.config().toBuilder().isService(false).build())
        .build();
  }

  private static JobConfiguration preferred(int count) {
    return cron("0 0 * * *").toBuilder()
        .instanceCount(count)
        .taskConfig(Samples.config().toBuilder().isService(false).tier("preferred").build())
        .build();
  }

  private CompletionStage<Response> schedule(@Nullable JobConfiguration job) {
    return test.api.scheduleCronJob(test.call(), job);
  }

  private CompletionStage<Response> replace(@Nullable JobConfiguration job) {
    return test.api.replaceCronTemplate(test.call(), job);
  }

  private CompletionStage<Response> deschedule(@Nullable JobKey job) {
    return test.api.descheduleCronJob(test.call(), job);
  }

  private CompletionStage<Response> start(@Nullable JobKey job) {
    return test.api.startCronJob(test.call(), job);
  }

  private JobSummary summary() {
    Result result = test.result(test.api.getJobSummary(test.call(), "shop"));
    return Iterables.getOnlyElement(((Result.JobSummaryResult) result).value().summaries());
  }

  @Test
  public void scheduledJobsAreStoredPopulatedWithTheTextOfTheirSchedule() {
    test.ok(schedule(cron("*/15 * * * MON-fri")));

    JobConfiguration stored = test.state().cronJobs().get(JOB);
    assertThat(stored.cronSchedule()).isEqualTo("*/15 * * * MON-fri");
    assertThat(stored.taskConfig())
        .isEqualTo(Samples.stored(JOB).toBuilder().isService(false).build());
    assertThat(test.active(JOB)).isEmpty();
  }

  @Test
  public void scheduledJobsFireAndFireUnderTheNextLeader() {
    test.ok(schedule(cron("* * * * *")));

    test.store.runtimes().advance(Duration.ofMinutes(1));
    assertThat(test.statuses(JOB)).containsExactly("0:PENDING", "1:PENDING");

    test.ok(test.api.killTasks(test.call(), JOB, ImmutableSet.of(), null));
    test = test.failover();
    test.store.runtimes().advance(Duration.ofMinutes(1));
    assertThat(test.statuses(JOB)).containsExactly("0:PENDING", "1:PENDING");
  }

  @Test
  public void schedulingAgainReplaces() {
    test.ok(schedule(cron("0 0 * * *")));
    test.ok(start(JOB));

    test.ok(schedule(cron("0 1 * * *").toBuilder().instanceCount(3).build()));

    assertThat(test.state().cronJobs().get(JOB).instanceCount()).isEqualTo(3);
    assertThat(test.state().cronJobs().size()).isEqualTo(1);
  }

  @Test
  public void aPlainJobWithActiveTasksIsNotMadeACronJob() {
    TaskConfig unused = test.haveRunning(0);

    test.invalid(schedule(cron("0 0 * * *")), "Job shop/prod/cart already exists");
    // Before the schedule is looked at.
    test.invalid(schedule(cron("bogus")), "Job shop/prod/cart already exists");
  }

  @Test
  public void argumentsThatAreMissingAreErrors() {
    test.refused(schedule(null), ResponseCode.ERROR, "description must be set");
    test.refused(replace(null), ResponseCode.ERROR, "config must be set");
    test.refused(
        schedule(cron("* * * * *").toBuilder().key(null).build()),
        ResponseCode.ERROR,
        "description.key must be set");
    test.refused(
        schedule(cron("* * * * *").toBuilder().key(INVALID).build()),
        ResponseCode.ERROR,
        "description.key shop/prod/a b is not a valid job key");
    for (CompletionStage<Response> call : List.of(start(null), deschedule(null))) {
      test.refused(call, ResponseCode.ERROR, "job must be set");
    }
    for (CompletionStage<Response> call : List.of(start(INVALID), deschedule(INVALID))) {
      test.refused(call, ResponseCode.ERROR, "job shop/prod/a b is not a valid job key");
    }
  }

  @Test
  public void jobsThatAreNoCronJobsAreRefused() {
    for (boolean again : new boolean[] {false, true}) {
      JobConfiguration none = cron("x").toBuilder().cronSchedule(null).build();
      JobConfiguration service = cron("* * * * *").toBuilder().taskConfig(Samples.config()).build();
      JobConfiguration overlapping =
          cron("* * * * *").toBuilder()
              .cronCollisionPolicy(CronCollisionPolicy.RUN_OVERLAP)
              .build();
      if (again) {
        test.ok(schedule(cron("0 0 * * *")));
      }
      test.invalid(send(again, none), "Job shop/prod/cart has no cron schedule");
      test.invalid(send(again, cron("")), "Job has an empty cron schedule.");
      test.invalid(send(again, cron(" ")), "Invalid cron schedule:  ");
      test.invalid(send(again, cron("bogus")), "Invalid cron schedule: bogus");
      test.invalid(send(again, cron(", * * * *")), "Invalid cron schedule: , * * * *");
      test.invalid(
          send(again, service), "A service task may not be run on a cron schedule: shop/prod/cart");
      test.invalid(
          send(again, overlapping),
          "The RUN_OVERLAP collision policy has been removed (AURORA-38).");
      test.invalid(
          send(again, cron("* * * * *").toBuilder().instanceCount(0).build()),
          "Instance count must be positive.");
      test.invalid(
          send(again, cron("* * * * *").toBuilder().instanceCount(4001).build()),
          "Instance count must be between 1 and 4000 inclusive.");
    }
  }

  private CompletionStage<Response> send(boolean replace, JobConfiguration job) {
    return replace ? replace(job) : schedule(job);
  }

  @Test
  public void aScheduleThatNeverFiresIsRefusedAndNotStored() {
    test.invalid(schedule(cron("0 0 30 2 *")), "Invalid cron schedule: 0 0 30 2 *");

    assertThat(test.state().cronJobs().isEmpty()).isTrue();
  }

  @Test
  public void replaceNeverCreates() {
    test.invalid(replace(cron("0 0 * * *")), "No cron job found for shop/prod/cart.");
    test.invalid(replace(cron("bogus")), "Invalid cron schedule: bogus");

    test.ok(schedule(cron("0 0 * * *")));
    test.ok(replace(cron("0 1 * * *")));
    assertThat(test.state().cronJobs().get(JOB).cronSchedule()).isEqualTo("0 1 * * *");
  }

  @Test
  public void productionNeedsQuota() {
    test.haveQuota("shop", 2, 1000, 1000);

    test.invalid(
        schedule(preferred(3)), "Insufficient resource quota: CPU quota exceeded by 1.00 core(s)");
    test.ok(schedule(preferred(2)));
    // What it replaces makes room.
    test.ok(replace(preferred(2)));
  }

  @Test
  public void activeUpdatesHoldChangesBackButNotStarts() {
    for (JobUpdateStatus status : AuroraConstants.ACTIVE_JOB_UPDATE_STATES) {
      test.haveUpdate(Updates.of(JOB, "u1", Samples.stored(JOB), 3), status);
      for (CompletionStage<Response> call :
          List.of(schedule(cron("bogus")), replace(cron("0 0 * * *")), deschedule(JOB))) {
        test.refused(call, ResponseCode.JOB_UPDATING_ERROR, "Job is currently updating");
      }
      test.invalid(start(JOB), "Failed to start cron job - No cron job found for shop/prod/cart.");
    }
  }

  @Test
  public void deschedulingEndsTheScheduleAndLeavesTheTasks() {
    test.ok(schedule(cron("* * * * *")));
    test.ok(start(JOB));

    test.ok(deschedule(JOB));
    test.ok(deschedule(JOB), "Job shop/prod/cart is not scheduled with cron");
    test.ok(deschedule(UNKNOWN), "Job shop/prod/nope is not scheduled with cron");

    test.store.runtimes().advance(Duration.ofMinutes(5));
    assertThat(test.statuses(JOB)).containsExactly("0:PENDING", "1:PENDING");
    test.invalid(schedule(cron("* * * * *")), "Job shop/prod/cart already exists");
    test.invalid(
        test.api.createJob(test.call(), Samples.job(1)), "Job shop/prod/cart already exists");
  }

  @Test
  public void startIsAnsweredWhenTheTriggerIsDurable() {
    test.ok(schedule(cron("0 0 1 1 *")));
    test.store.hold();

    var answer = start(JOB).toCompletableFuture();
    test.store.runtimes().runReady();
    assertThat(answer).isNotDone();
    test.store.release();

    assertThat(answer).isCompleted();
    assertThat(test.statuses(JOB)).containsExactly("0:PENDING", "1:PENDING");
  }

  @Test
  public void startWantsACronJob() {
    TaskConfig unused = test.haveRunning(0);

    test.invalid(
        start(UNKNOWN), "Failed to start cron job - No cron job found for shop/prod/nope.");
    test.invalid(start(JOB), "Failed to start cron job - No cron job found for shop/prod/cart.");
  }

  @Test
  public void startIsFineEvenIfTheRunIsDropped() {
    test.ok(
        schedule(
            cron("0 0 1 1 *").toBuilder()
                .cronCollisionPolicy(CronCollisionPolicy.CANCEL_NEW)
                .build()));
    test.ok(start(JOB));

    test.ok(start(JOB));

    assertThat(test.statuses(JOB)).containsExactly("0:PENDING", "1:PENDING");
  }

  @Test
  public void startKillsWhatRunsAndBeginsWhenItHasEnded() {
    test.ok(schedule(cron("0 0 1 1 *")));
    var unused =
        test.have(test.state().cronJobs().get(JOB).taskConfig(), ScheduleStatus.RUNNING, 0, 1);

    test.ok(start(JOB));

    assertThat(test.statuses(JOB)).containsExactly("0:KILLING", "1:KILLING");
    assertThat(test.killed).hasSize(2);
  }

  @Test
  public void jobsThatCannotBeStartedSaySo() {
    JobConfiguration broken = cron("no schedule");
    test.store.change(tx -> tx.change(new Op.SaveCronJob(new SaveCronJob(broken))));
    test.invalid(start(JOB), "Failed to start cron job - Invalid cron schedule: no schedule");

    JobConfiguration huge = cron("0 0 1 1 *").toBuilder().instanceCount(4001).build();
    test.store.change(tx -> tx.change(new Op.SaveCronJob(new SaveCronJob(huge))));
    test.invalid(
        start(JOB),
        "Failed to start cron job - Instance count must be between 1 and 4000 inclusive.");
  }

  @Test
  public void summariesTellTheNextRun() {
    test.ok(schedule(cron("* * * * *")));
    long now = test.store.clock().wallMillis();

    assertThat(summary().nextCronRunMs()).isEqualTo(now / 60_000 * 60_000 + 60_000);
    test.store.runtimes().advance(Duration.ofSeconds(60));
    assertThat(summary().nextCronRunMs()).isEqualTo(now / 60_000 * 60_000 + 120_000);
  }

  @Test
  public void aStoredScheduleThatIsNoneIsASummaryWithoutANextRun() {
    JobConfiguration broken = cron("no schedule");
    test.store.change(tx -> tx.change(new Op.SaveCronJob(new SaveCronJob(broken))));

    assertThat(summary().job()).isEqualTo(broken);
    assertThat(summary().nextCronRunMs()).isNull();
  }
}
