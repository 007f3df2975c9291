package io.borealis.scheduler.backup;

import com.google.common.collect.ImmutableSortedSet;
import io.borealis.runtime.Clock;
import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.store.State;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes, lists and reads the backups of this process, one after the other on a pool. Thread-safe.
 */
public final class Backups {
  private static final Logger LOG = LoggerFactory.getLogger(Backups.class);

  private final @Nullable BackupDirectory directory;
  private final Duration interval;
  private final EntryCodec codec;
  private final Executor pool;
  private final Clock clock;
  private final Counter succeeded;
  private final Counter failed;
  private final Timer saving;
  private final Timer loading;

  /**
   * @param directory null when no backups are wanted
   * @param interval time between two backups that nobody asked for
   * @param pool of one thread, for what waits for the disk
   */
  public Backups(
      @Nullable BackupDirectory directory,
      Duration interval,
      EntryCodec codec,
      Executor pool,
      Clock clock,
      MeterRegistry meters) {
    this.directory = directory;
    this.interval = interval;
    this.codec = codec;
    this.pool = pool;
    this.clock = clock;
    this.succeeded = meters.counter("scheduler_backup_success");
    this.failed = meters.counter("scheduler_backup_failed");
    this.saving = meters.timer("scheduler_backup_save");
    this.loading = meters.timer("scheduler_backup_load");
  }

  /** Whether there is a folder for them. */
  boolean wanted() {
    return directory != null;
  }

  Duration interval() {
    return interval;
  }

  /** Writes the State as a backup; completes with its name once it is on the disk. */
  public CompletionStage<String> save(State state) {
    return inBackground(folder -> saveNow(folder, state));
  }

  private String saveNow(BackupDirectory folder, State state) {
    long begun = clock.nanoTime();
    try {
      String name = folder.save(state, clock.wallMillis());
      saving.record(Duration.ofNanos(clock.nanoTime() - begun));
      succeeded.increment();
      LOG.atInfo()
          .addKeyValue("name", name)
          .addKeyValue("transaction", state.transaction())
          .log("A backup is written");
      return name;
    } catch (IOException | RuntimeException failure) {
      failed.increment();
      LOG.error("A backup could not be written", failure);
      throw new BackupException("The backup could not be written: " + failure, failure);
    }
  }

  /** The names of all backups. */
  public CompletionStage<ImmutableSortedSet<String>> list() {
    return inBackground(
        folder -> {
          try {
            return folder.list();
          } catch (IOException failure) {
            throw new BackupException("The backups could not be listed: " + failure, failure);
          }
        });
  }

  /** Reads one. */
  CompletionStage<BackupContent> load(String name) {
    return inBackground(
        folder -> {
          long begun = clock.nanoTime();
          BackupContent content = folder.load(name, codec);
          loading.record(Duration.ofNanos(clock.nanoTime() - begun));
          return content;
        });
  }

  /** When the newest was written, in ms; empty when there is none or nobody can tell. */
  CompletionStage<Optional<Long>> newestMs() {
    return inBackground(
        folder -> {
          try {
            return folder.newestMs();
          } catch (IOException failure) {
            LOG.warn("The backups could not be listed", failure);
            return Optional.empty();
          }
        });
  }

  /** Work on the folder. */
  private interface Work<T> {
    T with(BackupDirectory folder);
  }

  private <T> CompletionStage<T> inBackground(Work<T> work) {
    CompletableFuture<T> done = new CompletableFuture<>();
    BackupDirectory folder = directory;
    if (folder == null) {
      done.completeExceptionally(
          new BackupException("There are no backups: this scheduler has no --backup-dir."));
      return done;
    }
    pool.execute(
        () -> {
          try {
            done.complete(work.with(folder));
          } catch (RuntimeException | Error failure) {
            done.completeExceptionally(failure);
          }
        });
    return done;
  }
}
