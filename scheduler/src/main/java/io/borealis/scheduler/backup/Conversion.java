package io.borealis.scheduler.backup;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.HostAttributes;
import io.borealis.api.HostMaintenanceRequest;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobUpdateDetails;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.Lock;
import io.borealis.api.MaintenanceMode;
import io.borealis.api.ScheduledTask;
import io.borealis.api.SlaPolicy;
import io.borealis.api.TaskConfig;
import io.borealis.api.storage.QuotaConfiguration;
import io.borealis.api.storage.Snapshot;
import io.borealis.api.storage.StoredCronJob;
import io.borealis.api.storage.StoredJobUpdateDetails;
import io.borealis.api.storage.StoredUpdateProgress;
import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.store.JobPath;
import io.borealis.scheduler.store.Snapshots;
import io.borealis.scheduler.store.State;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Takes a Snapshot record apart, checks every part, brings what old releases of Aurora wrote to the
 * present form, and puts what is sound together again. Used once, by one thread.
 */
final class Conversion {
  private final Snapshot snapshot;
  private final boolean ours;
  private final TaskForms tasks;
  private final UpdateDetailForms updates;
  private final Map<String, Integer> converted = new TreeMap<>();
  private final List<String> unreadable = new ArrayList<>();

  Conversion(Snapshot snapshot, EntryCodec codec) {
    this.snapshot = snapshot;
    this.ours = snapshot.backupFormat() != null;
    ConfigForms configs = new ConfigForms(codec::shared, this::note, ours);
    this.tasks = new TaskForms(configs, snapshot.timestamp(), this::note, ours);
    this.updates = new UpdateDetailForms(configs, this::note, ours);
  }

  private void note(String what) {
    converted.merge(what, 1, Integer::sum);
  }

  BackupContent content() {
    ImmutableSet<HostAttributes> hosts = hosts();
    ImmutableSet<StoredJobUpdateDetails> details = details();
    Snapshot sound =
        snapshot.toBuilder()
            .hostAttributes(hosts)
            .tasks(scheduledTasks())
            .cronJobs(cronJobs())
            .quotaConfigurations(quotas())
            .jobUpdateDetails(details)
            .hostMaintenanceRequests(maintenance())
            .jobLocks(locks())
            .updateProgress(progress())
            .build();
    State state;
    try {
      state = Snapshots.toState(sound);
    } catch (RuntimeException unsound) {
      throw new BackupException("The backup cannot be applied: " + unsound, unsound);
    }
    return new BackupContent(
        state,
        ours,
        snapshot.backupCluster(),
        snapshot.timestamp(),
        ImmutableMap.copyOf(converted),
        ImmutableList.copyOf(unreadable));
  }

  private void refuse(String what, @Nullable Object id, Unfit reason) {
    unreadable.add("%s %s: %s".formatted(what, id, reason.getMessage()));
  }

  private ImmutableSet<ScheduledTask> scheduledTasks() {
    ImmutableSet.Builder<ScheduledTask> sound =
        ImmutableSet.builderWithExpectedSize(snapshot.tasks().size());
    for (ScheduledTask task : snapshot.tasks()) {
      try {
        sound.add(tasks.convert(task));
      } catch (Unfit unfit) {
        refuse("task", task.assignedTask() == null ? null : task.assignedTask().taskId(), unfit);
      }
    }
    return sound.build();
  }

  private ImmutableSet<StoredJobUpdateDetails> details() {
    ImmutableSet.Builder<StoredJobUpdateDetails> sound = ImmutableSet.builder();
    Set<JobUpdateKey> seen = new HashSet<>();
    for (StoredJobUpdateDetails stored : snapshot.jobUpdateDetails()) {
      try {
        JobUpdateDetails update = updates.convert(stored.details());
        if (!seen.add(update.update().summary().key())) {
          throw new Unfit("it is there twice");
        }
        sound.add(new StoredJobUpdateDetails(update));
      } catch (Unfit unfit) {
        refuse("update", UpdateDetailForms.nameOf(stored.details()), unfit);
      }
    }
    return sound.build();
  }

  private ImmutableSet<StoredCronJob> cronJobs() {
    ImmutableSet.Builder<StoredCronJob> sound = ImmutableSet.builder();
    for (StoredCronJob stored : snapshot.cronJobs()) {
      JobConfiguration job = stored.jobConfiguration();
      try {
        Unfit.unless(job != null, "it is empty");
        Unfit.unless(TaskForms.isComplete(job.key()), "its key is not complete");
        Unfit.unless(job.taskConfig() != null, "it has no taskConfig");
        Unfit.unless(job.cronSchedule() != null, "it has no cronSchedule");
        Unfit.unless(job.instanceCount() > 0, "its instanceCount is " + job.instanceCount());
        TaskConfig config = tasks.configs().convert(job.taskConfig());
        if (!job.key().equals(config.job())) {
          // Each run would look for its tasks under one job and create them under another.
          note("cron jobs whose tasks were of another job were given their own");
          config = tasks.configs().convert(config.toBuilder().job(job.key()).build());
        }
        sound.add(new StoredCronJob(job.toBuilder().taskConfig(config).build()));
      } catch (Unfit unfit) {
        refuse("cron job", job == null ? null : JobPath.of(job.key()), unfit);
      }
    }
    return sound.build();
  }

  private ImmutableSet<QuotaConfiguration> quotas() {
    ImmutableSet.Builder<QuotaConfiguration> sound = ImmutableSet.builder();
    for (QuotaConfiguration quota : snapshot.quotaConfigurations()) {
      try {
        Unfit.unless(quota.role() != null && !quota.role().isBlank(), "it has no role");
        Unfit.unless(quota.quota() != null, "it has no resources");
        ConfigForms.requireQuota(quota.quota().resources());
        sound.add(quota);
      } catch (Unfit unfit) {
        refuse("quota of", quota.role(), unfit);
      }
    }
    return sound.build();
  }

  /** A host without an agent's id is from before it had one; Aurora drops it too. */
  private ImmutableSet<HostAttributes> hosts() {
    ImmutableSet.Builder<HostAttributes> sound = ImmutableSet.builder();
    for (HostAttributes host : snapshot.hostAttributes()) {
      if (host.host() == null) {
        refuse("host", null, new Unfit("it has no name"));
      } else if (host.slaveId() == null) {
        note(
            "hosts without the id of an agent were left out; each comes back with its first offer");
      } else if (host.mode() == null && !ours) {
        note("hosts without a maintenance mode were given NONE");
        sound.add(host.toBuilder().mode(MaintenanceMode.NONE).build());
      } else {
        sound.add(host);
      }
    }
    return sound.build();
  }

  private ImmutableSet<HostMaintenanceRequest> maintenance() {
    ImmutableSet.Builder<HostMaintenanceRequest> sound = ImmutableSet.builder();
    for (HostMaintenanceRequest request : snapshot.hostMaintenanceRequests()) {
      if (request.host() == null) {
        refuse("maintenance request of", null, new Unfit("it has no host"));
      } else if (request.defaultSlaPolicy() instanceof SlaPolicy.Unknown) {
        refuse(
            "maintenance request of", request.host(), new Unfit("its policy is of no known kind"));
      } else {
        sound.add(request);
      }
    }
    return sound.build();
  }

  private ImmutableList<Lock> locks() {
    ImmutableList.Builder<Lock> sound = ImmutableList.builder();
    for (Lock lock : snapshot.jobLocks()) {
      if (TaskForms.isLockOfJob(lock)) {
        sound.add(lock);
      } else {
        refuse("lock", lock.token(), new Unfit("it is on no job"));
      }
    }
    return sound.build();
  }

  private ImmutableList<StoredUpdateProgress> progress() {
    ImmutableList.Builder<StoredUpdateProgress> sound = ImmutableList.builder();
    for (StoredUpdateProgress stored : snapshot.updateProgress()) {
      if (stored.key() == null || stored.progress() == null) {
        refuse("progress of update", stored.key(), new Unfit("it is not complete"));
      } else {
        sound.add(stored);
      }
    }
    return sound.build();
  }
}
