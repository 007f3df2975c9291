package io.borealis.scheduler.simulation;

import com.google.common.collect.Iterables;
import io.borealis.api.CronCollisionPolicy;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskEvent;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.Transaction;
import io.borealis.api.storage.WaitingCronRun;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.task.TaskStates;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;

/**
 * Sees to it that each instant of a schedule is fired once at most, that runs do not meet, and that
 * a run that waits begins once (RPC rules, section 11.4). Schedules are by the minute. For one
 * thread.
 */
final class CronWatch implements Truth.Watcher {
  private static final String KILLED = "Killed by cronScheduler";
  private static final long MINUTE_MS = 60_000;

  /** An instant is not missed if it was considered so long after it. */
  private static final long LATE_MS = 5_000;

  /** Somebody leads this long after the beginning of peace. */
  private static final long SETTLED_MS = 20_000;

  /** That leader makes up what passed so long before the peace. */
  private static final long MADE_UP_MS = 30_000;

  private final Truth truth;
  private final ToIntFunction<JobKey> starts;
  private final Map<JobKey, Integer> begunByHand = new HashMap<>();

  /**
   * @param starts how often somebody has asked for a run of the job that was not refused
   */
  CronWatch(Truth truth, ToIntFunction<JobKey> starts) {
    this.truth = truth;
    this.starts = starts;
  }

  @Override
  public void onTransaction(State before, Transaction transaction, State after) {
    if (before.cronRuns() != after.cronRuns()) {
      considered(before, transaction, after);
    }
    if (before.tasks() == after.tasks()) {
      return;
    }
    Map<JobKey, Set<Integer>> begun = new LinkedHashMap<>();
    Map<JobKey, TaskConfig> configs = new HashMap<>();
    for (Op op : transaction.ops()) {
      if (op instanceof Op.SaveTasks save) {
        for (ScheduledTask task : save.value().tasks()) {
          JobKey job = task.assignedTask().task().job();
          if (before.cronJobs().get(job) == null) {
            continue;
          }
          ScheduledTask old = before.tasks().get(task.assignedTask().taskId());
          if (old == null && task.ancestorId() == null) {
            begun
                .computeIfAbsent(job, key -> new HashSet<>())
                .add(task.assignedTask().instanceId());
            configs.put(job, task.assignedTask().task());
          } else if (old != null) {
            killed(before.cronJobs().get(job), old, task);
          }
        }
      }
    }
    begun.forEach((job, instances) -> run(before, after, job, instances, configs.get(job)));
  }

  /** Time goes on, and from one whole minute to another, where the schedule stays. */
  private void considered(State before, Transaction transaction, State after) {
    Set<JobKey> stored = new HashSet<>();
    for (Op op : transaction.ops()) {
      if (op instanceof Op.SaveCronJob save) {
        stored.add(save.value().jobConfig().key());
      }
    }
    for (JobKey job : after.cronJobs().keys()) {
      Long old = before.cronRuns().considered(job);
      Long now = after.cronRuns().considered(job);
      if (now != null && !now.equals(old) && !stored.contains(job)) {
        truth.require(
            (old == null || now > old) && now % MINUTE_MS == 0,
            "fired for " + now + " after " + old + ": " + job);
      }
    }
  }

  private void killed(JobConfiguration cron, ScheduledTask old, ScheduledTask task) {
    TaskEvent event = Iterables.getLast(task.taskEvents());
    truth.require(
        old.taskEvents().size() == task.taskEvents().size()
            || !KILLED.equals(event.message())
            || cron.cronCollisionPolicy() != CronCollisionPolicy.CANCEL_NEW,
        "killed for a run that should have been cancelled: " + task);
  }

  private void run(
      State before, State after, JobKey job, Set<Integer> instances, TaskConfig config) {
    WaitingCronRun waited = before.cronRuns().waiting(job);
    JobConfiguration template = waited == null ? before.cronJobs().get(job) : waited.template();
    truth.require(
        config.equals(template.taskConfig()) && instances.size() == template.instanceCount(),
        "not the run that was asked for: " + instances + " of " + config);
    truth.require(after.cronRuns().waiting(job) == null, "a run waits that has begun: " + job);
    Set<String> left = new HashSet<>();
    for (ScheduledTask task : before.tasks().ofJob(job).active().values()) {
      ScheduledTask now = after.tasks().get(task.assignedTask().taskId());
      if (now != null && TaskStates.isActive(now.status())) {
        left.add(task.assignedTask().taskId());
      }
    }
    truth.require(left.isEmpty(), "a run of " + job + " meets " + left);
    Long old = before.cronRuns().considered(job);
    Long now = after.cronRuns().considered(job);
    if (waited == null && (now == null || now.equals(old))) {
      int byHand = begunByHand.merge(job, 1, Integer::sum);
      truth.require(
          byHand <= starts.applyAsInt(job),
          "a run of " + job + " that nobody asked for: " + byHand);
    }
  }

  /** No run waits for tasks that are gone. */
  void waitsForSomething() {
    State now = truth.now();
    for (WaitingCronRun run : now.cronRuns().waiting().values()) {
      boolean waits =
          now.tasks().ofJob(run.template().key()).active().values().iterator().hasNext();
      truth.require(waits, "a run waits for nothing: " + run);
    }
  }

  /**
   * In peace no instant is left out, nor one shortly before, which a new leader makes up.
   *
   * @param peaceMs since when there is peace
   */
  void atPeace(long peaceMs, long nowMs) {
    State now = truth.now();
    long instant = (nowMs - LATE_MS) / MINUTE_MS * MINUTE_MS;
    if (nowMs - peaceMs < SETTLED_MS) {
      return;
    }
    for (JobKey job : now.cronJobs().keys()) {
      Long considered = now.cronRuns().considered(job);
      truth.require(
          instant < peaceMs - MADE_UP_MS || (considered != null && considered >= instant),
          "the instant " + instant + " of " + job + " is left out after " + considered);
    }
  }
}
