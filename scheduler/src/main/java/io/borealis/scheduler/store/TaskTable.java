package io.borealis.scheduler.store;

import com.google.common.collect.Iterables;
import io.borealis.api.AuroraConstants;
import io.borealis.api.JobKey;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All tasks with their indexes: by id, by job (active by instance, ended by id), by host, the
 * pending ones, and how many are in each status. Immutable.
 */
public final class TaskTable {
  static final TaskTable EMPTY =
      new TaskTable(
          Table.empty(),
          Table.empty(),
          Table.empty(),
          Table.empty(),
          Table.empty(),
          new EnumMap<>(ScheduleStatus.class));

  private final Table<String, ScheduledTask> byId;
  private final Table<JobKey, JobTasks> byJob;
  private final Table<String, Table<JobKey, Boolean>> jobsByRole;
  private final Table<String, Table<String, ScheduledTask>> byHost;
  private final Table<String, ScheduledTask> pending;
  private final EnumMap<ScheduleStatus, Integer> counts;

  private TaskTable(
      Table<String, ScheduledTask> byId,
      Table<JobKey, JobTasks> byJob,
      Table<String, Table<JobKey, Boolean>> jobsByRole,
      Table<String, Table<String, ScheduledTask>> byHost,
      Table<String, ScheduledTask> pending,
      EnumMap<ScheduleStatus, Integer> counts) {
    this.byId = byId;
    this.byJob = byJob;
    this.jobsByRole = jobsByRole;
    this.byHost = byHost;
    this.pending = pending;
    this.counts = counts;
  }

  public @Nullable ScheduledTask get(String taskId) {
    return byId.get(taskId);
  }

  public int size() {
    return byId.size();
  }

  /** How many tasks are in this status. */
  public int count(ScheduleStatus status) {
    return counts.getOrDefault(status, 0);
  }

  /** Every task, in no particular order. */
  public Iterable<ScheduledTask> all() {
    return byId.values();
  }

  /** The tasks of a job; empty for an unknown one. */
  public JobTasks ofJob(JobKey job) {
    JobTasks tasks = byJob.get(job);
    return tasks == null ? JobTasks.NONE : tasks;
  }

  /** The active task of an instance, if it has one. */
  public @Nullable ScheduledTask activeOf(JobKey job, int instance) {
    return ofJob(job).active().get(instance);
  }

  /** Every job that has a task, active or ended. */
  public Map<JobKey, JobTasks> jobs() {
    return byJob.asMap();
  }

  /** The jobs of a role that have a task. */
  public Iterable<JobKey> jobsOf(String role) {
    Table<JobKey, Boolean> jobs = jobsByRole.get(role);
    return jobs == null ? Iterables.concat() : jobs.keys();
  }

  /** Every role that has a task. */
  public Iterable<String> roles() {
    return jobsByRole.keys();
  }

  /** The tasks, active or ended, that were assigned to a host. */
  public Iterable<ScheduledTask> onHost(String host) {
    Table<String, ScheduledTask> tasks = byHost.get(host);
    return tasks == null ? Iterables.concat() : tasks.values();
  }

  /** How many tasks, active or ended, were assigned to any host. */
  public int sizeOnHosts() {
    int size = 0;
    for (Table<String, ScheduledTask> tasks : byHost.values()) {
      size += tasks.size();
    }
    return size;
  }

  /** The tasks that wait for an offer, by id. */
  public Map<String, ScheduledTask> pending() {
    return pending.asMap();
  }

  /** Whether the status is one of the active ones. */
  public static boolean isActive(ScheduleStatus status) {
    return AuroraConstants.ACTIVE_STATES.contains(status);
  }

  TaskTable save(Iterable<ScheduledTask> tasks) {
    Editor editor = new Editor();
    for (ScheduledTask task : tasks) {
      editor.put(task);
    }
    return editor.build();
  }

  TaskTable remove(Iterable<String> taskIds) {
    Editor editor = new Editor();
    for (String id : taskIds) {
      editor.remove(id);
    }
    return editor.build();
  }

  /** Applies many saves and removals while touching each index once a task. */
  private final class Editor {
    private final Table.Builder<String, ScheduledTask> ids = byId.builder();
    private Table<JobKey, JobTasks> jobs = byJob;
    private Table<String, Table<JobKey, Boolean>> roles = jobsByRole;
    private Table<String, Table<String, ScheduledTask>> hosts = byHost;
    private final Table.Builder<String, ScheduledTask> waiting = pending.builder();
    private final EnumMap<ScheduleStatus, Integer> perStatus = new EnumMap<>(counts);

    void put(ScheduledTask task) {
      String id = task.assignedTask().taskId();
      ScheduledTask old = ids.put(id, task);
      if (old != null) {
        unindex(id, old, task);
      }
      count(task, 1);
      JobKey job = task.assignedTask().task().job();
      JobTasks tasks = jobs.get(job);
      if (tasks == null) {
        tasks = JobTasks.NONE;
        roles =
            roles.update(
                job.role(),
                known -> (known == null ? Table.<JobKey, Boolean>empty() : known).with(job, true));
      }
      jobs =
          jobs.with(
              job,
              isActive(task.status())
                  ? new JobTasks(
                      tasks.active().with(task.assignedTask().instanceId(), task), tasks.ended())
                  : new JobTasks(tasks.active(), tasks.ended().with(id, task)));
      String host = task.assignedTask().slaveHost();
      if (host != null) {
        hosts =
            hosts.update(
                host,
                known ->
                    (known == null ? Table.<String, ScheduledTask>empty() : known).with(id, task));
      }
      if (task.status() == ScheduleStatus.PENDING) {
        waiting.put(id, task);
      }
    }

    /** Takes the old record out of the indexes that the new one will not overwrite. */
    private void unindex(String id, ScheduledTask old, @Nullable ScheduledTask next) {
      count(old, -1);
      JobKey job = old.assignedTask().task().job();
      int instance = old.assignedTask().instanceId();
      JobTasks tasks = jobs.get(job);
      if (tasks != null) {
        if (isActive(old.status())) {
          boolean replaced = next != null && isActive(next.status());
          ScheduledTask indexed = tasks.active().get(instance);
          if (!replaced && indexed != null && indexed.assignedTask().taskId().equals(id)) {
            tasks = new JobTasks(tasks.active().without(instance), tasks.ended());
          }
        } else {
          tasks = new JobTasks(tasks.active(), tasks.ended().without(id));
        }
        if (tasks.isEmpty() && next == null) {
          jobs = jobs.without(job);
          roles =
              roles.update(
                  job.role(),
                  known -> {
                    Table<JobKey, Boolean> rest = known == null ? null : known.without(job);
                    return rest == null || rest.isEmpty() ? null : rest;
                  });
        } else {
          jobs = jobs.with(job, tasks);
        }
      }
      String host = old.assignedTask().slaveHost();
      if (host != null && (next == null || !host.equals(next.assignedTask().slaveHost()))) {
        hosts =
            hosts.update(
                host,
                known -> {
                  Table<String, ScheduledTask> rest = known == null ? null : known.without(id);
                  return rest == null || rest.isEmpty() ? null : rest;
                });
      }
      if (old.status() == ScheduleStatus.PENDING) {
        waiting.remove(id);
      }
    }

    void remove(String id) {
      ScheduledTask old = ids.remove(id);
      if (old != null) {
        unindex(id, old, null);
      }
    }

    private void count(ScheduledTask task, int change) {
      if (task.status() != null) {
        perStatus.merge(task.status(), change, Integer::sum);
      }
    }

    TaskTable build() {
      return new TaskTable(ids.build(), jobs, roles, hosts, waiting.build(), perStatus);
    }
  }
}
