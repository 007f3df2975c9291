package io.borealis.scheduler.store;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.HostAttributes;
import io.borealis.api.HostMaintenanceRequest;
import io.borealis.api.JobInstanceUpdateEvent;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateDetails;
import io.borealis.api.JobUpdateEvent;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.Lock;
import io.borealis.api.ScheduledTask;
import io.borealis.api.storage.InstanceProgress;
import io.borealis.api.storage.QuotaConfiguration;
import io.borealis.api.storage.SchedulerMetadata;
import io.borealis.api.storage.Snapshot;
import io.borealis.api.storage.StoredCronJob;
import io.borealis.api.storage.StoredJobUpdateDetails;
import io.borealis.api.storage.StoredUpdateProgress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Turns a State into the Snapshot record and back. Stateless. Everything is sorted by key, so equal
 * States give equal bytes and their digests can be compared.
 */
public final class Snapshots {
  static final Comparator<JobKey> BY_JOB =
      Comparator.comparing(JobKey::role)
          .thenComparing(JobKey::environment)
          .thenComparing(JobKey::name);
  static final Comparator<JobUpdateKey> BY_UPDATE =
      Comparator.comparing(JobUpdateKey::job, BY_JOB).thenComparing(JobUpdateKey::id);

  private Snapshots() {}

  /** The whole State as a Snapshot record. */
  public static Snapshot of(State state) {
    List<ScheduledTask> tasks = new ArrayList<>(state.tasks().size());
    state.tasks().all().forEach(tasks::add);
    tasks.sort(Comparator.comparing((ScheduledTask task) -> task.assignedTask().taskId()));
    List<UpdateRecord> updates = new ArrayList<>(state.updates().size());
    state.updates().all().forEach(updates::add);
    updates.sort(Comparator.comparing(UpdateRecord::key, BY_UPDATE));
    Snapshot.Builder snapshot =
        Snapshot.builder()
            .timestamp(state.stampMs())
            .hostAttributes(sorted(state.hosts(), Comparator.<String>naturalOrder()))
            .tasks(tasks)
            .cronJobs(
                sorted(state.cronJobs().table(), BY_JOB).stream()
                    .map(StoredCronJob::new)
                    .collect(ImmutableSet.toImmutableSet()))
            .quotaConfigurations(
                state.quotas().asMap().entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .map(entry -> new QuotaConfiguration(entry.getKey(), entry.getValue()))
                    .collect(ImmutableSet.toImmutableSet()))
            .jobUpdateDetails(
                updates.stream()
                    .map(update -> new StoredJobUpdateDetails(update.details()))
                    .collect(ImmutableSet.toImmutableSet()))
            .hostMaintenanceRequests(sorted(state.maintenance(), Comparator.<String>naturalOrder()))
            .transactionNumber(state.transaction())
            .stampMs(state.stampMs())
            .jobLocks(sorted(state.locks(), BY_JOB))
            .updateProgress(updates.stream().map(Snapshots::progressOf).toList())
            .cronProgress(state.cronRuns().progress())
            .waitingCronRuns(sorted(state.cronRuns().waiting(), BY_JOB));
    if (state.frameworkId() != null) {
      snapshot.schedulerMetadata(
          SchedulerMetadata.builder().frameworkId(state.frameworkId()).build());
    }
    return snapshot.build();
  }

  /** The State a Snapshot record describes. */
  public static State toState(Snapshot snapshot) {
    UpdateTable updates = UpdateTable.EMPTY;
    for (StoredJobUpdateDetails stored : snapshot.jobUpdateDetails()) {
      updates = updates.save(recordOf(stored.details()));
    }
    for (StoredUpdateProgress stored : snapshot.updateProgress()) {
      updates =
          updates.change(
              stored.key(),
              update ->
                  update
                      .withProgress(stored.progress(), true)
                      .withInstances(stored.instances())
                      .withPulse(stored.pulsedMs())
                      .withRequestDigest(stored.requestDigest()));
    }
    Table<String, HostAttributes> hosts = Table.empty();
    for (HostAttributes host : snapshot.hostAttributes()) {
      hosts = hosts.with(host.host(), host);
    }
    CronTable cronJobs = CronTable.EMPTY;
    for (StoredCronJob cron : snapshot.cronJobs()) {
      cronJobs = cronJobs.with(cron.jobConfiguration());
    }
    Table<String, io.borealis.api.ResourceAggregate> quotas = Table.empty();
    for (QuotaConfiguration quota : snapshot.quotaConfigurations()) {
      quotas = quotas.with(quota.role(), quota.quota());
    }
    Table<String, HostMaintenanceRequest> maintenance = Table.empty();
    for (HostMaintenanceRequest request : snapshot.hostMaintenanceRequests()) {
      maintenance = maintenance.with(request.host(), request);
    }
    Table<JobKey, Lock> locks = Table.empty();
    for (Lock lock : snapshot.jobLocks()) {
      locks = locks.with(Locks.jobOf(lock), lock);
    }
    return new State(
        snapshot.transactionNumber(),
        Math.max(snapshot.stampMs(), snapshot.timestamp()),
        snapshot.schedulerMetadata() == null ? null : snapshot.schedulerMetadata().frameworkId(),
        TaskTable.EMPTY.save(snapshot.tasks()),
        updates,
        cronJobs,
        quotas,
        hosts,
        maintenance,
        locks,
        CronRuns.of(snapshot.cronProgress(), snapshot.waitingCronRuns()));
  }

  private static UpdateRecord recordOf(JobUpdateDetails details) {
    UpdateRecord record = UpdateRecord.of(details.update());
    for (JobUpdateEvent event : details.updateEvents()) {
      record = record.withEvent(event);
    }
    for (JobInstanceUpdateEvent event : details.instanceEvents()) {
      record = record.withEvent(event);
    }
    return record;
  }

  private static StoredUpdateProgress progressOf(UpdateRecord update) {
    return StoredUpdateProgress.builder()
        .key(update.key())
        .progress(update.progress())
        .instances(
            update.instances().asMap().values().stream()
                .sorted(Comparator.comparingInt(InstanceProgress::instanceId))
                .toList())
        .pulsedMs(update.pulsedMs())
        .requestDigest(update.requestDigest())
        .build();
  }

  private static <K, V> List<V> sorted(Table<K, V> table, Comparator<K> order) {
    return table.asMap().entrySet().stream()
        .sorted(Map.Entry.comparingByKey(order))
        .map(Map.Entry::getValue)
        .toList();
  }
}
