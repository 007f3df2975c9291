package io.borealis.scheduler.backup;

import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedSet;
import com.google.common.collect.Iterables;
import io.borealis.api.HostMaintenanceRequest;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.MaintenanceMode;
import io.borealis.api.ResourceAggregate;
import io.borealis.api.ScheduledTask;
import io.borealis.scheduler.maintenance.Requests;
import io.borealis.scheduler.quota.QuotaAmount;
import io.borealis.scheduler.store.HostMode;
import io.borealis.scheduler.store.JobPath;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.UpdateRecord;
import io.borealis.scheduler.store.UpdateTable;
import io.borealis.scheduler.task.TaskStates;
import org.jspecify.annotations.Nullable;

/** What follows when a backup takes the place of the live State. Pure. */
final class Consequences {
  private static final int NAMED = 20;

  private final State then;
  private final State live;
  private final long nowMs;

  /**
   * @param then what the backup holds
   */
  Consequences(State then, State live, long nowMs) {
    this.then = then;
    this.live = live;
    this.nowMs = nowMs;
  }

  /** In sentences, each of bounded length, for who has staged the backup. */
  ImmutableList<String> ifCommitted() {
    return sentences("would", " by commitRecovery");
  }

  /** The same for who has committed it. */
  ImmutableList<String> committed() {
    return sentences("will", "");
  }

  private ImmutableList<String> sentences(String will, String by) {
    ImmutableList.Builder<String> told = ImmutableList.builder();
    tell(
        told,
        strangers(),
        "running tasks that the backup does not know " + will + " be killed" + by);
    tell(told, revived(), "updates that are not active any more " + will + " go on");
    tell(
        told,
        forgotten(),
        "active updates that the backup does not know " + will + " be forgotten");
    tell(told, setBack(), "active updates " + will + " have an earlier status again");
    tell(told, lostCronJobs(), "cron jobs that the backup does not know " + will + " vanish");
    tell(told, changedCronJobs(), "cron jobs " + will + " be as they were before");
    tell(told, quotas(), "quotas " + will + " change");
    tell(told, otherModes(), "hosts " + will + " be in another maintenance mode");
    tell(
        told,
        emptied(),
        "hosts " + will + " be emptied at once, since their time to drain is over");
    String framework = then.frameworkId();
    if (framework != null && live.frameworkId() != null && !framework.equals(live.frameworkId())) {
      told.add(
          "The scheduler %s be framework %s and not %s, whose tasks it could not reach any more"
              .formatted(will, framework, live.frameworkId()));
    }
    return told.build();
  }

  private static void tell(
      ImmutableList.Builder<String> told, ImmutableList<String> what, String fate) {
    if (!what.isEmpty()) {
      told.add("%d %s: %s".formatted(what.size(), fate, bounded(what, ", ")));
    }
  }

  /** The first of many, and how many more there are. */
  static String bounded(ImmutableList<String> all, String separator) {
    String named = Joiner.on(separator).join(Iterables.limit(all, NAMED));
    return all.size() <= NAMED ? named : named + " and " + (all.size() - NAMED) + " more";
  }

  /** The tasks that run according to the live State and are not placed in the staged one. */
  ImmutableList<String> strangers() {
    ImmutableList.Builder<String> strangers = ImmutableList.builder();
    for (ScheduledTask task : live.tasks().all()) {
      if (TaskStates.isAssigned(task.status())) {
        ScheduledTask known = then.tasks().get(task.assignedTask().taskId());
        if (known == null || !TaskStates.isAssigned(known.status())) {
          strangers.add(task.assignedTask().taskId());
        }
      }
    }
    return ImmutableList.sortedCopyOf(strangers.build());
  }

  /** The updates that would go on although they have ended in the live State, or are not there. */
  private ImmutableList<String> revived() {
    ImmutableList.Builder<String> revived = ImmutableList.builder();
    for (UpdateRecord update : then.updates().active()) {
      UpdateRecord now = live.updates().get(update.key());
      if (now == null || !UpdateTable.isActive(now.status())) {
        revived.add(nameOf(update));
      }
    }
    return ImmutableList.sortedCopyOf(revived.build());
  }

  private ImmutableList<String> forgotten() {
    ImmutableList.Builder<String> forgotten = ImmutableList.builder();
    for (UpdateRecord update : live.updates().active()) {
      if (then.updates().get(update.key()) == null) {
        forgotten.add(nameOf(update));
      }
    }
    return ImmutableList.sortedCopyOf(forgotten.build());
  }

  private ImmutableList<String> setBack() {
    ImmutableList.Builder<String> setBack = ImmutableList.builder();
    for (UpdateRecord update : live.updates().active()) {
      UpdateRecord before = then.updates().get(update.key());
      if (before != null && before.status() != update.status()) {
        setBack.add(
            "%s %s instead of %s".formatted(nameOf(update), before.status(), update.status()));
      }
    }
    return ImmutableList.sortedCopyOf(setBack.build());
  }

  private static String nameOf(UpdateRecord update) {
    return JobPath.of(update.key().job()) + " " + update.key().id();
  }

  private ImmutableList<String> lostCronJobs() {
    ImmutableList.Builder<String> lost = ImmutableList.builder();
    for (JobKey job : live.cronJobs().keys()) {
      if (!then.cronJobs().contains(job)) {
        lost.add(JobPath.of(job));
      }
    }
    return ImmutableList.sortedCopyOf(lost.build());
  }

  private ImmutableList<String> changedCronJobs() {
    ImmutableList.Builder<String> changed = ImmutableList.builder();
    for (JobKey job : live.cronJobs().keys()) {
      JobConfiguration before = then.cronJobs().get(job);
      if (before != null && !before.equals(live.cronJobs().get(job))) {
        changed.add(JobPath.of(job));
      }
    }
    return ImmutableList.sortedCopyOf(changed.build());
  }

  private ImmutableList<String> quotas() {
    ImmutableList.Builder<String> changed = ImmutableList.builder();
    for (String role :
        ImmutableSortedSet.copyOf(Iterables.concat(then.quotas().keys(), live.quotas().keys()))) {
      QuotaAmount before = amountOf(then.quotas().get(role));
      QuotaAmount now = amountOf(live.quotas().get(role));
      if (!before.equals(now)) {
        changed.add("%s: %s -> %s".formatted(role, shortly(now), shortly(before)));
      }
    }
    return changed.build();
  }

  /** A role without a quota has none of anything. */
  private static QuotaAmount amountOf(@Nullable ResourceAggregate quota) {
    return quota == null ? QuotaAmount.ZERO : QuotaAmount.of(quota.resources());
  }

  private static String shortly(QuotaAmount amount) {
    return amount.equals(QuotaAmount.ZERO)
        ? "none"
        : "%s cpus/%d MB ram/%d MB disk".formatted(amount.cpus(), amount.ramMb(), amount.diskMb());
  }

  /** The hosts whose maintenance mode would be another one. */
  private ImmutableList<String> otherModes() {
    ImmutableList.Builder<String> hosts = ImmutableList.builder();
    for (String host :
        ImmutableSortedSet.copyOf(Iterables.concat(then.hosts().keys(), live.hosts().keys()))) {
      MaintenanceMode before = HostMode.of(then, host);
      MaintenanceMode now = HostMode.of(live, host);
      if (before != now) {
        hosts.add("%s %s instead of %s".formatted(host, before, now));
      }
    }
    return hosts.build();
  }

  /** The draining hosts of the backup whose time is over, unless that is so already. */
  private ImmutableList<String> emptied() {
    ImmutableList.Builder<String> hosts = ImmutableList.builder();
    for (String host : ImmutableSortedSet.copyOf(then.hosts().keys())) {
      if (isOverdue(then, host) && !isOverdue(live, host)) {
        hosts.add(host);
      }
    }
    return hosts.build();
  }

  private boolean isOverdue(State state, String host) {
    HostMaintenanceRequest request = state.maintenance().get(host);
    return HostMode.of(state, host) == MaintenanceMode.DRAINING
        && request != null
        && Requests.remainingMs(request, nowMs) == 0;
  }
}
