package io.borealis.scheduler.simulation;

import com.google.common.collect.Iterables;
import com.google.common.collect.Lists;
import io.borealis.api.HostAttributes;
import io.borealis.api.HostMaintenanceRequest;
import io.borealis.api.JobKey;
import io.borealis.api.MaintenanceMode;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.SlaPolicy;
import io.borealis.api.TaskEvent;
import io.borealis.api.storage.Transaction;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.task.TaskStates;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that hosts are emptied as was asked for, and no task goes sooner than its policy lets
 * it (task rules, section 13). For one thread.
 */
final class MaintenanceWatch implements Truth.Watcher {
  private final Truth truth;
  private final Predicate<String> letGo;
  private final BooleanSupplier clocksAgree;

  /**
   * @param letGo whether a coordinator let a task go
   * @param clocksAgree whether all wall clocks have shown the same time so far
   */
  MaintenanceWatch(Truth truth, Predicate<String> letGo, BooleanSupplier clocksAgree) {
    this.truth = truth;
    this.letGo = letGo;
    this.clocksAgree = clocksAgree;
  }

  @Override
  public void onTransaction(State before, Transaction transaction, State after) {
    if (before.hosts() == after.hosts()
        && before.maintenance() == after.maintenance()
        && before.tasks() == after.tasks()) {
      return;
    }
    for (HostAttributes host : after.hosts().values()) {
      HostAttributes old = before.hosts().get(host.host());
      boolean wasDrained = old != null && old.mode() == MaintenanceMode.DRAINED;
      truth.require(
          host.mode() != MaintenanceMode.DRAINED || wasDrained || isEmpty(after, host.host()),
          "a host with tasks is drained: " + host.host());
      truth.require(
          (host.mode() == MaintenanceMode.DRAINING)
              == (after.maintenance().get(host.host()) != null),
          host + " and its request are not of one mind");
    }
    if (before.tasks() != after.tasks()) {
      drainedTasks(before, after);
    }
  }

  private static boolean isEmpty(State state, String host) {
    return Iterables.all(state.tasks().onHost(host), task -> !TaskStates.isActive(task.status()));
  }

  private void drainedTasks(State before, State after) {
    List<ScheduledTask> held = new ArrayList<>();
    List<JobKey> free = new ArrayList<>();
    for (ScheduledTask task : after.tasks().all()) {
      ScheduledTask old = before.tasks().get(task.assignedTask().taskId());
      if (old != null && isNew(old, task)) {
        String host = task.assignedTask().slaveHost();
        HostMaintenanceRequest request = request(before, after, host);
        truth.require(request != null, "drained without a request: " + task);
        if (request != null && policy(old, request) != null && !isOver(request, after)) {
          held.add(old);
        } else {
          free.add(old.assignedTask().task().job());
        }
      }
    }
    for (ScheduledTask task : held) {
      if (!isBesideAnotherPolicy(before, after, task, held)) {
        check(before, after, task, free);
      }
    }
  }

  /** One that asks for less may go after it, and leave less than it asked for. */
  private static boolean isBesideAnotherPolicy(
      State before, State after, ScheduledTask task, List<ScheduledTask> held) {
    return Iterables.any(
        held,
        other ->
            task.assignedTask().task().job().equals(other.assignedTask().task().job())
                && !Objects.equals(policyOf(before, after, task), policyOf(before, after, other)));
  }

  private static @Nullable SlaPolicy policyOf(State before, State after, ScheduledTask task) {
    HostMaintenanceRequest request = request(before, after, task.assignedTask().slaveHost());
    return request == null ? null : policy(task, request);
  }

  private static boolean isNew(ScheduledTask old, ScheduledTask task) {
    return old.taskEvents().size() < task.taskEvents().size()
        && Iterables.any(
            task.taskEvents().subList(old.taskEvents().size(), task.taskEvents().size()),
            event -> event.status() == ScheduleStatus.DRAINING);
  }

  private static @Nullable HostMaintenanceRequest request(
      State before, State after, @Nullable String host) {
    if (host == null) {
      return null;
    }
    HostMaintenanceRequest now = after.maintenance().get(host);
    return now == null ? before.maintenance().get(host) : now;
  }

  private static @Nullable SlaPolicy policy(ScheduledTask task, HostMaintenanceRequest request) {
    SlaPolicy own = task.assignedTask().task().slaPolicy();
    return own == null ? request.defaultSlaPolicy() : own;
  }

  private static boolean isOver(HostMaintenanceRequest request, State now) {
    return now.stampMs() >= request.createdTimestampMs() + request.timeoutSecs() * 1000;
  }

  private void check(State before, State after, ScheduledTask task, List<JobKey> free) {
    HostMaintenanceRequest request = request(before, after, task.assignedTask().slaveHost());
    SlaPolicy policy = policyOf(before, after, task);
    JobKey job = task.assignedTask().task().job();
    if (!clocksAgree.getAsBoolean() || policy == null || free.contains(job)) {
      return;
    }
    boolean allowed;
    if (policy instanceof SlaPolicy.CoordinatorSlaPolicy) {
      allowed = letGo.test(task.assignedTask().taskId());
    } else {
      allowed = isMet(policy, before, after, job);
    }
    truth.require(allowed, "drained against " + policy + " with " + request + ": " + task);
  }

  /** Judged by what is left when all that the transaction takes down is down. */
  private static boolean isMet(SlaPolicy policy, State before, State after, JobKey job) {
    double total = before.tasks().ofJob(job).active().size();
    if (policy instanceof SlaPolicy.CountSlaPolicy count) {
      double asked = count.value().count();
      double required = total - asked < 1 ? total - 1 : asked;
      return up(after, job, count.value().durationSecs()) >= required;
    }
    var percentage = ((SlaPolicy.PercentageSlaPolicy) policy).value();
    double asked = percentage.percentage();
    double required = Math.floor((1 - asked / 100) * total) < 1 ? (total - 1) / total * 100 : asked;
    return up(after, job, percentage.durationSecs()) / total * 100 >= required - 1e-9;
  }

  private static double up(State after, JobKey job, long seconds) {
    int up = 0;
    for (ScheduledTask task : after.tasks().ofJob(job).active().values()) {
      if (task.status() == ScheduleStatus.RUNNING
          && after.stampMs() - runningSince(task) > seconds * 1000) {
        up++;
      }
    }
    return up;
  }

  private static long runningSince(ScheduledTask task) {
    TaskEvent latest =
        Iterables.find(
            Lists.reverse(task.taskEvents()), event -> event.status() == ScheduleStatus.RUNNING);
    return latest.timestamp();
  }
}
