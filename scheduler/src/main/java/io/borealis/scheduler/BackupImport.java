package io.borealis.scheduler;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.RestoreState;
import io.borealis.api.storage.Snapshot;
import io.borealis.api.storage.Transaction;
import io.borealis.config.DaemonSettings;
import io.borealis.runtime.Runtimes;
import io.borealis.scheduler.backup.BackupContent;
import io.borealis.scheduler.backup.BackupDirectory;
import io.borealis.scheduler.backup.BackupException;
import io.borealis.scheduler.backup.Staged;
import io.borealis.scheduler.journal.CorruptJournalException;
import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.journal.ExportedJournal;
import io.borealis.scheduler.journal.Journal;
import io.borealis.scheduler.journal.JournalLimits;
import io.borealis.scheduler.journal.JournalSettings;
import io.borealis.scheduler.journal.Journals;
import io.borealis.scheduler.store.Replica;
import io.borealis.scheduler.store.Snapshots;
import io.borealis.scheduler.store.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Loads a backup into the empty journal of a cluster that does not run, fenced like a leader and in
 * one transaction. Blocks; for one thread.
 */
public final class BackupImport {
  /** How long ZooKeeper may take to answer, and to take all of it in. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final Duration APPEND = Duration.ofMinutes(5);

  private final EntryCodec codec = new EntryCodec();
  private final DaemonSettings.ZooKeeper zooKeeper;
  private final String cluster;
  private final Runtimes runtimes;

  /**
   * @param cluster the name of the cluster that will have the journal
   */
  public BackupImport(DaemonSettings.ZooKeeper zooKeeper, String cluster, Runtimes runtimes) {
    this.zooKeeper = zooKeeper;
    this.cluster = cluster;
    this.runtimes = runtimes;
  }

  /**
   * Reads a backup of Aurora or of Borealis, or a folder with a journal that was exported.
   *
   * @throws BackupException when it cannot be read whole
   */
  public static BackupContent read(Path file) {
    EntryCodec codec = new EntryCodec();
    return Files.isDirectory(file) ? exported(file, codec) : BackupDirectory.load(file, codec);
  }

  private static BackupContent exported(Path folder, EntryCodec codec) {
    Replica replica = new Replica(codec);
    try {
      String cluster = ExportedJournal.cluster(folder);
      ExportedJournal.read(folder, replica);
      State state = replica.durable();
      return new BackupContent(
          state, true, cluster, state.stampMs(), ImmutableMap.of(), ImmutableList.of());
    } catch (CorruptJournalException broken) {
      throw new BackupException(
          "Failed to decode the journal in " + folder + ": " + broken.getMessage(), broken);
    } catch (IOException failure) {
      throw new BackupException("Failed to read " + folder + ": " + failure, failure);
    }
  }

  /**
   * Loads it.
   *
   * @param alone whether nobody else can reach the journal, so that what a scheduler that was
   *     killed left behind means nothing
   * @return the number of its transaction
   * @throws BackupException when nothing was loaded, or nobody knows; says which
   */
  public long load(BackupContent content, String name, boolean alone) throws InterruptedException {
    if (!alone) {
      requireNobody();
    }
    Replica replica = new Replica(codec);
    Journal journal =
        Journals.onZooKeeper(
            new JournalSettings(
                zooKeeper.connect(),
                zooKeeper.journalRoot(),
                cluster,
                zooKeeper.serversetPath(),
                zooKeeper.sessionTimeout(),
                zooKeeper.credentials(),
                JournalLimits.DEFAULT),
            runtimes);
    try {
      await(journal.follow(replica), PATIENCE, "The journal could not be opened");
      await(journal.whenCaughtUp(), PATIENCE, "The journal could not be read");
      requireEmpty(replica.durable());
      await(journal.takeOver("import-backup " + name), PATIENCE, "The journal could not be fenced");
      requireEmpty(replica.durable());
      Transaction transaction =
          transaction(new Staged(name, content.state()), runtimes.clock().wallMillis());
      long unused =
          await(
              journal.append(codec.encode(ImmutableList.of(transaction))),
              APPEND,
              "The backup could not be written; look with borealis journal dump before repeating");
      return transaction.number();
    } finally {
      journal.stepDown();
      journal.close();
    }
  }

  /**
   * What is written: numbers begin anew, and so does time. A backup from a clock that was far ahead
   * would make it stand still otherwise.
   */
  static Transaction transaction(Staged staged, long nowMs) {
    State restored = staged.toRestore(State.EMPTY, UUID::randomUUID, nowMs);
    Snapshot snapshot = Snapshots.of(restored).toBuilder().timestamp(nowMs).stampMs(nowMs).build();
    return Transaction.builder()
        .number(1)
        .stampMs(nowMs)
        .schemaVersion(1)
        .ops(ImmutableList.of(new Op.RestoreState(new RestoreState(snapshot))))
        .build();
  }

  private void requireEmpty(State state) {
    if (state.transaction() > 0) {
      throw new BackupException(
          ("The journal at %s is not empty: it holds %d transactions, %d tasks and %d updates. "
                  + "Empty it with borealis journal reset, or restore with commitRecovery.")
              .formatted(
                  zooKeeper.journalRoot(),
                  state.transaction(),
                  state.tasks().size(),
                  state.updates().size()));
    }
  }

  /** Leaders and candidates have nodes below the serverset path. */
  private void requireNobody() throws InterruptedException {
    try (ZooKeeperClient client = ZooKeeperClient.of(zooKeeper)) {
      client.start();
      if (!client
          .curator()
          .blockUntilConnected(Math.toIntExact(PATIENCE.toSeconds()), TimeUnit.SECONDS)) {
        throw new BackupException("No ZooKeeper server answers at " + zooKeeper.connect());
      }
      String path = zooKeeper.serversetPath();
      List<String> nodes =
          client.curator().checkExists().forPath(path) == null
              ? ImmutableList.of()
              : client.curator().getChildren().forPath(path);
      if (!nodes.isEmpty()) {
        throw new BackupException(
            ("A scheduler runs: %s has %s. Stop all schedulers; "
                    + "the node of one that was killed goes after the session timeout.")
                .formatted(path, nodes));
      }
    } catch (InterruptedException | BackupException known) {
      throw known;
    } catch (Exception failure) {
      throw new BackupException("ZooKeeper could not be asked who runs: " + failure, failure);
    }
  }

  private static <T> T await(CompletionStage<T> stage, Duration limit, String what)
      throws InterruptedException {
    try {
      return stage.toCompletableFuture().get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException failure) {
      Throwable cause = failure.getCause() == null ? failure : failure.getCause();
      throw new BackupException(what + ": " + cause.getMessage(), cause);
    } catch (TimeoutException late) {
      throw new BackupException(what + " within " + limit.toSeconds() + " s", late);
    }
  }
}
