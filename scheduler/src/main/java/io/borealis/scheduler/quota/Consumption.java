package io.borealis.scheduler.quota;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.Maps;
import io.borealis.api.JobKey;
import io.borealis.api.ScheduledTask;
import io.borealis.scheduler.store.JobTasks;
import io.borealis.scheduler.store.State;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the active tasks use, without the overhead of their executors (operations, section 2.9).
 * Pure.
 */
public final class Consumption {
  /** Kinds of consumption, as pages and metrics call them. */
  public enum Metric {
    TOTAL_CONSUMED,
    DEDICATED_CONSUMED,
    QUOTA_CONSUMED,
    FREE_POOL_CONSUMED;

    boolean counts(QuotaBucket bucket) {
      return switch (this) {
        case TOTAL_CONSUMED -> true;
        case DEDICATED_CONSUMED ->
            bucket == QuotaBucket.PROD_DEDICATED || bucket == QuotaBucket.NON_PROD_DEDICATED;
        case QUOTA_CONSUMED -> bucket == QuotaBucket.PROD_SHARED;
        case FREE_POOL_CONSUMED -> bucket == QuotaBucket.NON_PROD_SHARED;
      };
    }
  }

  private Consumption() {}

  /** The consumption of each job that has an active task, by kind. */
  public static ImmutableMap<JobKey, ImmutableMap<Metric, QuotaAmount>> byJob(State state) {
    ImmutableMap.Builder<JobKey, ImmutableMap<Metric, QuotaAmount>> jobs = ImmutableMap.builder();
    state
        .tasks()
        .jobs()
        .forEach(
            (job, tasks) -> {
              if (!tasks.active().isEmpty()) {
                jobs.put(job, of(tasks));
              }
            });
    return jobs.buildOrThrow();
  }

  /** The consumption of each role that has an active task, by kind; roles in their order. */
  public static ImmutableSortedMap<String, ImmutableMap<Metric, QuotaAmount>> byRole(State state) {
    Map<String, ImmutableMap<Metric, QuotaAmount>> roles = new TreeMap<>();
    byJob(state)
        .forEach((job, used) -> roles.merge(String.valueOf(job.role()), used, Consumption::sum));
    return ImmutableSortedMap.copyOf(roles);
  }

  /** The sum, kind by kind. */
  public static ImmutableMap<Metric, QuotaAmount> sum(
      Map<Metric, QuotaAmount> some, Map<Metric, QuotaAmount> others) {
    Map<Metric, QuotaAmount> sums = new EnumMap<>(Metric.class);
    for (Metric metric : Metric.values()) {
      sums.put(
          metric,
          some.getOrDefault(metric, QuotaAmount.ZERO)
              .plus(others.getOrDefault(metric, QuotaAmount.ZERO)));
    }
    return Maps.immutableEnumMap(sums);
  }

  private static ImmutableMap<Metric, QuotaAmount> of(JobTasks tasks) {
    Map<Metric, QuotaAmount> used = new EnumMap<>(Metric.class);
    for (Metric metric : Metric.values()) {
      used.put(metric, QuotaAmount.ZERO);
    }
    for (ScheduledTask task : tasks.active().values()) {
      var config = task.assignedTask().task();
      QuotaAmount amount = QuotaAmount.of(config.resources());
      QuotaBucket bucket = QuotaBucket.of(config);
      for (Metric metric : Metric.values()) {
        if (metric.counts(bucket)) {
          used.merge(metric, amount, QuotaAmount::plus);
        }
      }
    }
    return Maps.immutableEnumMap(used);
  }
}
