package io.borealis.scheduler.quota;

import io.borealis.api.JobConfiguration;
import io.borealis.api.JobUpdate;
import io.borealis.api.ResourceAggregate;
import io.borealis.api.TaskConfig;
import io.borealis.scheduler.store.State;
import org.jspecify.annotations.Nullable;

/**
 * Whether a role may have more at work (quota rules, 10.4); a role without a quota has none to use.
 * Null stands for enough. Pure.
 */
public final class QuotaCheck {
  private QuotaCheck() {}

  /** Whether the role may run so many more tasks. */
  public static @Nullable QuotaShortage forTasks(State state, TaskConfig config, long count) {
    if (QuotaBucket.of(config) != QuotaBucket.PROD_SHARED) {
      return null;
    }
    String role = config.job().role();
    QuotaAmount used = QuotaUsage.of(state, role, QuotaBucket.PROD_SHARED);
    return QuotaShortage.between(used.plus(of(config).times(count)), quotaOf(state, role));
  }

  /** Whether the role may have the update at work, in place of any other of its job. */
  public static @Nullable QuotaShortage forUpdate(State state, JobUpdate update) {
    var desired = update.instructions().desiredState();
    if (desired == null || QuotaBucket.of(desired.task()) != QuotaBucket.PROD_SHARED) {
      return null;
    }
    String role = update.summary().key().job().role();
    return QuotaShortage.between(
        QuotaUsage.of(state, role, QuotaBucket.PROD_SHARED, update), quotaOf(state, role));
  }

  /**
   * Whether the role may have the cron job, in place of the template stored under its key. One for
   * dedicated hosts needs quota too, although it does not use any up once it is there.
   */
  public static @Nullable QuotaShortage forCron(State state, JobConfiguration template) {
    TaskConfig config = template.taskConfig();
    if (!Boolean.TRUE.equals(config.production())) {
      return null;
    }
    String role = template.key().role();
    QuotaAmount needed =
        QuotaUsage.of(state, role, QuotaBucket.PROD_SHARED)
            .plus(of(config).times(template.instanceCount()));
    JobConfiguration old = state.cronJobs().get(template.key());
    if (old != null && makesRoom(old.taskConfig(), config)) {
      needed = needed.minus(of(old.taskConfig()).times(old.instanceCount()));
    }
    return QuotaShortage.between(needed, quotaOf(state, role));
  }

  /** Only what had to fit into the quota itself leaves room for what comes instead. */
  private static boolean makesRoom(TaskConfig old, TaskConfig next) {
    QuotaBucket bucket = QuotaBucket.of(old);
    return bucket == QuotaBucket.PROD_SHARED
        || (bucket == QuotaBucket.PROD_DEDICATED && bucket == QuotaBucket.of(next));
  }

  private static QuotaAmount of(TaskConfig config) {
    return QuotaAmount.of(config.resources());
  }

  /** The quota of the role; nothing for one that has none. */
  public static QuotaAmount quotaOf(State state, String role) {
    ResourceAggregate stored = state.quotas().get(role);
    return stored == null ? QuotaAmount.ZERO : QuotaAmount.of(stored.resources());
  }
}
