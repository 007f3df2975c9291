package io.borealis.scheduler.task;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import io.borealis.api.JobKey;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskQuery;
import io.borealis.scheduler.store.JobTasks;
import io.borealis.scheduler.store.State;

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

  /** The ways to find tasks; the first that the query allows is taken. */
  public enum Index {
    ID,
    JOB,
    HOST,
    ROLE,
    STATUS,
    ALL
  }

  /** The index by which the query is answered. */
  public static Index indexFor(TaskQuery query) {
    if (!query.taskIds().isEmpty()) {
      return Index.ID;
    } else if (!query.jobKeys().isEmpty() || isOneJob(query)) {
      return Index.JOB;
    } else if (!query.slaveHosts().isEmpty()) {
      return Index.HOST;
    } else if (!noRole(query)) {
      return Index.ROLE;
    } else {
      return activeOnly(query) ? Index.STATUS : Index.ALL;
    }
  }

  /** The tasks among which all matching ones are; each once. */
  private static Iterable<ScheduledTask> candidates(State state, TaskQuery query) {
    return switch (indexFor(query)) {
      case ID -> ofIds(state, query.taskIds());
      case JOB ->
          ofJobs(
              state,
              query.jobKeys().isEmpty()
                  ? ImmutableSet.of(new JobKey(query.role(), query.environment(), query.jobName()))
                  : query.jobKeys(),
              query);
      case HOST ->
          Iterables.concat(
              Iterables.transform(query.slaveHosts(), host -> state.tasks().onHost(host)));
      case ROLE -> ofJobs(state, state.tasks().jobsOf(query.role()), query);
      case STATUS ->
          query.statuses().equals(ImmutableSet.of(ScheduleStatus.PENDING))
              ? state.tasks().pending().values()
              : ofJobs(state, state.tasks().jobs().keySet(), query);
      case ALL -> state.tasks().all();
    };
  }

  private static Iterable<ScheduledTask> ofIds(State state, Iterable<String> ids) {
    ImmutableList.Builder<ScheduledTask> tasks = ImmutableList.builder();
    for (String id : ids) {
      ScheduledTask task = state.tasks().get(id);
      if (task != null) {
        tasks.add(task);
      }
    }
    return tasks.build();
  }

  private static Iterable<ScheduledTask> ofJobs(
      State state, Iterable<JobKey> jobs, TaskQuery query) {
    boolean activeOnly = activeOnly(query);
    return Iterables.concat(
        Iterables.transform(
            Iterables.filter(jobs, job -> matches(query, job)),
            job -> {
              JobTasks tasks = state.tasks().ofJob(job);
              return activeOnly
                  ? tasks.active().asMap().values()
                  : Iterables.concat(
                      tasks.active().asMap().values(), tasks.ended().asMap().values());
            }));
  }

  private static boolean isOneJob(TaskQuery query) {
    return !noRole(query) && query.environment() != null && query.jobName() != null;
  }

  private static boolean activeOnly(TaskQuery query) {
    return !query.statuses().isEmpty() && query.statuses().stream().allMatch(TaskStates::isActive);
  }

  private static boolean matches(TaskQuery query, JobKey job) {
    return (noRole(query) || query.role().equals(job.role()))
        && (query.environment() == null || query.environment().equals(job.environment()))
        && (query.jobName() == null || query.jobName().equals(job.name()))
        && (query.jobKeys().isEmpty() || query.jobKeys().contains(job));
  }

  private static boolean matches(TaskQuery query, ScheduledTask task) {
    var assigned = task.assignedTask();
    var config = assigned.task();
    JobKey job = config == null ? null : config.job();
    if (job == null) {
      return false;
    }
    return matches(query, job)
        && (query.taskIds().isEmpty() || query.taskIds().contains(assigned.taskId()))
        && (query.statuses().isEmpty() || query.statuses().contains(task.status()))
        && (query.slaveHosts().isEmpty() || query.slaveHosts().contains(assigned.slaveHost()))
        && (query.instanceIds().isEmpty() || query.instanceIds().contains(assigned.instanceId()));
  }

  private static boolean noRole(TaskQuery query) {
    return query.role() == null || query.role().isBlank();
  }
}
