package io.borealis.bench;

import com.google.common.collect.ImmutableList;
import io.borealis.api.storage.Transaction;
import io.borealis.runtime.Runtimes;
import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.journal.Journal;
import io.borealis.scheduler.journal.JournalLimits;
import io.borealis.scheduler.journal.JournalSettings;
import io.borealis.scheduler.journal.Journals;
import io.borealis.scheduler.journal.SnapshotPayload;
import io.borealis.scheduler.store.Replica;
import io.borealis.scheduler.store.Snapshots;
import io.borealis.scheduler.store.State;
import java.time.Duration;
import java.util.Optional;

/** Journals in a real ZooKeeper with a State in them. Stateless. */
final class StoredState {
  static final String CLUSTER = "bench";
  static final String SERVERSET = "/aurora/bench";

  private StoredState() {}

  /** The journal of {@link #CLUSTER}. */
  static Journal open(String servers, Runtimes runtimes) {
    return Journals.onZooKeeper(
        new JournalSettings(
            servers,
            JournalSettings.defaultRoot(CLUSTER),
            CLUSTER,
            SERVERSET,
            Duration.ofSeconds(6),
            Optional.empty(),
            JournalLimits.DEFAULT),
        runtimes);
  }

  /** Leads for as long as it takes to store the State as a snapshot and nothing else. */
  static void store(State state, String servers) throws Exception {
    EntryCodec codec = new EntryCodec();
    try (Metered runtimes = Metered.realTime();
        Journal journal = open(servers, runtimes)) {
      journal.follow(new Replica(codec)).toCompletableFuture().get();
      journal.whenCaughtUp().toCompletableFuture().get();
      long unused = journal.takeOver("bench").toCompletableFuture().get();
      // Of two snapshots the older one's entries are deleted; a new process then has to load.
      State end = state;
      for (int i = 0; i < 2; i++) {
        Transaction empty = LargeState.transaction(end, ImmutableList.of());
        end = end.apply(empty);
        long index =
            journal.append(codec.encode(ImmutableList.of(empty))).toCompletableFuture().get();
        SnapshotPayload packed =
            codec.pack(end.transaction(), codec.encodeSnapshot(Snapshots.of(end)));
        journal.writeSnapshot(index, packed).toCompletableFuture().get();
      }
      while (journal.status().entries() > 1) {
        Thread.sleep(20);
      }
    }
  }
}
