package io.borealis.scheduler.simulation;

import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateAction;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.Lock;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.Transaction;
import io.borealis.scheduler.store.JobTasks;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.TaskTable;
import io.borealis.scheduler.store.UpdateRecord;
import io.borealis.scheduler.store.UpdateTable;
import io.borealis.scheduler.update.UpdateInvariants;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/** Sees to it that all updates keep their promises, in every transaction. For one thread. */
final class UpdateWatch implements Truth.Watcher {
  private final Truth truth;
  private final Predicate<String> letGo;
  private final Map<JobUpdateKey, UpdateInvariants> updates = new LinkedHashMap<>();

  /**
   * @param letGo whether a coordinator let a task go
   */
  UpdateWatch(Truth truth, Predicate<String> letGo) {
    this.truth = truth;
    this.letGo = letGo;
  }

  @Override
  public void onTransaction(State before, Transaction transaction, State after) {
    for (Op op : transaction.ops()) {
      if (op instanceof Op.SaveJobUpdate save) {
        JobUpdateKey key = save.value().jobUpdate().summary().key();
        truth.require(!updates.containsKey(key), "an update is stored twice: " + key);
        updates.put(key, new UpdateInvariants(key, before, letGo));
      } else if (op instanceof Op.RemoveJobUpdate remove) {
        for (JobUpdateKey key : remove.value().keys()) {
          truth.require(
              !UpdateTable.isActive(before.updates().get(key).status()),
              "an active update is forgotten: " + key);
          updates.remove(key);
        }
      }
    }
    if (before.updates() != after.updates() || before.tasks() != after.tasks()) {
      updates.values().forEach(each -> each.check(after));
      oneActiveTaskAnInstance(after);
    }
    locksAreOfActiveUpdates(after);
    endedAsAsked(before, after);
  }

  /** The index of active tasks by instance has room for one of each. */
  private void oneActiveTaskAnInstance(State state) {
    int indexed = 0;
    for (JobTasks tasks : state.tasks().jobs().values()) {
      indexed += tasks.active().size() + tasks.ended().size();
    }
    truth.require(indexed == state.tasks().size(), "an instance has two active tasks");
  }

  private void locksAreOfActiveUpdates(State state) {
    int held = 0;
    for (UpdateRecord update : state.updates().active()) {
      JobKey job = update.key().job();
      Lock lock = state.locks().get(job);
      truth.require(
          lock != null && Objects.equals(lock.token(), update.progress().lockToken()),
          "an active update without its lock: " + update.key());
      held++;
    }
    truth.require(state.locks().size() == held, "a lock without an active update");
  }

  /** What an update has brought about the moment it ends. */
  private void endedAsAsked(State before, State after) {
    for (UpdateRecord update : after.updates().all()) {
      UpdateRecord last = before.updates().get(update.key());
      boolean wasActive = last == null || UpdateTable.isActive(last.status());
      boolean forward = update.status() == JobUpdateStatus.ROLLED_FORWARD;
      if (wasActive && (forward || update.status() == JobUpdateStatus.ROLLED_BACK)) {
        for (int instance : update.plan().instances()) {
          requireTarget(after, update, instance, !forward);
        }
      }
    }
  }

  private void requireTarget(State state, UpdateRecord update, int instance, boolean back) {
    JobUpdateAction failed =
        back ? JobUpdateAction.INSTANCE_ROLLBACK_FAILED : JobUpdateAction.INSTANCE_UPDATE_FAILED;
    if (update.hasAction(instance, failed) || (back && !update.hasAction(instance))) {
      return;
    }
    TaskConfig target = update.plan().targetOf(instance, back);
    ScheduledTask task = state.tasks().activeOf(update.key().job(), instance);
    truth.require(
        task == null
            ? target == null
            : TaskTable.isActive(task.status()) && task.assignedTask().task().equals(target),
        "instance %s of %s is not as wanted: %s".formatted(instance, update.key().id(), task));
  }
}
