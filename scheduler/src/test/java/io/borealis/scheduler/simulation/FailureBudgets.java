package io.borealis.scheduler.simulation;

import io.borealis.api.JobUpdateAction;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.storage.InstanceProgress;
import io.borealis.api.storage.InstanceProgressState;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.Transaction;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.TaskTable;
import io.borealis.scheduler.store.UpdateRecord;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Counts the exits of new tasks for itself, from what becomes of tasks and from the events of
 * updates, and compares. For one thread.
 */
final class FailureBudgets implements Truth.Watcher {
  private final Truth truth;
  private final Map<JobUpdateKey, Pass> passes = new HashMap<>();

  /** When a task came, to the millisecond: more is not stored. */
  private final Map<String, Long> born = new HashMap<>();

  /** One way of an update over its instances. */
  private static final class Pass {
    final boolean back;

    /** When instances were begun. */
    final Map<Integer, Long> begun = new HashMap<>();

    final Map<Integer, Integer> exits = new HashMap<>();
    final Map<Integer, Boolean> ended = new HashMap<>();

    Pass(boolean back) {
      this.back = back;
    }

    int exits(int instance) {
      return exits.getOrDefault(instance, 0);
    }
  }

  FailureBudgets(Truth truth) {
    this.truth = truth;
  }

  @Override
  public void onTransaction(State before, Transaction transaction, State after) {
    for (Op op : transaction.ops()) {
      if (op instanceof Op.SaveTasks save) {
        for (ScheduledTask task : save.value().tasks()) {
          String id = task.assignedTask().taskId();
          born.putIfAbsent(id, after.stampMs());
          count(before, before.tasks().get(id), task);
        }
      } else if (op instanceof Op.SaveUpdateProgress save && save.value().newPass()) {
        passes.put(save.value().key(), new Pass(save.value().progress().rollback()));
      } else if (op instanceof Op.SaveJobInstanceUpdateEvent save) {
        note(
            after.updates().get(save.value().key()),
            save.value().event().instanceId(),
            save.value().event().action(),
            after.stampMs());
      }
    }
    after.updates().active().forEach(this::compare);
  }

  private void count(State before, @Nullable ScheduledTask old, ScheduledTask task) {
    if (TaskTable.isActive(task.status()) || (old != null && !TaskTable.isActive(old.status()))) {
      return;
    }
    int instance = task.assignedTask().instanceId();
    for (UpdateRecord update : before.updates().activeOf(task.assignedTask().task().job())) {
      Pass pass = passes.get(update.key());
      Long begun = pass == null ? null : pass.begun.get(instance);
      if (begun != null
          && isRolling(update)
          && !pass.ended.containsKey(instance)
          && begun <= born.get(task.assignedTask().taskId())
          && task.assignedTask().task().equals(update.plan().targetOf(instance, pass.back))
          && task.taskEvents().stream()
              .noneMatch(event -> event.status() == ScheduleStatus.KILLING)) {
        pass.exits.merge(instance, 1, Integer::sum);
      }
    }
  }

  private static boolean isRolling(UpdateRecord update) {
    return update.status() == JobUpdateStatus.ROLLING_FORWARD
        || update.status() == JobUpdateStatus.ROLLING_BACK;
  }

  private void note(
      UpdateRecord update, int instance, @Nullable JobUpdateAction action, long nowMs) {
    Pass pass = passes.get(update.key());
    if (pass == null || action == null) {
      truth.broken("an event of an update that was not begun: " + update.key());
      return;
    }
    int tolerated = update.update().instructions().settings().maxPerInstanceFailures();
    switch (action) {
      case INSTANCE_UPDATING, INSTANCE_ROLLING_BACK -> pass.begun.putIfAbsent(instance, nowMs);
      case INSTANCE_UPDATED, INSTANCE_ROLLED_BACK -> pass.ended.put(instance, true);
      case INSTANCE_UPDATE_FAILED, INSTANCE_ROLLBACK_FAILED -> {
        pass.ended.put(instance, true);
        truth.require(
            pass.exits(instance) == tolerated + 1,
            "instance %s of %s failed after %s exits"
                .formatted(instance, update.key().id(), pass.exits(instance)));
      }
    }
  }

  private void compare(UpdateRecord update) {
    Pass pass = passes.get(update.key());
    int tolerated = update.update().instructions().settings().maxPerInstanceFailures();
    for (InstanceProgress progress : update.instances().values()) {
      int exits = pass.exits(progress.instanceId());
      truth.require(
          progress.failures() == exits,
          "instance %s of %s had %s exits, %s are counted"
              .formatted(progress.instanceId(), update.key().id(), exits, progress.failures()));
      truth.require(
          progress.state() != InstanceProgressState.WORKING || exits <= tolerated,
          "instance %s of %s goes on after %s exits"
              .formatted(progress.instanceId(), update.key().id(), exits));
    }
  }
}
