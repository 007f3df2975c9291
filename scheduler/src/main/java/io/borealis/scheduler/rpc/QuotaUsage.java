package io.borealis.scheduler.rpc;

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
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Adds up what a role uses, by kind of task. An update counts with the larger of what it replaces
 * and what it brings, a cron job with the larger of its template and its running tasks. Pure.
 */
final class QuotaUsage {
  private QuotaUsage() {}

  /** Whether the tasks count as production, outside dedicated hosts: what quota limits. */
  static boolean isProdShared(TaskConfig config) {
    return Boolean.TRUE.equals(config.production()) && !isDedicated(config);
  }

  static boolean isDedicated(TaskConfig config) {
    return config.constraints().stream().anyMatch(c -> "dedicated".equals(c.name()));
  }

  /**
   * What the role uses of one kind of task.
   *
   * @param proposed counted as if it were its job's active update
   */
  static QuotaAmount of(
      State state, String role, Predicate<TaskConfig> kind, @Nullable JobUpdate proposed) {
    Map<JobKey, Scope> updates = new HashMap<>();
    for (UpdateRecord update : state.updates().active()) {
      JobKey job = update.key().job();
      if (role.equals(job.role())) {
        updates.put(job, new Scope(update.update().instructions(), update.plan()));
      }
    }
    if (proposed != null) {
      JobUpdateInstructions instructions = proposed.instructions();
      updates.put(
          proposed.summary().key().job(), new Scope(instructions, UpdatePlan.of(instructions)));
    }
    QuotaAmount total = QuotaAmount.ZERO;
    for (JobKey job : state.tasks().jobsOf(role)) {
      if (!state.cronJobs().contains(job)) {
        total = total.plus(ofTasks(state, job, kind, updates.get(job)));
      }
    }
    for (Scope update : updates.values()) {
      total = total.plus(ofUpdate(update.instructions, kind));
    }
    for (JobConfiguration cron : state.cronJobs().values()) {
      if (role.equals(cron.key().role())) {
        total = total.plus(ofCron(state, cron, kind));
      }
    }
    return total;
  }

  private record Scope(JobUpdateInstructions instructions, UpdatePlan plan) {}

  private static QuotaAmount ofTasks(
      State state, JobKey job, Predicate<TaskConfig> kind, @Nullable Scope update) {
    QuotaAmount sum = QuotaAmount.ZERO;
    for (ScheduledTask task : state.tasks().ofJob(job).active().values()) {
      TaskConfig config = task.assignedTask().task();
      boolean covered = update != null && update.plan.covers(task.assignedTask().instanceId());
      if (!covered && kind.test(config)) {
        sum = sum.plus(QuotaAmount.of(config.resources()));
      }
    }
    return sum;
  }

  private static QuotaAmount ofUpdate(JobUpdateInstructions update, Predicate<TaskConfig> kind) {
    QuotaAmount before = QuotaAmount.ZERO;
    for (InstanceTaskConfig group : update.initialState()) {
      before = before.plus(ofGroup(group, kind));
    }
    InstanceTaskConfig desired = update.desiredState();
    return desired == null ? before : before.max(ofGroup(desired, kind));
  }

  private static QuotaAmount ofGroup(InstanceTaskConfig group, Predicate<TaskConfig> kind) {
    if (!kind.test(group.task())) {
      return QuotaAmount.ZERO;
    }
    long instances = 0;
    for (Range range : group.instances()) {
      instances += (long) range.last() - range.first() + 1;
    }
    return QuotaAmount.of(group.task().resources()).times(instances);
  }

  private static QuotaAmount ofCron(
      State state, JobConfiguration cron, Predicate<TaskConfig> kind) {
    QuotaAmount running = ofTasks(state, cron.key(), kind, null);
    return kind.test(cron.taskConfig())
        ? running.max(QuotaAmount.of(cron.taskConfig().resources()).times(cron.instanceCount()))
        : running;
  }
}
