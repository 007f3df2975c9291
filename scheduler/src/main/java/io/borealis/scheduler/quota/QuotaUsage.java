package io.borealis.scheduler.quota;

import io.borealis.api.InstanceTaskConfig;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdate;
import io.borealis.api.JobUpdateInstructions;
import io.borealis.api.Range;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.UpdatePlan;
import io.borealis.scheduler.store.UpdateRecord;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Adds up what a role uses, by kind of task (quota rules, 10.3). An update counts with the larger
 * of what it replaces and what it brings, a cron job with the larger of its template and its
 * running tasks, each in its own bucket. Pure.
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

  private static QuotaAmount ofTasks(
      State state, JobKey job, QuotaBucket bucket, @Nullable Scope update) {
    QuotaAmount sum = QuotaAmount.ZERO;
    for (ScheduledTask task : state.tasks().ofJob(job).active().values()) {
      TaskConfig config = task.assignedTask().task();
      boolean covered = update != null && update.plan.covers(task.assignedTask().instanceId());
      if (!covered && bucket.holds(config)) {
        sum = sum.plus(QuotaAmount.of(config.resources()));
      }
    }
    return sum;
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
    if (!bucket.holds(group.task())) {
      return QuotaAmount.ZERO;
    }
    long instances = 0;
    for (Range range : group.instances()) {
      instances += (long) range.last() - range.first() + 1;
    }
    return QuotaAmount.of(group.task().resources()).times(instances);
  }

  private static QuotaAmount ofCron(State state, JobConfiguration cron, QuotaBucket bucket) {
    QuotaAmount running = ofTasks(state, cron.key(), bucket, null);
    return bucket.holds(cron.taskConfig())
        ? running.max(QuotaAmount.of(cron.taskConfig().resources()).times(cron.instanceCount()))
        : running;
  }
}
