package io.borealis.scheduler.store;

import com.google.common.collect.ImmutableList;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import org.jspecify.annotations.Nullable;

/** The templates of all cron jobs, by key and by role. Immutable. */
public final class CronTable {
  static final CronTable EMPTY = new CronTable(Table.empty(), Table.empty());

  private final Table<JobKey, JobConfiguration> byKey;
  private final Table<String, Table<JobKey, JobConfiguration>> byRole;

  private CronTable(
      Table<JobKey, JobConfiguration> byKey,
      Table<String, Table<JobKey, JobConfiguration>> byRole) {
    this.byKey = byKey;
    this.byRole = byRole;
  }

  public @Nullable JobConfiguration get(JobKey key) {
    return byKey.get(key);
  }

  public boolean contains(JobKey key) {
    return byKey.contains(key);
  }

  public int size() {
    return byKey.size();
  }

  public boolean isEmpty() {
    return byKey.isEmpty();
  }

  /** The keys of all templates. */
  public Iterable<JobKey> keys() {
    return byKey.keys();
  }

  /** All templates. */
  public Iterable<JobConfiguration> values() {
    return byKey.values();
  }

  /** The templates of a role. */
  public Iterable<JobConfiguration> ofRole(String role) {
    Table<JobKey, JobConfiguration> jobs = byRole.get(role);
    return jobs == null ? ImmutableList.of() : jobs.values();
  }

  /** All templates by key. */
  Table<JobKey, JobConfiguration> table() {
    return byKey;
  }

  CronTable with(JobConfiguration template) {
    JobKey key = template.key();
    return new CronTable(
        byKey.with(key, template),
        byRole.update(
            key.role(),
            jobs ->
                (jobs == null ? Table.<JobKey, JobConfiguration>empty() : jobs)
                    .with(key, template)));
  }

  CronTable without(JobKey key) {
    return new CronTable(
        byKey.without(key),
        byRole.update(
            key.role(),
            jobs -> {
              Table<JobKey, JobConfiguration> rest = jobs == null ? null : jobs.without(key);
              return rest == null || rest.isEmpty() ? null : rest;
            }));
  }
}
