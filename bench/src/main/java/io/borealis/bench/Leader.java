package io.borealis.bench;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.inject.AbstractModule;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.util.Modules;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.ScheduledTask;
import io.borealis.api.rpc.AuroraAdmin;
import io.borealis.api.rpc.CallContext;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveTasks;
import io.borealis.api.storage.Transaction;
import io.borealis.config.Command;
import io.borealis.config.DaemonSettings;
import io.borealis.config.SettingsReader;
import io.borealis.runtime.Runtimes;
import io.borealis.scheduler.LeaderTerm;
import io.borealis.scheduler.ProcessModule;
import io.borealis.scheduler.TermModule;
import io.borealis.scheduler.journal.CorruptJournalException;
import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.journal.Journal;
import io.borealis.scheduler.journal.SnapshotManifest;
import io.borealis.scheduler.journal.SnapshotPayload;
import io.borealis.scheduler.rpc.SchedulerApi;
import io.borealis.scheduler.store.Replica;
import io.borealis.scheduler.store.Snapshots;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.Writer;
import io.borealis.scheduler.store.Writes;
import io.borealis.scheduler.update.Explanation;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A whole leader as the daemon builds it, without HTTP and ZooKeeper: a journal in memory and a
 * simulated cluster. Confined to one thread, but for what it runs itself.
 */
final class Leader implements AutoCloseable {
  private final Runtimes runtimes;
  private final MemoryJournal journal;
  private final Injector process;
  private final AtomicReference<@Nullable AuroraAdmin> api = new AtomicReference<>();
  private @Nullable Injector graph;
  private @Nullable LeaderTerm term;

  /** A process that has not been elected. */
  Leader(Runtimes runtimes, int hosts) {
    this.runtimes = runtimes;
    DaemonSettings settings =
        DaemonSettings.of(
            Command.SCHEDULER,
            SettingsReader.read(
                Command.SCHEDULER,
                List.of(
                    "--cluster",
                    "simulated",
                    "--zk-endpoints",
                    "none:1",
                    "--max-tasks-per-job",
                    "100000",
                    "--simulated-hosts",
                    Integer.toString(hosts)),
                Map.of()));
    journal = new MemoryJournal(runtimes.newLoop("journal"), runtimes.clock());
    process =
        Guice.createInjector(
            Modules.override(new ProcessModule(settings, runtimes, new SimpleMeterRegistry()))
                .with(
                    new AbstractModule() {
                      @Override
                      protected void configure() {
                        bind(Journal.class).toInstance(journal);
                      }
                    }));
  }

  /** Puts tasks into State, as read from the journal. */
  void preload(List<ScheduledTask> tasks) {
    Replica replica = process.getInstance(Replica.class);
    long next = replica.durable().transaction() + 1;
    Transaction transaction =
        Transaction.builder()
            .ops(ImmutableList.of(new Op.SaveTasks(new SaveTasks(ImmutableSet.copyOf(tasks)))))
            .schemaVersion(1)
            .number(next)
            .stampMs(runtimes.clock().wallMillis())
            .build();
    try {
      replica.onEntry(
          next, process.getInstance(EntryCodec.class).encode(ImmutableList.of(transaction)));
    } catch (CorruptJournalException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** Puts a whole State there, as read from a snapshot. */
  void preload(State state) {
    EntryCodec codec = process.getInstance(EntryCodec.class);
    SnapshotPayload packed =
        codec.pack(state.transaction(), codec.encodeSnapshot(Snapshots.of(state)));
    try {
      process
          .getInstance(Replica.class)
          .onSnapshot(
              1,
              new SnapshotManifest(
                  1,
                  1,
                  1,
                  packed.lastTransaction(),
                  packed.digest(),
                  packed.codec(),
                  1,
                  packed.bytes().length,
                  0),
              packed.bytes());
    } catch (CorruptJournalException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** Begins to lead; completes when calls are answered. */
  CompletableFuture<Void> elect() {
    TermModule.TermLoops loops =
        TermModule.TermLoops.of(
            runtimes,
            failure -> {
              throw new IllegalStateException("the leader failed", failure);
            });
    graph =
        process.createChildInjector(
            new TermModule(
                loops,
                "localhost",
                TermModule.Chance.REAL,
                reason -> {
                  throw new IllegalStateException(reason);
                }));
    LeaderTerm next = new LeaderTerm(1, graph, loops.writer(), api::set);
    term = next;
    return next.activate().toCompletableFuture();
  }

  /** What answers calls. */
  AuroraAdmin api() {
    AuroraAdmin serving = api.get();
    if (serving == null) {
      throw new IllegalStateException("not elected");
    }
    return serving;
  }

  /** What the updates in an answer wait for; only of an elected leader. */
  ImmutableList<Explanation> explain(Response answer) {
    return graph().getInstance(SchedulerApi.class).explain(answer);
  }

  /** The circumstances of a call. */
  CallContext call() {
    return new CallContext(
        "bench",
        "bench",
        "127.0.0.1",
        runtimes.clock().nanoTime() + Duration.ofMinutes(5).toNanos());
  }

  /** The way to change State past the API; only of an elected leader. */
  Writes writes() {
    return graph().getInstance(Writer.class);
  }

  private Injector graph() {
    if (graph == null) {
      throw new IllegalStateException("not elected");
    }
    return graph;
  }

  MemoryJournal journal() {
    return journal;
  }

  State state() {
    return process.getInstance(Replica.class).durable();
  }

  /** Insists on success. */
  static Response ok(Response response) {
    if (response.responseCode() != ResponseCode.OK) {
      throw new IllegalStateException("refused: " + response);
    }
    return response;
  }

  @Override
  public void close() {
    if (term != null) {
      term.close();
    }
  }
}
