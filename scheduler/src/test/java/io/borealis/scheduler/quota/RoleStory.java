package io.borealis.scheduler.quota;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.AssignedTask;
import io.borealis.api.Constraint;
import io.borealis.api.InstanceTaskConfig;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdate;
import io.borealis.api.JobUpdateEvent;
import io.borealis.api.JobUpdateInstructions;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateSettings;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.JobUpdateSummary;
import io.borealis.api.LimitConstraint;
import io.borealis.api.Range;
import io.borealis.api.Resource;
import io.borealis.api.ResourceAggregate;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskConstraint;
import io.borealis.api.ValueConstraint;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveCronJob;
import io.borealis.api.storage.SaveJobUpdate;
import io.borealis.api.storage.SaveJobUpdateEvent;
import io.borealis.api.storage.SaveQuota;
import io.borealis.api.storage.SaveTasks;
import io.borealis.api.storage.SaveWaitingCronRun;
import io.borealis.api.storage.WaitingCronRun;
import io.borealis.scheduler.store.State;
import org.jspecify.annotations.Nullable;

/** Builds up a State, for tests of quota. For one thread. */
final class RoleStory {
  static final String ROLE = "shop";
  static final JobKey JOB = job("cart");

  private State state = State.EMPTY;

  State state() {
    return state;
  }

  static JobKey job(String name) {
    return new JobKey(ROLE, "prod", name);
  }

  /** Production tasks of one CPU, 10 MB of memory and 100 MB of disk. */
  static TaskConfig prod() {
    return sized(1, 10, 100);
  }

  /** Production tasks of this size. */
  static TaskConfig sized(double cpus, long ramMb, long diskMb) {
    return TaskConfig.builder()
        .job(JOB)
        .production(true)
        .resources(of(cpus, ramMb, diskMb))
        .build();
  }

  static TaskConfig cheap() {
    return prod().toBuilder().production(false).build();
  }

  /** The same on hosts set apart by a value. */
  static TaskConfig dedicated(TaskConfig config, boolean negated) {
    return constrained(
        config, new TaskConstraint.Value(new ValueConstraint(negated, ImmutableSet.of("shop/x"))));
  }

  /** The same on hosts set apart by a limit. */
  static TaskConfig limited(TaskConfig config) {
    return constrained(config, new TaskConstraint.Limit(new LimitConstraint(1)));
  }

  private static TaskConfig constrained(TaskConfig config, TaskConstraint constraint) {
    return config.toBuilder()
        .constraints(ImmutableSet.of(new Constraint("dedicated", constraint)))
        .build();
  }

  private static ImmutableSet<Resource> of(double cpus, long ramMb, long diskMb) {
    return ImmutableSet.of(
        new Resource.NumCpus(cpus), new Resource.RamMb(ramMb), new Resource.DiskMb(diskMb));
  }

  RoleStory task(TaskConfig config, ScheduleStatus status, int... instances) {
    for (int instance : instances) {
      String id = config.job().role() + config.job().name() + instance + status;
      ScheduledTask task =
          ScheduledTask.builder()
              .assignedTask(
                  AssignedTask.builder().taskId(id).task(config).instanceId(instance).build())
              .status(status)
              .build();
      apply(new Op.SaveTasks(new SaveTasks(ImmutableSet.of(task))));
    }
    return this;
  }

  RoleStory running(TaskConfig config, int... instances) {
    return task(config, ScheduleStatus.RUNNING, instances);
  }

  RoleStory quota(double cpus, long ramMb, long diskMb) {
    apply(new Op.SaveQuota(new SaveQuota(ROLE, new ResourceAggregate(of(cpus, ramMb, diskMb)))));
    return this;
  }

  RoleStory cron(TaskConfig config, int instances) {
    apply(new Op.SaveCronJob(new SaveCronJob(template(config, instances))));
    return this;
  }

  /** A run of the cron job that waits for its tasks to end. */
  RoleStory waiting(TaskConfig config, int instances) {
    apply(
        new Op.SaveWaitingCronRun(
            new SaveWaitingCronRun(
                new WaitingCronRun(template(config, instances), 1, ImmutableSet.of("t")))));
    return this;
  }

  RoleStory update(JobUpdate update, JobUpdateStatus status) {
    apply(new Op.SaveJobUpdate(new SaveJobUpdate(update)));
    apply(
        new Op.SaveJobUpdateEvent(
            new SaveJobUpdateEvent(
                JobUpdateEvent.builder().status(status).timestampMs(1).build(),
                update.summary().key())));
    return this;
  }

  RoleStory updating(JobUpdate update) {
    return update(update, JobUpdateStatus.ROLLING_FORWARD);
  }

  private void apply(Op op) {
    state = state.apply(op);
  }

  static JobConfiguration template(TaskConfig config, int instances) {
    return JobConfiguration.builder()
        .key(config.job())
        .taskConfig(config)
        .instanceCount(instances)
        .cronSchedule("* * * * *")
        .build();
  }

  /** An update of the job from one configuration to another; null stands for no instances. */
  static JobUpdate between(
      @Nullable TaskConfig old,
      @Nullable Range from,
      @Nullable TaskConfig next,
      @Nullable Range to) {
    JobKey job = next == null ? old.job() : next.job();
    return JobUpdate.builder()
        .summary(JobUpdateSummary.builder().key(new JobUpdateKey(job, "u")).build())
        .instructions(
            JobUpdateInstructions.builder()
                .initialState(
                    old == null ? ImmutableSet.of() : ImmutableSet.of(instances(old, from)))
                .desiredState(next == null ? null : instances(next, to))
                .settings(JobUpdateSettings.builder().updateGroupSize(1).build())
                .build())
        .build();
  }

  private static InstanceTaskConfig instances(TaskConfig config, Range range) {
    return new InstanceTaskConfig(config, ImmutableSet.of(range));
  }
}
