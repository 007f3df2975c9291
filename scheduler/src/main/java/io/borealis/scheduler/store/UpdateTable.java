package io.borealis.scheduler.store;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import io.borealis.api.AuroraConstants;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateStatus;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** All job updates, by key, by job and, for the active ones, by job and role. Immutable. */
public final class UpdateTable {
  static final UpdateTable EMPTY =
      new UpdateTable(Table.empty(), Table.empty(), Table.empty(), Table.empty());

  private final Table<JobUpdateKey, UpdateRecord> byKey;
  private final Table<JobKey, Table<JobUpdateKey, Boolean>> byJob;
  private final Table<JobKey, Table<JobUpdateKey, Boolean>> active;
  private final Table<String, Table<JobUpdateKey, Boolean>> activeByRole;

  private UpdateTable(
      Table<JobUpdateKey, UpdateRecord> byKey,
      Table<JobKey, Table<JobUpdateKey, Boolean>> byJob,
      Table<JobKey, Table<JobUpdateKey, Boolean>> active,
      Table<String, Table<JobUpdateKey, Boolean>> activeByRole) {
    this.byKey = byKey;
    this.byJob = byJob;
    this.active = active;
    this.activeByRole = activeByRole;
  }

  public @Nullable UpdateRecord get(JobUpdateKey key) {
    return byKey.get(key);
  }

  public int size() {
    return byKey.size();
  }

  /** Every update, active or ended. */
  public Iterable<UpdateRecord> all() {
    return byKey.values();
  }

  /** Every job that has an update, active or ended. */
  public Iterable<JobKey> jobs() {
    return byJob.keys();
  }

  /** The updates of a job, active or ended. */
  public Iterable<UpdateRecord> ofJob(JobKey job) {
    return resolve(byJob.get(job));
  }

  /** The active updates of a job: none or one, unless the store was corrupted. */
  public Iterable<UpdateRecord> activeOf(JobKey job) {
    return resolve(active.get(job));
  }

  /** The active updates of the jobs of a role. */
  public Iterable<UpdateRecord> activeOfRole(String role) {
    return resolve(activeByRole.get(role));
  }

  /** Whether the job has an active update. */
  public boolean isUpdating(JobKey job) {
    return active.contains(job);
  }

  /** Every active update. */
  public Iterable<UpdateRecord> active() {
    return Iterables.concat(Iterables.transform(active.values(), this::resolve));
  }

  /** Whether the status is one of the six active ones. */
  public static boolean isActive(@Nullable JobUpdateStatus status) {
    return status != null && AuroraConstants.ACTIVE_JOB_UPDATE_STATES.contains(status);
  }

  private Iterable<UpdateRecord> resolve(@Nullable Table<JobUpdateKey, Boolean> keys) {
    return keys == null
        ? ImmutableList.of()
        : Iterables.filter(
            Iterables.transform(keys.keys(), byKey::get), java.util.Objects::nonNull);
  }

  UpdateTable save(UpdateRecord record) {
    JobUpdateKey key = record.key();
    JobKey job = key.job();
    return new UpdateTable(
        byKey.with(key, record),
        byKey.contains(key) ? byJob : byJob.update(job, keys -> add(keys, key)),
        index(active, key.job(), key, record.status()),
        index(activeByRole, key.job().role(), key, record.status()));
  }

  /** Replaces a known update; an unknown key changes nothing. */
  UpdateTable change(JobUpdateKey key, UnaryOperator<UpdateRecord> change) {
    UpdateRecord old = byKey.get(key);
    if (old == null) {
      return this;
    }
    UpdateRecord next = change.apply(old);
    if (old.status() == next.status()) {
      return new UpdateTable(byKey.with(key, next), byJob, active, activeByRole);
    }
    return new UpdateTable(
        byKey.with(key, next),
        byJob,
        index(active, key.job(), key, next.status()),
        index(activeByRole, key.job().role(), key, next.status()));
  }

  UpdateTable remove(JobUpdateKey key) {
    return new UpdateTable(
        byKey.without(key),
        byJob.update(key.job(), keys -> drop(keys, key)),
        active.update(key.job(), keys -> drop(keys, key)),
        activeByRole.update(key.job().role(), keys -> drop(keys, key)));
  }

  private static <K> Table<K, Table<JobUpdateKey, Boolean>> index(
      Table<K, Table<JobUpdateKey, Boolean>> index,
      K group,
      JobUpdateKey key,
      @Nullable JobUpdateStatus status) {
    return index.update(group, keys -> isActive(status) ? add(keys, key) : drop(keys, key));
  }

  private static Table<JobUpdateKey, Boolean> add(
      @Nullable Table<JobUpdateKey, Boolean> keys, JobUpdateKey key) {
    return (keys == null ? Table.<JobUpdateKey, Boolean>empty() : keys).with(key, true);
  }

  private static @Nullable Table<JobUpdateKey, Boolean> drop(
      @Nullable Table<JobUpdateKey, Boolean> keys, JobUpdateKey key) {
    Table<JobUpdateKey, Boolean> rest = keys == null ? null : keys.without(key);
    return rest == null || rest.isEmpty() ? null : rest;
  }
}
