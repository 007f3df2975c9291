package io.borealis.scheduler.slastats;

import com.google.common.collect.ArrayListMultimap;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import com.google.common.collect.ListMultimap;
import io.borealis.api.JobKey;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.scheduler.slastats.SlaStatsSettings.Category;
import io.borealis.scheduler.store.JobPath;
import io.borealis.scheduler.store.JobTasks;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.TaskTable;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Computes all metrics of one State by name (scheduling rules, section 8): one pass over the tasks,
 * job by job. For one thread.
 */
final class SlaReport {
  private static final ImmutableList<Double> UPTIMES =
      ImmutableList.of(50.0, 75.0, 90.0, 95.0, 99.0);
  private static final ImmutableMap<ScheduleStatus, String> MEDIANS =
      ImmutableMap.of(
          ScheduleStatus.ASSIGNED, "mtta_ms",
          ScheduleStatus.STARTING, "mtts_ms",
          ScheduleStatus.RUNNING, "mttr_ms");
  private static final String CLUSTER = "sla_cluster_";

  private final ImmutableSet<Category> categories;
  private final String suffix;
  private final long fromMs;
  private final long toMs;
  private final ImmutableMap.Builder<String, Double> values;

  /** Of groups that are larger than a job. */
  private final ListMultimap<String, Long> delays = ArrayListMultimap.create();

  private final Set<String> groups = new HashSet<>();
  private Uptime cluster = new Uptime(0, 0);

  private SlaReport(
      ImmutableSet<Category> categories,
      String suffix,
      long fromMs,
      long toMs,
      ImmutableMap.Builder<String, Double> values) {
    this.categories = categories;
    this.suffix = suffix;
    this.fromMs = fromMs;
    this.toMs = toMs;
    this.values = values;
  }

  /**
   * The metrics as of a moment.
   *
   * @param production whether a task is of a production tier
   */
  static ImmutableMap<String, Double> of(
      State state, SlaStatsSettings settings, Predicate<TaskConfig> production, long nowMs) {
    ImmutableMap.Builder<String, Double> values = ImmutableMap.builder();
    long fromMs = nowMs - settings.interval().toMillis();
    SlaReport prod = new SlaReport(settings.production(), "", fromMs, nowMs, values);
    SlaReport other = new SlaReport(settings.other(), "_nonprod", fromMs, nowMs, values);
    for (Map.Entry<JobKey, JobTasks> job : state.tasks().jobs().entrySet()) {
      ListMultimap<Boolean, ScheduledTask> services = ArrayListMultimap.create();
      for (ScheduledTask task :
          Iterables.concat(job.getValue().active().values(), job.getValue().ended().values())) {
        TaskConfig config = task.assignedTask().task();
        if (config != null && config.isService()) {
          services.put(production.test(config), task);
        }
      }
      prod.add(job.getKey(), services.get(true));
      other.add(job.getKey(), services.get(false));
    }
    prod.finish();
    other.finish();
    return values.buildKeepingLast();
  }

  private void add(JobKey job, List<ScheduledTask> tasks) {
    if (tasks.isEmpty() || categories.isEmpty()) {
      return;
    }
    String prefix = "sla_" + JobPath.of(job) + "_";
    groups.add(CLUSTER);
    if (categories.contains(Category.JOB_UPTIMES)) {
      addUptimes(prefix, tasks);
    }
    if (categories.contains(Category.PLATFORM_UPTIME)) {
      addPlatformUptime(prefix, tasks);
    }
    if (categories.contains(Category.MEDIANS)) {
      addDelays(prefix, tasks);
    }
  }

  private void addUptimes(String prefix, List<ScheduledTask> tasks) {
    ImmutableList.Builder<Long> uptimes = ImmutableList.builder();
    for (ScheduledTask task : tasks) {
      if (task.status() == ScheduleStatus.RUNNING && !task.taskEvents().isEmpty()) {
        uptimes.add(Math.max(0, toMs - Iterables.getLast(task.taskEvents()).timestamp()));
      }
    }
    double[] sorted = Percentiles.sorted(uptimes.build());
    for (double percentage : UPTIMES) {
      // The point is the same in every country.
      String name = String.format(Locale.ROOT, "job_uptime_%.2f_sec", percentage);
      put(prefix + name, Percentiles.of(sorted, percentage) / 1000);
    }
  }

  private void addPlatformUptime(String prefix, List<ScheduledTask> tasks) {
    ListMultimap<Integer, ScheduledTask> byInstance = ArrayListMultimap.create();
    tasks.forEach(task -> byInstance.put(task.assignedTask().instanceId(), task));
    Uptime job = new Uptime(0, 0);
    for (Integer instance : byInstance.keySet()) {
      job = job.plus(Uptime.of(byInstance.get(instance), fromMs, toMs));
    }
    put(prefix + "platform_uptime_percent", job.percentage());
    cluster = cluster.plus(job);
  }

  private void addDelays(String prefix, List<ScheduledTask> tasks) {
    ListMultimap<ScheduleStatus, Long> ofJob = ArrayListMultimap.create();
    Map<TaskConfig, ImmutableList<String>> sizes = new HashMap<>();
    for (ScheduledTask task : tasks) {
      ImmutableList<String> prefixes =
          sizes.computeIfAbsent(task.assignedTask().task(), Sizes::prefixes);
      groups.addAll(prefixes);
      if (TaskTable.isActive(task.status())) {
        for (Map.Entry<ScheduleStatus, String> median : MEDIANS.entrySet()) {
          Long delay = Delays.until(median.getKey(), task, fromMs, toMs);
          if (delay != null) {
            ofJob.put(median.getKey(), delay);
            delays.put(CLUSTER + median.getValue(), delay);
            prefixes.forEach(size -> delays.put(size + median.getValue(), delay));
          }
        }
      }
    }
    MEDIANS.forEach((status, name) -> putMedian(prefix + name, ofJob.get(status)));
  }

  private void finish() {
    for (String group : groups) {
      if (categories.contains(Category.MEDIANS)) {
        MEDIANS.values().forEach(name -> putMedian(group + name, delays.get(group + name)));
      }
      if (categories.contains(Category.PLATFORM_UPTIME) && group.equals(CLUSTER)) {
        put(CLUSTER + "platform_uptime_percent", cluster.percentage());
      }
    }
  }

  private void putMedian(String name, Collection<Long> of) {
    put(name, Percentiles.of(Percentiles.sorted(of), 50));
  }

  private void put(String name, double value) {
    values.put(name + suffix, value);
  }
}
