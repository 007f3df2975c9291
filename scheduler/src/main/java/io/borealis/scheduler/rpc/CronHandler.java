package io.borealis.scheduler.rpc;

import io.borealis.api.CronCollisionPolicy;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.Response;
import io.borealis.api.rpc.CallContext;
import io.borealis.scheduler.cron.CronRunner;
import io.borealis.scheduler.cron.CronTimer;
import io.borealis.scheduler.cron.CronTimetables;
import io.borealis.scheduler.quota.QuotaCheck;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.WriteClass;
import io.borealis.scheduler.store.WriteTransaction;
import io.borealis.scheduler.store.Writes;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Creates, changes and starts cron jobs (RPC rules, sections 11 and 13.2 to 13.4). Thread-safe. */
public final class CronHandler {
  private final Writes writes;
  private final CronRunner runner;
  private final CronTimer timer;
  private final CronTimetables timetables;
  private final JobValidator validator;
  private final JobLimits limits;

  /**
   * @param runner changes and runs the jobs
   * @param timer is told of jobs that changed
   */
  public CronHandler(
      Writes writes,
      CronRunner runner,
      CronTimer timer,
      CronTimetables timetables,
      JobValidator validator,
      JobLimits limits) {
    this.writes = writes;
    this.runner = runner;
    this.timer = timer;
    this.timetables = timetables;
    this.validator = validator;
    this.limits = limits;
  }

  CompletionStage<Response> scheduleCronJob(
      CallContext call, @Nullable JobConfiguration description) {
    JobConfiguration template = validated(description, "description");
    return write(
        call,
        tx -> {
          requireRoom(tx.state(), template);
          JobKey key = template.key();
          if (!tx.state().cronJobs().contains(key)
              && !tx.state().tasks().ofJob(key).active().isEmpty()) {
            throw Refusal.invalid("Job " + Identifiers.path(key) + " already exists");
          }
          requireSchedulable(template);
          return store(tx, template);
        });
  }

  CompletionStage<Response> replaceCronTemplate(
      CallContext call, @Nullable JobConfiguration config) {
    JobConfiguration template = validated(config, "config");
    return write(
        call,
        tx -> {
          requireRoom(tx.state(), template);
          requireSchedulable(template);
          if (!tx.state().cronJobs().contains(template.key())) {
            throw Refusal.invalid(notFound(template.key()));
          }
          return store(tx, template);
        });
  }

  CompletionStage<Response> descheduleCronJob(CallContext call, @Nullable JobKey job) {
    JobKey key = Arguments.requiredJob(job, "job");
    return write(
        call,
        tx -> {
          JobChecks.refuseIfUpdating(tx.state(), key);
          if (!tx.state().cronJobs().contains(key)) {
            return Responses.ok(
                "Job " + Identifiers.path(key) + " is not scheduled with cron", null);
          }
          runner.remove(tx, key);
          tx.afterCommit(() -> timer.changed(key));
          return Responses.ok();
        });
  }

  CompletionStage<Response> startCronJob(CallContext call, @Nullable JobKey job) {
    JobKey key = Arguments.requiredJob(job, "job");
    return write(
        call,
        tx -> {
          JobConfiguration template = tx.state().cronJobs().get(key);
          if (template == null) {
            throw cannotStart(notFound(key));
          }
          try {
            var unused = timetables.of(String.valueOf(template.cronSchedule()));
            runner.run(tx, template);
          } catch (IllegalArgumentException invalid) {
            throw cannotStart(String.valueOf(invalid.getMessage()));
          }
          return Responses.ok();
        });
  }

  private static Refusal cannotStart(String why) {
    return Refusal.invalid("Failed to start cron job - " + why);
  }

  private static String notFound(JobKey key) {
    return "No cron job found for " + Identifiers.path(key) + ".";
  }

  private JobConfiguration validated(@Nullable JobConfiguration job, String name) {
    JobConfiguration given = Arguments.required(job, name);
    var unused = Arguments.requiredJob(given.key(), name + ".key");
    JobConfiguration template = validator.validate(given);
    if (template.cronSchedule() == null) {
      throw Refusal.invalid("Job " + Identifiers.path(template.key()) + " has no cron schedule");
    }
    return template;
  }

  private void requireRoom(State state, JobConfiguration template) {
    JobChecks.refuseIfUpdating(state, template.key());
    JobChecks.requireCount(limits, template.instanceCount());
    JobChecks.requireQuota(QuotaCheck.forCron(state, template));
  }

  private void requireSchedulable(JobConfiguration template) {
    String schedule = String.valueOf(template.cronSchedule());
    if (schedule.isEmpty()) {
      throw Refusal.invalid("Job has an empty cron schedule.");
    }
    try {
      if (!timetables.of(schedule).cronSchedule().everFires()) {
        throw Refusal.invalid("Invalid cron schedule: " + schedule);
      }
    } catch (IllegalArgumentException invalid) {
      throw Refusal.invalid(String.valueOf(invalid.getMessage()));
    }
    if (template.cronCollisionPolicy() == CronCollisionPolicy.RUN_OVERLAP) {
      throw Refusal.invalid("The RUN_OVERLAP collision policy has been removed (AURORA-38).");
    }
  }

  private Response store(WriteTransaction tx, JobConfiguration template) {
    runner.store(tx, template);
    tx.afterCommit(() -> timer.changed(template.key()));
    return Responses.ok();
  }

  private CompletionStage<Response> write(
      CallContext call, Function<WriteTransaction, Response> work) {
    return writes.submit(WriteClass.RPC, call.deadlineNanos(), work);
  }
}
