package io.borealis.scheduler;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import io.borealis.runtime.Clock;
import io.borealis.scheduler.backup.Backups;
import io.borealis.scheduler.backup.PeriodicBackups;
import io.borealis.scheduler.backup.Recovery;
import io.borealis.scheduler.rpc.BackupHandler;
import io.borealis.scheduler.store.Replica;
import io.borealis.scheduler.store.Snapshotter;
import io.borealis.scheduler.store.Writer;

/** Backups and recovery in a term. */
final class BackupModule extends AbstractModule {
  private final TermModule.TermLoops loops;
  private final TermModule.Chance chance;
  private final TermModule.Ending ending;

  BackupModule(TermModule.TermLoops loops, TermModule.Chance chance, TermModule.Ending ending) {
    this.loops = loops;
    this.chance = chance;
    this.ending = ending;
  }

  @Provides
  @Singleton
  PeriodicBackups periodicBackups(Backups backups, Replica replica, Clock clock) {
    return new PeriodicBackups(backups, replica::durable, loops.writer(), clock);
  }

  @Provides
  @Singleton
  Recovery recovery(Backups backups, Writer writer, Replica replica, Clock clock) {
    return new Recovery(
        backups, writer, replica::durable, chance.uuids(), clock, new EndOf(writer, ending));
  }

  @Provides
  @Singleton
  BackupHandler backupHandler(
      Backups backups, Recovery recovery, Replica replica, Snapshotter snapshotter) {
    return new BackupHandler(backups, recovery, replica::durable, snapshotter::request);
  }

  /** How this term ends when its State is replaced. */
  private record EndOf(Writer writer, TermModule.Ending ending) implements Recovery.TermEnd {
    @Override
    public void closeWrites() {
      writer.close();
    }

    @Override
    public void stepDown(String reason) {
      ending.stepDown(reason);
    }
  }
}
