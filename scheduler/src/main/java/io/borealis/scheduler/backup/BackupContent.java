package io.borealis.scheduler.backup;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Iterables;
import io.borealis.api.storage.Snapshot;
import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.task.WaitingIds;
import org.jspecify.annotations.Nullable;

/**
 * What is in a backup. Immutable.
 *
 * @param state all that could be read, in the form in which this release keeps it
 * @param ours whether Borealis wrote it
 * @param cluster the cluster it is of, where the backup says so
 * @param madeMs when it was made; 0 where the backup does not say so
 * @param converted what was brought from an old form to the present one, and how often
 * @param unreadable what could not be taken, each with its id and the reason
 */
public record BackupContent(
    State state,
    boolean ours,
    @Nullable String cluster,
    long madeMs,
    ImmutableMap<String, Integer> converted,
    ImmutableList<String> unreadable) {

  /** Checks and converts everything in a backup. */
  public static BackupContent of(Snapshot snapshot, EntryCodec codec) {
    return new Conversion(snapshot, codec).content();
  }

  /** How much there is of each kind. */
  public ImmutableMap<String, Integer> counts() {
    return ImmutableMap.<String, Integer>builder()
        .put("tasks", state.tasks().size())
        .put("updates", state.updates().size())
        .put("cron jobs", state.cronJobs().size())
        .put("quotas", state.quotas().size())
        .put("hosts", state.hosts().size())
        .put("maintenance requests", state.maintenance().size())
        .buildOrThrow();
  }

  /** How many updates are active: each gets a lock of its own when the backup is used. */
  public int updating() {
    return Iterables.size(state.updates().active());
  }

  /** How many tasks wait to be placed: each gets an id that was not launched before. */
  public int waiting() {
    return WaitingIds.count(state);
  }
}
