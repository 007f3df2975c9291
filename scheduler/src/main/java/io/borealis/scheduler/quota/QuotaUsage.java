package io.borealis.scheduler.quota;

import io.borealis.api.InstanceTaskConfig;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdate;
import io.borealis.api.JobUpdateInstructions;
import io.borealis.api.Range;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.storage.WaitingCronRun;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.UpdatePlan;
import io.borealis.scheduler.store.UpdateRecord;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Adds up what a role uses, by kind of task (quota rules, 10.3). An update counts with the larger
 * of what it replaces and what it brings, a cron job with the largest of its template, its running
 * tasks and the run that waits for them, each in its own bucket. Pure.
 */
public final class QuotaUsage {
  private QuotaUsage() {}

  /** What the role uses of one kind of task. */
  public static QuotaAmount of(State state, String role, QuotaBucket bucket) {
    return of(state, role, bucket, null);
  }

  /**
   * What the role uses of one kind of task.
   *
   * @param proposed counted as if it were its job's active update
   */
  static QuotaAmount of(
      State state, String role, QuotaBucket bucket, @Nullable JobUpdate proposed) {
    Map<JobKey, Scope> updates = new HashMap<>();
    for (UpdateRecord update : state.updates().activeOfRole(role)) {
      updates.put(update.key().job(), new Scope(update.update().instructions(), update.plan()));
    }
    if (proposed != null) {
      JobUpdateInstructions instructions = proposed.instructions();
      updates.put(
          proposed.summary().key().job(), new Scope(instructions, UpdatePlan.of(instructions)));
    }
    QuotaAmount total = QuotaAmount.ZERO;
    for (JobKey job : state.tasks().jobsOf(role)) {
      if (!state.cronJobs().contains(job)) {
        total = total.plus(ofTasks(state, job, bucket, updates.get(job)));
      }
    }
    for (Scope update : updates.values()) {
      total = total.plus(ofUpdate(update.instructions, bucket));
    }
    for (JobConfiguration cron : state.cronJobs().ofRole(role)) {
      total = total.plus(ofCron(state, cron, bucket));
    }
    return total;
  }

  private record Scope(JobUpdateInstructions instructions, UpdatePlan plan) {}

  @SuppressWarnings("ReferenceEquality") // Equal ones that are two objects are counted apart.
  private static QuotaAmount ofTasks(
      State state, JobKey job, QuotaBucket bucket, @Nullable Scope update) {
    QuotaAmount sum = QuotaAmount.ZERO;
    // The tasks of a job mostly share one configuration: it is looked at once for all in a row.
    TaskConfig last = null;
    long alike = 0;
    for (ScheduledTask task : state.tasks().ofJob(job).active().values()) {
      if (update != null && update.plan.covers(task.assignedTask().instanceId())) {
        continue;
      }
      TaskConfig config = task.assignedTask().task();
      if (config != last) {
        sum = sum.plus(ofTasks(last, alike, bucket));
        last = config;
        alike = 0;
      }
      alike++;
    }
    return sum.plus(ofTasks(last, alike, bucket));
  }

  private static QuotaAmount ofTasks(@Nullable TaskConfig config, long count, QuotaBucket bucket) {
    return config == null || !bucket.holds(config)
        ? QuotaAmount.ZERO
        : QuotaAmount.of(config.resources()).times(count);
  }

  private static QuotaAmount ofUpdate(JobUpdateInstructions update, QuotaBucket bucket) {
    QuotaAmount before = QuotaAmount.ZERO;
    for (InstanceTaskConfig group : update.initialState()) {
      before = before.plus(ofGroup(group, bucket));
    }
    InstanceTaskConfig desired = update.desiredState();
    return desired == null ? before : before.max(ofGroup(desired, bucket));
  }

  private static QuotaAmount ofGroup(InstanceTaskConfig group, QuotaBucket bucket) {
    long instances = 0;
    for (Range range : group.instances()) {
      instances += (long) range.last() - range.first() + 1;
    }
    return ofTasks(group.task(), instances, bucket);
  }

  /** A run that waits begins with the template as it was, whatever has become of it. */
  private static QuotaAmount ofCron(State state, JobConfiguration cron, QuotaBucket bucket) {
    QuotaAmount most = ofTasks(state, cron.key(), bucket, null).max(ofTemplate(cron, bucket));
    WaitingCronRun waiting = state.cronRuns().waiting(cron.key());
    return waiting == null ? most : most.max(ofTemplate(waiting.template(), bucket));
  }

  private static QuotaAmount ofTemplate(JobConfiguration template, QuotaBucket bucket) {
    return ofTasks(template.taskConfig(), template.instanceCount(), bucket);
  }
}
