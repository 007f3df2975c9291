package io.borealis.scheduler.rpc;

import io.borealis.scheduler.backup.BackupDirectory;
import io.borealis.scheduler.backup.Backups;
import io.borealis.scheduler.backup.Recovery;
import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.store.TestStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The calls about backups over a real store and real files. For one thread. */
final class TestBackups {
  final BackupHandler handler;
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  /** Why the term was ended, each time it was. */
  final List<String> ends = new ArrayList<>();

  /**
   * @param folder null for a scheduler without backups
   */
  TestBackups(TestStore store, @Nullable Path folder) {
    Backups backups =
        new Backups(
            folder == null ? null : new BackupDirectory(folder, "west", 3, ZoneOffset.UTC),
            Duration.ofHours(1),
            new EntryCodec(),
            Runnable::run,
            store.clock(),
            meters);
    Recovery recovery =
        new Recovery(
            backups,
            store.writer(),
            store::state,
            UUID::randomUUID,
            store.clock(),
            new Recovery.TermEnd() {
              @Override
              public void closeWrites() {
                store.writer().close();
              }

              @Override
              public void stepDown(String reason) {
                ends.add(reason);
              }
            });
    handler =
        new BackupHandler(
            backups, recovery, store::state, () -> CompletableFuture.completedFuture(null));
  }

  /** The calls of a scheduler without backups. */
  static BackupHandler none(TestStore store) {
    return new TestBackups(store, null).handler;
  }
}
