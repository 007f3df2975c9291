package io.borealis.scheduler.rpc;

import com.google.common.collect.ContiguousSet;
import com.google.common.collect.DiscreteDomain;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Range;
import io.borealis.api.InstanceKey;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.PopulateJobResult;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.Result;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.rpc.CallContext;
import io.borealis.scheduler.quota.QuotaCheck;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.Table;
import io.borealis.scheduler.store.WriteClass;
import io.borealis.scheduler.store.WriteTransaction;
import io.borealis.scheduler.store.Writes;
import io.borealis.scheduler.task.TaskLifecycle;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Creates, changes and ends jobs. Thread-safe: what depends on State is checked again on the
 * writer's thread, in the transaction that changes it.
 */
public final class JobHandler {
  private final Writes writes;
  private final TaskLifecycle lifecycle;
  private final JobValidator validator;
  private final JobLimits limits;
  private final Workload workload;

  /** Changes tasks through the lifecycle, in transactions of the writer. */
  public JobHandler(
      Writes writes,
      TaskLifecycle lifecycle,
      JobValidator validator,
      JobLimits limits,
      MeterRegistry meters) {
    this.writes = writes;
    this.lifecycle = lifecycle;
    this.validator = validator;
    this.limits = limits;
    this.workload =
        Workload.ofWrites(meters, "createJob", "killTasks", "restartShards", "addInstances");
  }

  CompletionStage<Response> createJob(CallContext call, @Nullable JobConfiguration description) {
    JobConfiguration job = validator.validate(Arguments.required(description, "description"));
    if (job.cronSchedule() != null) {
      throw Refusal.invalid("Cron jobs may only be created/updated by calling scheduleCronJob.");
    }
    return write(
        call,
        tx -> {
          JobKey key = job.key();
          JobChecks.refuseIfUpdating(tx.state(), key);
          if (!active(tx.state(), key).isEmpty() || tx.state().cronJobs().contains(key)) {
            throw Refusal.invalid("Job " + Identifiers.path(key) + " already exists");
          }
          JobChecks.requireCount(limits, job.instanceCount());
          JobChecks.requireQuota(
              QuotaCheck.forTasks(tx.state(), job.taskConfig(), job.instanceCount()));
          insert(tx, job.taskConfig(), 0, job.instanceCount());
          count(tx, "createJob", job.instanceCount());
          return Responses.ok();
        });
  }

  Response populateJobConfig(@Nullable JobConfiguration description) {
    JobConfiguration job = Arguments.required(description, "description");
    try {
      TaskConfig populated = validator.validate(job).taskConfig();
      return Responses.ok(new Result.PopulateJobResult(new PopulateJobResult(populated)));
    } catch (Refusal refusal) {
      if (refusal.code() == ResponseCode.INVALID_REQUEST) {
        throw Refusal.invalid("Invalid configuration: " + refusal.text());
      }
      throw refusal;
    }
  }

  CompletionStage<Response> killTasks(
      CallContext call,
      @Nullable JobKey job,
      ImmutableSet<Integer> instances,
      @Nullable String message) {
    JobKey key = Arguments.requiredJob(job, "job");
    String note = "Killed by " + call.user() + (message == null ? "" : ".\n" + message);
    return write(
        call,
        tx -> {
          JobChecks.refuseIfUpdating(tx.state(), key);
          boolean all = instances.isEmpty();
          int killed = 0;
          for (ScheduledTask task : active(tx.state(), key).values()) {
            if (all || instances.contains(task.assignedTask().instanceId())) {
              killed += move(tx, task, ScheduleStatus.KILLING, note) ? 1 : 0;
            }
          }
          count(tx, "killTasks", killed);
          // Clients take any detail for "nothing was killed".
          return killed > 0 ? Responses.ok() : Responses.ok("No tasks to kill.", null);
        });
  }

  CompletionStage<Response> restartShards(
      CallContext call, @Nullable JobKey job, ImmutableSet<Integer> shardIds) {
    JobKey key = Arguments.requiredJob(job, "job");
    ImmutableSet<Integer> shards = Arguments.notEmpty(shardIds);
    return write(
        call,
        tx -> {
          JobChecks.refuseIfUpdating(tx.state(), key);
          Map<Integer, ScheduledTask> active = active(tx.state(), key);
          if (!active.keySet().containsAll(shards)) {
            throw Refusal.invalid("Not all requested shards are active.");
          }
          for (int shard : ImmutableList.sortedCopyOf(shards)) {
            ScheduledTask task = active.get(shard);
            // A task that cannot restart, such as one that waits, is no reason to refuse.
            boolean unused =
                task != null
                    && move(tx, task, ScheduleStatus.RESTARTING, "Restarted by " + call.user());
          }
          count(tx, "restartShards", shards.size());
          return Responses.ok();
        });
  }

  CompletionStage<Response> addInstances(CallContext call, @Nullable InstanceKey like, int count) {
    InstanceKey example = Arguments.required(like, "key");
    JobKey key = Arguments.requiredJob(example.jobKey(), "key.jobKey");
    if (count <= 0) {
      throw Refusal.invalid("Instance count must be positive.");
    }
    return write(
        call,
        tx -> {
          if (tx.state().cronJobs().contains(key)) {
            throw Refusal.invalid("Instances may not be added to cron jobs.");
          }
          JobChecks.refuseIfUpdating(tx.state(), key);
          Map<Integer, ScheduledTask> active = active(tx.state(), key);
          ScheduledTask task = active.get(example.instanceId());
          if (task == null) {
            throw Refusal.invalid("No active task found for a given instance ID.");
          }
          JobChecks.requireCount(limits, (long) active.size() + count);
          TaskConfig config = task.assignedTask().task();
          JobChecks.requireQuota(QuotaCheck.forTasks(tx.state(), config, count));
          long first = Collections.max(active.keySet()) + 1L;
          if (first + count - 1 > Integer.MAX_VALUE) {
            throw Refusal.invalid("Instance ids must be at most " + Integer.MAX_VALUE + ".");
          }
          insert(tx, config, (int) first, count);
          count(tx, "addInstances", count);
          return Responses.ok();
        });
  }

  private CompletionStage<Response> write(
      CallContext call, Function<WriteTransaction, Response> work) {
    return writes.submit(WriteClass.RPC, call.deadlineNanos(), work);
  }

  private void count(WriteTransaction tx, String method, int amount) {
    tx.afterCommit(() -> workload.add(method, amount));
  }

  /** The active tasks of the job, by instance, ascending. */
  private static Map<Integer, ScheduledTask> active(State state, JobKey job) {
    Table<Integer, ScheduledTask> tasks = state.tasks().ofJob(job).active();
    return new TreeMap<>(tasks.asMap());
  }

  private boolean move(
      WriteTransaction tx, ScheduledTask task, ScheduleStatus target, String note) {
    return lifecycle.changeState(tx, task.assignedTask().taskId(), null, target, note)
        == TaskLifecycle.Result.SUCCESS;
  }

  private void insert(WriteTransaction tx, TaskConfig config, int first, int count) {
    Range<Integer> ids = Range.closed(first, first + count - 1);
    var unused =
        lifecycle.insertPending(tx, config, ContiguousSet.create(ids, DiscreteDomain.integers()));
  }
}
