package io.borealis.scheduler.simulation;

import com.google.common.collect.ArrayListMultimap;
import com.google.common.collect.Iterables;
import com.google.common.collect.ListMultimap;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskEvent;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.Transaction;
import io.borealis.scheduler.cluster.Capacity;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.task.TaskStates;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that tasks give way only to those that are worth more and wait for a place (scheduling
 * rules, section 7), and all on one host. For one thread.
 */
final class PreemptionWatch implements Truth.Watcher {
  private static final String IN_FAVOR = "Preempting in favor of ";

  private final Truth truth;

  PreemptionWatch(Truth truth) {
    this.truth = truth;
  }

  @Override
  public void onTransaction(State before, Transaction transaction, State after) {
    Map<String, String> hosts = new HashMap<>();
    ListMultimap<String, ScheduledTask> victims = ArrayListMultimap.create();
    for (Op op : transaction.ops()) {
      if (op instanceof Op.SaveTasks save) {
        for (ScheduledTask task : save.value().tasks()) {
          ScheduledTask old = before.tasks().get(task.assignedTask().taskId());
          TaskEvent event = Iterables.getLast(task.taskEvents());
          if (event.status() == ScheduleStatus.PREEMPTING
              && old != null
              && old.taskEvents().size() < task.taskEvents().size()) {
            check(before, old, event, hosts);
            victims.put(String.valueOf(event.message()).substring(IN_FAVOR.length()), old);
          }
        }
      }
    }
    for (String id : victims.keySet()) {
      allAreNeeded(before.tasks().get(id), victims.get(id));
    }
  }

  private void check(
      State before, ScheduledTask victim, TaskEvent event, Map<String, String> hosts) {
    String message = String.valueOf(event.message());
    truth.require(message.startsWith(IN_FAVOR), "preempted for nothing: " + event);
    String id = message.substring(Math.min(message.length(), IN_FAVOR.length()));
    ScheduledTask task = before.tasks().get(id);
    truth.require(
        TaskStates.isAssigned(victim.status()), "preempted though it holds nothing: " + victim);
    if (task == null || task.status() != ScheduleStatus.PENDING) {
      truth.broken("preempted in favor of " + id + ", which is " + task);
      return;
    }
    truth.require(
        mayPreempt(task.assignedTask().task(), victim.assignedTask().task()),
        task + " may not preempt " + victim);
    String host = victim.assignedTask().slaveHost();
    String other = hosts.putIfAbsent(id, host);
    truth.require(
        other == null || other.equals(host), "preempted on two hosts for one task: " + id);
  }

  /** What the others leave behind is not enough by itself. */
  private void allAreNeeded(@Nullable ScheduledTask task, List<ScheduledTask> victims) {
    if (task == null || victims.size() < 2) {
      return;
    }
    TaskConfig config = task.assignedTask().task();
    for (ScheduledTask spared : victims) {
      Capacity left = Capacity.ZERO;
      for (ScheduledTask victim : victims) {
        if (!victim.equals(spared)) {
          left = left.plus(Room.held(victim.assignedTask().task()));
        }
      }
      // Of its own job one may be in the way of a limit.
      truth.require(
          spared.assignedTask().task().job().equals(config.job())
              || !left.fits(Room.demand(config)),
          "more is preempted than is needed for " + task + ": " + victims);
    }
  }

  private static boolean mayPreempt(TaskConfig task, TaskConfig victim) {
    boolean low = isPreemptible(task);
    if (low != isPreemptible(victim)) {
      return !low;
    }
    return task.job().role().equals(victim.job().role()) && task.priority() > victim.priority();
  }

  private static boolean isPreemptible(TaskConfig config) {
    return !"preferred".equals(config.tier());
  }
}
