package io.borealis.scheduler.rpc;

import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import com.google.common.collect.Maps;
import io.borealis.api.AssignedTask;
import io.borealis.api.ConfigSummary;
import io.borealis.api.ConfigSummaryResult;
import io.borealis.api.GetJobsResult;
import io.borealis.api.GetPendingReasonResult;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.JobSummary;
import io.borealis.api.JobSummaryResult;
import io.borealis.api.PendingReason;
import io.borealis.api.Response;
import io.borealis.api.Result;
import io.borealis.api.RoleSummary;
import io.borealis.api.RoleSummaryResult;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduleStatusResult;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskQuery;
import io.borealis.runtime.Clock;
import io.borealis.scheduler.cron.CronTimetables;
import io.borealis.scheduler.metrics.Gauges;
import io.borealis.scheduler.scheduling.PendingReasons;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.task.TaskQueries;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Answers questions about tasks and jobs from one durable State. Thread-safe. */
public final class TaskQueryHandler {
  private final Supplier<State> state;
  private final PendingReasons pendingReasons;
  private final CronTimetables timetables;
  private final Clock clock;
  private final ImmutableMap<TaskQueries.Index, Counter> queries;
  private final Workload workload;

  /** Reads the States supplied. */
  public TaskQueryHandler(
      Supplier<State> state,
      PendingReasons pendingReasons,
      CronTimetables timetables,
      Clock clock,
      MeterRegistry meters) {
    this.state = state;
    this.pendingReasons = pendingReasons;
    this.timetables = timetables;
    this.clock = clock;
    this.queries =
        Maps.immutableEnumMap(
            Maps.toMap(
                List.of(TaskQueries.Index.values()),
                index ->
                    meters.counter(
                        index == TaskQueries.Index.ALL
                            ? "task_queries_all"
                            : "task_queries_by_" + index.name().toLowerCase(Locale.ROOT))));
    this.workload =
        Workload.ofReads(
            meters,
            "getTasksStatus",
            "getTasksWithoutConfigs",
            "getPendingReason",
            "getConfigSummary",
            "getRoleSummary",
            "getJobSummary",
            "getJobs");
    Gauges.replace(
        meters, "task_store_index_job_items", state, current -> current.get().tasks().size());
    Gauges.replace(
        meters,
        "task_store_index_host_items",
        state,
        current -> current.get().tasks().sizeOnHosts());
  }

  Response getTasksStatus(@Nullable TaskQuery query) {
    return tasks("getTasksStatus", find(state.get(), Arguments.required(query, "query")));
  }

  Response getTasksWithoutConfigs(@Nullable TaskQuery query) {
    // Tasks of a job share their configuration; so shall the copies.
    IdentityHashMap<TaskConfig, TaskConfig> stripped = new IdentityHashMap<>();
    ImmutableList.Builder<ScheduledTask> found = ImmutableList.builder();
    for (ScheduledTask task : find(state.get(), Arguments.required(query, "query"))) {
      AssignedTask assigned = task.assignedTask();
      TaskConfig config =
          stripped.computeIfAbsent(assigned.task(), TaskQueryHandler::withoutExecutorData);
      found.add(task.toBuilder().assignedTask(assigned.toBuilder().task(config).build()).build());
    }
    return tasks("getTasksWithoutConfigs", found.build());
  }

  private static TaskConfig withoutExecutorData(TaskConfig config) {
    return config.executorConfig() == null
        ? config
        : config.toBuilder()
            .executorConfig(config.executorConfig().toBuilder().data(null).build())
            .build();
  }

  private Response tasks(String call, Iterable<ScheduledTask> found) {
    ImmutableList<ScheduledTask> tasks = ImmutableList.copyOf(found);
    workload.add(call, tasks.size());
    return Responses.ok(new Result.ScheduleStatusResult(new ScheduleStatusResult(tasks)));
  }

  Response getPendingReason(@Nullable TaskQuery asked) {
    TaskQuery query = Arguments.required(asked, "query");
    if (!query.slaveHosts().isEmpty()) {
      throw Refusal.invalid("SlaveHosts are not supported in " + text(query));
    }
    if (!query.statuses().isEmpty()) {
      throw Refusal.invalid("Statuses is not supported in " + text(query));
    }
    State now = state.get();
    ImmutableList<ScheduledTask> pending =
        ImmutableList.copyOf(
            find(now, query.toBuilder().statuses(ImmutableSet.of(ScheduleStatus.PENDING)).build()));
    ImmutableMap<String, String> reasons = pendingReasons.of(now, pending);
    ImmutableSet.Builder<PendingReason> answer = ImmutableSet.builder();
    for (ScheduledTask task : pending) {
      String id = task.assignedTask().taskId();
      answer.add(new PendingReason(id, reasons.getOrDefault(id, "")));
    }
    workload.add("getPendingReason", pending.size());
    return Responses.ok(
        new Result.GetPendingReasonResult(new GetPendingReasonResult(answer.build())));
  }

  Response getConfigSummary(@Nullable JobKey job) {
    JobKey key = Arguments.requiredJob(job, "job");
    Map<Integer, TaskConfig> configs =
        new TreeMap<>(
            Maps.transformValues(
                state.get().tasks().ofJob(key).active().asMap(),
                task -> task.assignedTask().task()));
    ConfigSummary summary = new ConfigSummary(key, InstanceGroups.of(configs));
    workload.add("getConfigSummary", summary.groups().size());
    return Responses.ok(new Result.ConfigSummaryResult(new ConfigSummaryResult(summary)));
  }

  Response getRoleSummary() {
    State now = state.get();
    Map<String, Integer> jobs = new TreeMap<>();
    Map<String, Integer> cronJobs = new TreeMap<>();
    for (JobKey job : now.tasks().jobs().keySet()) {
      jobs.merge(String.valueOf(job.role()), 1, Integer::sum);
    }
    for (JobKey job : now.cronJobs().keys()) {
      cronJobs.merge(String.valueOf(job.role()), 1, Integer::sum);
    }
    cronJobs.keySet().forEach(role -> jobs.putIfAbsent(role, 0));
    ImmutableSet.Builder<RoleSummary> summaries = ImmutableSet.builder();
    jobs.forEach(
        (role, count) ->
            summaries.add(new RoleSummary(role, count, cronJobs.getOrDefault(role, 0))));
    workload.add("getRoleSummary", jobs.size());
    return Responses.ok(new Result.RoleSummaryResult(new RoleSummaryResult(summaries.build())));
  }

  Response getJobSummary(@Nullable String role) {
    long now = clock.wallMillis();
    ImmutableSet<JobSummary> summaries =
        JobSummaries.summaries(state.get(), role, template -> timetables.nextRunMs(template, now));
    workload.add("getJobSummary", summaries.size());
    return Responses.ok(new Result.JobSummaryResult(new JobSummaryResult(summaries)));
  }

  Response getJobs(@Nullable String ownerRole) {
    ImmutableSet<JobConfiguration> jobs = JobSummaries.activeJobs(state.get(), ownerRole);
    workload.add("getJobs", jobs.size());
    return Responses.ok(new Result.GetJobsResult(new GetJobsResult(jobs)));
  }

  /** The query as texts show it: what is set, by name. */
  private static String text(TaskQuery query) {
    Map<String, @Nullable Object> parts = new LinkedHashMap<>();
    parts.put("role", query.role());
    parts.put("environment", query.environment());
    parts.put("jobName", query.jobName());
    parts.put("taskIds", query.taskIds());
    parts.put("statuses", query.statuses());
    parts.put("instanceIds", query.instanceIds());
    parts.put("slaveHosts", query.slaveHosts());
    parts.put(
        "jobKeys", ImmutableSet.copyOf(Iterables.transform(query.jobKeys(), Identifiers::path)));
    parts.put("offset", query.offset());
    parts.put("limit", query.limit());
    parts.values().removeIf(part -> part == null || part.equals(ImmutableSet.of()));
    return "TaskQuery(" + Joiner.on(", ").withKeyValueSeparator(':').join(parts) + ")";
  }

  /** The tasks that match; the same State gives them in the same order. */
  private Iterable<ScheduledTask> find(State state, TaskQuery query) {
    requireValidKeys(query);
    queries.get(TaskQueries.indexFor(query)).increment();
    return TaskQueries.find(state, query);
  }

  /** Refuses a query that names a job by a key no job can have. */
  static void requireValidKeys(TaskQuery query) {
    if (!query.taskIds().isEmpty()) {
      return;
    }
    boolean named = query.role() != null && query.environment() != null && query.jobName() != null;
    if (named || (query.jobName() != null && !query.jobKeys().isEmpty())) {
      requireValid(new JobKey(query.role(), query.environment(), query.jobName()));
    }
    for (JobKey key : query.jobKeys()) {
      requireValid(key);
    }
  }

  private static void requireValid(JobKey key) {
    if (!Identifiers.isValid(key)) {
      throw Refusal.error("Invalid job key format: " + Identifiers.path(key));
    }
  }
}
