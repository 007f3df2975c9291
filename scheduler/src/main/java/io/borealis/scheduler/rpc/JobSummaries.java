package io.borealis.scheduler.rpc;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.JobStats;
import io.borealis.api.JobSummary;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskEvent;
import io.borealis.scheduler.store.JobTasks;
import io.borealis.scheduler.store.State;
import java.util.Comparator;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Describes jobs that are known by their tasks only, the way createJob might have been told about
 * them. Pure.
 */
final class JobSummaries {
  private static final Comparator<JobKey> BY_PATH = Comparator.comparing(Identifiers::path);

  /** Of two tasks the one that says more about its job: the active, then the later one. */
  private static final Comparator<ScheduledTask> REPRESENTATIVE =
      Comparator.comparingLong(JobSummaries::lastEventMs)
          .thenComparing(task -> String.valueOf(task.assignedTask().taskId()));

  private JobSummaries() {}

  /**
   * The jobs of the role, of all roles if it is blank, that have a task or a template.
   *
   * @param nextRun when a template is run next, in ms; null for never
   */
  static ImmutableSet<JobSummary> summaries(
      State state, @Nullable String role, Function<JobConfiguration, @Nullable Long> nextRun) {
    ImmutableSet.Builder<JobSummary> summaries = ImmutableSet.builder();
    for (JobKey job : jobs(state, role)) {
      JobTasks tasks = state.tasks().ofJob(job);
      JobConfiguration template = state.cronJobs().get(job);
      Iterable<ScheduledTask> all =
          Iterables.concat(tasks.active().values(), tasks.ended().values());
      int count = tasks.active().size() + tasks.ended().size();
      JobConfiguration described = template != null ? template : describe(job, tasks, count);
      summaries.add(
          JobSummary.builder()
              .job(described)
              .stats(stats(all))
              .nextCronRunMs(template == null ? null : nextRun.apply(template))
              .build());
    }
    return summaries.build();
  }

  /** The jobs of the role, of all roles if it is blank, that have an active task or a template. */
  static ImmutableSet<JobConfiguration> activeJobs(State state, @Nullable String role) {
    ImmutableSet.Builder<JobConfiguration> configurations = ImmutableSet.builder();
    for (JobKey job : jobs(state, role)) {
      JobConfiguration template = state.cronJobs().get(job);
      JobTasks tasks = state.tasks().ofJob(job);
      if (template != null) {
        configurations.add(template);
      } else if (!tasks.active().isEmpty()) {
        configurations.add(describe(job, tasks, tasks.active().size()));
      }
    }
    return configurations.build();
  }

  private static Set<JobKey> jobs(State state, @Nullable String role) {
    Set<JobKey> jobs = new TreeSet<>(BY_PATH);
    if (role == null || Arguments.isBlank(role)) {
      jobs.addAll(state.tasks().jobs().keySet());
      Iterables.addAll(jobs, state.cronJobs().keys());
    } else {
      Iterables.addAll(jobs, state.tasks().jobsOf(role));
      state.cronJobs().ofRole(role).forEach(template -> jobs.add(template.key()));
    }
    return jobs;
  }

  private static JobConfiguration describe(JobKey job, JobTasks tasks, int count) {
    Iterable<ScheduledTask> candidates =
        tasks.active().isEmpty() ? tasks.ended().values() : tasks.active().values();
    ScheduledTask example = null;
    for (ScheduledTask task : candidates) {
      if (example == null || REPRESENTATIVE.compare(task, example) > 0) {
        example = task;
      }
    }
    TaskConfig config = example == null ? null : example.assignedTask().task();
    return JobConfiguration.builder()
        .key(job)
        .owner(config == null ? null : config.owner())
        .taskConfig(config)
        .instanceCount(count)
        .build();
  }

  private static long lastEventMs(ScheduledTask task) {
    TaskEvent last = Iterables.getLast(task.taskEvents(), null);
    return last == null ? 0 : last.timestamp();
  }

  private static JobStats stats(Iterable<ScheduledTask> tasks) {
    int active = 0;
    int finished = 0;
    int failed = 0;
    int pending = 0;
    for (ScheduledTask task : tasks) {
      switch (task.status()) {
        case INIT, PENDING, THROTTLED -> pending++;
        case ASSIGNED, STARTING, RUNNING, RESTARTING, KILLING, DRAINING, PARTITIONED, PREEMPTING ->
            active++;
        case KILLED, FINISHED -> finished++;
        case LOST, FAILED -> failed++;
      }
    }
    return new JobStats(active, finished, failed, pending);
  }
}
