package io.borealis.scheduler.backup;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSortedSet;
import com.google.common.collect.Iterables;
import io.borealis.api.HostAttributes;
import io.borealis.api.JobKey;
import io.borealis.api.MaintenanceMode;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskQuery;
import io.borealis.api.storage.CronProgress;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.RemoveTasks;
import io.borealis.api.storage.SaveCronProgress;
import io.borealis.api.storage.SaveFrameworkId;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.UpdateRecord;
import io.borealis.scheduler.store.UpdateTable;
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

  /** The updates that would go on although they have ended in the live State, or are not there. */
  ImmutableList<String> revived(State live) {
    ImmutableList.Builder<String> revived = ImmutableList.builder();
    for (UpdateRecord update : state.updates().active()) {
      UpdateRecord now = live.updates().get(update.key());
      if (now == null || !UpdateTable.isActive(now.status())) {
        revived.add(TaskForms.nameOf(update.key().job()) + " " + update.key().id());
      }
    }
    return ImmutableList.sortedCopyOf(revived.build());
  }

  /** The hosts whose maintenance mode would be another one. */
  ImmutableList<String> otherModes(State live) {
    ImmutableList.Builder<String> hosts = ImmutableList.builder();
    for (String host :
        ImmutableSortedSet.copyOf(Iterables.concat(state.hosts().keys(), live.hosts().keys()))) {
      MaintenanceMode then = modeOf(state, host);
      MaintenanceMode now = modeOf(live, host);
      if (then != now) {
        hosts.add("%s %s instead of %s".formatted(host, then, now));
      }
    }
    return hosts.build();
  }

  private static MaintenanceMode modeOf(State state, String host) {
    HostAttributes attributes = state.hosts().get(host);
    MaintenanceMode mode = attributes == null ? null : attributes.mode();
    return mode == null ? MaintenanceMode.NONE : mode;
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
