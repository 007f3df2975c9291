package io.borealis.scheduler.simulation;

import com.google.common.collect.Iterables;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskEvent;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.Transaction;
import io.borealis.scheduler.store.State;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Sees to it that tasks are placed only where they may be. For one thread. */
final class PlacementWatch implements Truth.Watcher {
  private final Truth truth;

  PlacementWatch(Truth truth) {
    this.truth = truth;
  }

  @Override
  public void onTransaction(State before, Transaction transaction, State after) {
    Map<String, ScheduledTask> placed = new LinkedHashMap<>();
    for (Op op : transaction.ops()) {
      if (op instanceof Op.SaveTasks save) {
        for (ScheduledTask task : save.value().tasks()) {
          if (isPlacedNow(before.tasks().get(task.assignedTask().taskId()), task)) {
            placed.put(task.assignedTask().taskId(), task);
          }
        }
      }
    }
    Set<String> ids = new HashSet<>(placed.keySet());
    for (ScheduledTask task : placed.values()) {
      check(after, task, ids);
    }
  }

  private static boolean isPlacedNow(@Nullable ScheduledTask old, ScheduledTask task) {
    TaskEvent last = Iterables.getLast(task.taskEvents());
    return last.status() == ScheduleStatus.ASSIGNED
        && (old == null || old.status() == ScheduleStatus.PENDING);
  }

  /** The limits of the one are no limits to those of another configuration that come with it. */
  private void check(State after, ScheduledTask task, Set<String> placed) {
    TaskConfig config = task.assignedTask().task();
    String id = task.assignedTask().taskId();
    String host = task.assignedTask().slaveHost();
    String objection =
        host == null
            ? "it has no host"
            : HostRules.objection(
                after,
                config,
                host,
                other -> {
                  String otherId = other.assignedTask().taskId();
                  return !otherId.equals(id)
                      && (!placed.contains(otherId) || other.assignedTask().task().equals(config));
                });
    truth.require(objection == null, "placed on " + host + ", but " + objection + ": " + task);
  }
}
