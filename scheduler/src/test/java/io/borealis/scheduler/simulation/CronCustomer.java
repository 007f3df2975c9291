package io.borealis.scheduler.simulation;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.CronCollisionPolicy;
import io.borealis.api.ExecutorConfig;
import io.borealis.api.Identity;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.Metadata;
import io.borealis.api.TaskConfig;
import java.util.List;
import java.util.Random;

/** Owns a cron job, changes it and runs it out of turn. For one thread. */
final class CronCustomer implements Actor {
  private final World world;
  private final Answers answers;
  private final Caller caller;
  private final Random random;
  private final JobKey job;

  CronCustomer(World world, Answers answers, List<SimulatedScheduler> schedulers, JobKey job) {
    this.world = world;
    this.answers = answers;
    this.caller = new Caller(world, answers, schedulers, job.name());
    this.random = world.random();
    this.job = job;
  }

  @Override
  public void act() {
    if (caller.isBusy()) {
      return;
    }
    int dice = random.nextInt(100);
    if (!world.truth().now().cronJobs().contains(job) || dice < 10) {
      schedule(true);
    } else if (dice < 25) {
      schedule(false);
    } else if (dice < 80) {
      start();
    } else if (dice < 94) {
      caller.attempt(
          Attempt.Kind.KILL,
          null,
          (api, call) -> api.killTasks(call, job, ImmutableSet.of(), null),
          done -> {});
    } else {
      deschedule();
    }
  }

  private void schedule(boolean create) {
    Attempt attempt = answers.begin(Attempt.Kind.SIGNED, "schedules " + job.name());
    JobConfiguration description = description(attempt.user);
    caller.attempt(
        attempt,
        (api, call) ->
            create
                ? api.scheduleCronJob(call, description)
                : api.replaceCronTemplate(call, description),
        done -> {});
  }

  private JobConfiguration description(String user) {
    TaskConfig.Builder config =
        TaskConfig.builder()
            .job(job)
            .owner(new Identity("ann"))
            .contactEmail(user)
            .maxTaskFailures(1)
            .executorConfig(new ExecutorConfig("AuroraExecutor", "cron"));
    Wishes.draw(random, job.role(), world.parts()).addTo(config);
    String fate = random.nextInt(3) == 0 ? "" : random.nextInt(4) == 0 ? "nokill" : "finish";
    if (!fate.isEmpty()) {
      config.metadata(ImmutableSet.of(new Metadata("peer", fate)));
    }
    return JobConfiguration.builder()
        .key(job)
        .owner(new Identity("ann"))
        .cronSchedule(random.nextBoolean() ? "* * * * *" : "*/1 0-23 * * *")
        .cronCollisionPolicy(
            switch (random.nextInt(3)) {
              case 0 -> null;
              case 1 -> CronCollisionPolicy.CANCEL_NEW;
              default -> CronCollisionPolicy.KILL_EXISTING;
            })
        .taskConfig(config.build())
        .instanceCount(1 + random.nextInt(3))
        .build();
  }

  private void start() {
    caller.attempt(
        answers
            .begin(Attempt.Kind.SEEN, "starts " + job.name())
            .on(job)
            .brings((answer, state) -> !state.tasks().ofJob(job).active().isEmpty()),
        (api, call) -> api.startCronJob(call, job),
        done -> {});
  }

  private void deschedule() {
    caller.attempt(
        answers
            .begin(Attempt.Kind.SEEN, "deschedules " + job.name())
            .brings((answer, state) -> !state.cronJobs().contains(job)),
        (api, call) -> api.descheduleCronJob(call, job),
        done -> {});
  }

  @Override
  public boolean isBusy() {
    return caller.isBusy();
  }
}
