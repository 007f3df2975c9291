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

  /**
   * What takes the place of the live State: with locks of its own, with ids that were not launched
   * before, and with the framework id of the live State if it has none. No instant of a cron job is
   * fired again.
   */
  public State toRestore(State live, Supplier<UUID> uuids, long nowMs) {
    State restored = WaitingIds.renew(state, live, uuids);
    restored = LockRenewal.renew(restored, () -> uuids.get().toString(), nowMs);
    restored = restored.apply(new Op.SaveCronProgress(considered(restored, live, nowMs)));
    return restored.frameworkId() == null && live.frameworkId() != null
        ? restored.apply(new Op.SaveFrameworkId(new SaveFrameworkId(live.frameworkId())))
        : restored;
  }

  /** Which instants another scheduler fired nobody knows: its cron jobs count from now. */
  private static SaveCronProgress considered(State restored, State live, long nowMs) {
    ImmutableList.Builder<CronProgress> changed = ImmutableList.builder();
    for (JobKey job : restored.cronJobs().keys()) {
      Long then = restored.cronRuns().considered(job);
      Long now = live.cronRuns().considered(job);
      long atMs = Math.max(then == null ? nowMs : then, now == null ? Long.MIN_VALUE : now);
      if (then == null || atMs > then) {
        changed.add(new CronProgress(job, atMs));
      }
    }
    return new SaveCronProgress(changed.build());
  }
}
