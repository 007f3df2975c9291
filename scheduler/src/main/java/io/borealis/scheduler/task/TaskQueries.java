package io.borealis.scheduler.task;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import io.borealis.api.JobKey;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskQuery;
import io.borealis.scheduler.store.JobTasks;
import io.borealis.scheduler.store.State;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds tasks in a State, by the narrowest index the query allows. Pure; any thread. Unset and
 * empty restrictions do not restrict; those that are set must hold together.
 */
public final class TaskQueries {
  private TaskQueries() {}

  /** The tasks that match, with the query's offset and limit applied. */
  public static Iterable<ScheduledTask> find(State state, TaskQuery query) {
    ImmutableList.Builder<ScheduledTask> found = ImmutableList.builder();
    int skip = query.offset() == null ? 0 : Math.max(0, query.offset());
    int limit = query.limit() == null || query.limit() <= 0 ? Integer.MAX_VALUE : query.limit();
    for (ScheduledTask task : candidates(state, query)) {
      if (limit == 0) {
        break;
      }
      if (matches(query, task)) {
        if (skip > 0) {
          skip--;
        } else {
          found.add(task);
          limit--;
        }
      }
    }
    return found.build();
  }

  /** The tasks among which all matching ones are; each once. */
  private static Iterable<ScheduledTask> candidates(State state, TaskQuery query) {
    if (!query.taskIds().isEmpty()) {
      List<ScheduledTask> tasks = new ArrayList<>();
      for (String id : query.taskIds()) {
        ScheduledTask task = state.tasks().get(id);
        if (task != null) {
          tasks.add(task);
        }
      }
      return tasks;
    }
    if (!query.jobKeys().isEmpty()) {
      return ofJobs(state, query.jobKeys(), query);
    }
    if (!noRole(query) && query.environment() != null && query.jobName() != null) {
      JobKey job = new JobKey(query.role(), query.environment(), query.jobName());
      return ofJobs(state, Set.of(job), query);
    }
    if (!query.slaveHosts().isEmpty()) {
      return Iterables.concat(
          Iterables.transform(query.slaveHosts(), host -> state.tasks().onHost(host)));
    }
    if (!noRole(query)) {
      Set<JobKey> jobs = new LinkedHashSet<>();
      state.tasks().jobsOf(query.role()).forEach(jobs::add);
      return ofJobs(state, jobs, query);
    }
    if (query.statuses().size() == 1 && query.statuses().contains(ScheduleStatus.PENDING)) {
      return state.tasks().pending().values();
    }
    return state.tasks().all();
  }

  private static Iterable<ScheduledTask> ofJobs(State state, Set<JobKey> jobs, TaskQuery query) {
    boolean activeOnly =
        !query.statuses().isEmpty() && query.statuses().stream().allMatch(TaskStates::isActive);
    return Iterables.concat(
        Iterables.transform(
            jobs,
            job -> {
              JobTasks tasks = state.tasks().ofJob(job);
              return activeOnly
                  ? tasks.active().asMap().values()
                  : Iterables.concat(
                      tasks.active().asMap().values(), tasks.ended().asMap().values());
            }));
  }

  private static boolean matches(TaskQuery query, ScheduledTask task) {
    var assigned = task.assignedTask();
    var config = assigned.task();
    JobKey job = config == null ? null : config.job();
    if (job == null) {
      return false;
    }
    return (noRole(query) || query.role().equals(job.role()))
        && (query.environment() == null || query.environment().equals(job.environment()))
        && (query.jobName() == null || query.jobName().equals(job.name()))
        && (query.jobKeys().isEmpty() || query.jobKeys().contains(job))
        && (query.taskIds().isEmpty() || query.taskIds().contains(assigned.taskId()))
        && (query.statuses().isEmpty() || query.statuses().contains(task.status()))
        && (query.slaveHosts().isEmpty() || query.slaveHosts().contains(assigned.slaveHost()))
        && (query.instanceIds().isEmpty() || query.instanceIds().contains(assigned.instanceId()));
  }

  private static boolean noRole(TaskQuery query) {
    return query.role() == null || query.role().isBlank();
  }
}
