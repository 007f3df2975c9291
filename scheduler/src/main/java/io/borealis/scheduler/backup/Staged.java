package io.borealis.scheduler.backup;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.JobKey;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskQuery;
import io.borealis.api.storage.CronProgress;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.RemoveTasks;
import io.borealis.api.storage.SaveCronProgress;
import io.borealis.api.storage.SaveFrameworkId;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.task.TaskQueries;
import io.borealis.scheduler.task.TaskStates;
import io.borealis.scheduler.task.WaitingIds;
import io.borealis.scheduler.update.LockRenewal;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * A backup that was read and waits to be committed. Immutable.
 *
 * @param name the backup's
 * @param state what it holds, less what was taken out of it since
 */
public record Staged(String name, State state) {
  ImmutableList<ScheduledTask> find(TaskQuery query) {
    return ImmutableList.copyOf(TaskQueries.find(state, query));
  }

  Staged without(TaskQuery query) {
    ImmutableSet<String> ids =
        find(query).stream()
            .map(task -> task.assignedTask().taskId())
            .collect(ImmutableSet.toImmutableSet());
    return ids.isEmpty()
        ? this
        : new Staged(name, state.apply(new Op.RemoveTasks(new RemoveTasks(ids))));
  }

  /** The tasks that run according to the live State and are not placed in the staged one. */
  ImmutableList<String> strangers(State live) {
    ImmutableList.Builder<String> strangers = ImmutableList.builder();
    for (ScheduledTask task : live.tasks().all()) {
      if (TaskStates.isAssigned(task.status())) {
        ScheduledTask known = state.tasks().get(task.assignedTask().taskId());
        if (known == null || !TaskStates.isAssigned(known.status())) {
          strangers.add(task.assignedTask().taskId());
        }
      }
    }
    return ImmutableList.sortedCopyOf(strangers.build());
  }

  /**
   * What takes the place of the live State: with locks of its own, with ids that were not launched
   * before, with the framework id of the live State if it has none, and with cron jobs of another
   * scheduler counting from now: nobody knows which of their instants it fired.
   */
  public State toRestore(State live, Supplier<UUID> uuids, long nowMs) {
    State restored = WaitingIds.renew(state, live, uuids);
    restored = LockRenewal.renew(restored, () -> uuids.get().toString(), nowMs);
    ImmutableList.Builder<CronProgress> unknown = ImmutableList.builder();
    for (JobKey job : restored.cronJobs().keys()) {
      if (restored.cronRuns().considered(job) == null) {
        unknown.add(new CronProgress(job, nowMs));
      }
    }
    restored = restored.apply(new Op.SaveCronProgress(new SaveCronProgress(unknown.build())));
    return restored.frameworkId() == null && live.frameworkId() != null
        ? restored.apply(new Op.SaveFrameworkId(new SaveFrameworkId(live.frameworkId())))
        : restored;
  }
}
