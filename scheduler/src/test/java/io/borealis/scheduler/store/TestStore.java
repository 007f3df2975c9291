package io.borealis.scheduler.store;

import io.borealis.api.HostAttributes;
import io.borealis.api.storage.Transaction;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.borealis.runtime.VirtualRuntimes;
import io.borealis.scheduler.journal.CorruptJournalException;
import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.journal.EntryPayload;
import io.borealis.scheduler.journal.SnapshotPayload;
import io.borealis.scheduler.journal.StubJournal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A real writer and State on virtual time over a journal that keeps entries in a list. For one
 * thread.
 */
public final class TestStore {
  private final VirtualRuntimes runtimes;
  private final EventLoop loop;
  private final Replica replica;
  private final Writer writer;
  private final ListJournal journal;
  private final List<Reaction> reactions = new ArrayList<>();

  private TestStore(VirtualRuntimes runtimes, ListJournal journal) {
    this.runtimes = runtimes;
    this.journal = journal;
    EntryCodec codec = new EntryCodec();
    this.loop = runtimes.newLoop("writer");
    this.replica = new Replica(codec);
    long index = 0;
    for (EntryPayload entry : journal.entries) {
      try {
        replica.onEntry(++index, entry);
      } catch (Exception broken) {
        throw new AssertionError(broken);
      }
    }
    this.writer =
        new Writer(
            loop,
            runtimes.clock(),
            Runnable::run,
            journal,
            codec,
            replica,
            () -> List.of(new Reactions()),
            Writer.Limits.DEFAULT,
            (entry, state) -> {},
            failure -> {
              throw new AssertionError("the writer failed", failure);
            });
  }

  /** A store of an empty cluster. */
  public static TestStore create() {
    VirtualRuntimes runtimes = new VirtualRuntimes();
    return new TestStore(runtimes, new ListJournal(runtimes.newLoop("journal")));
  }

  /**
   * The store of the next leader over the same journal, as after the death of this one: whatever
   * waited is gone, what was durable is there.
   */
  public TestStore failover() {
    runtimes.crash();
    journal.forgetHeld();
    return new TestStore(runtimes, journal);
  }

  /** Lets nothing become durable until {@link #release}. */
  public void hold() {
    journal.held = new ArrayList<>();
  }

  /** Makes durable what was held back, and from now on everything at once. */
  public void release() {
    List<Runnable> appends = journal.held;
    journal.forgetHeld();
    if (appends != null) {
      appends.forEach(loop::execute);
    }
    runtimes.runReady();
  }

  /** Adds a reaction, for all transactions from now on. */
  public void react(Reaction reaction) {
    reactions.add(reaction);
  }

  /** The writer. */
  public Writer writer() {
    return writer;
  }

  /** The writer's loop, on which timers run. */
  public EventLoop loop() {
    return loop;
  }

  /** The durable State. */
  public State state() {
    return replica.durable();
  }

  /** The replica, to observe. */
  public Replica replica() {
    return replica;
  }

  /** The clocks. */
  public Clock clock() {
    return runtimes.clock();
  }

  /** The runtime whose time can be advanced. */
  public VirtualRuntimes runtimes() {
    return runtimes;
  }

  /** Runs a write to its end and returns its result; what it throws is thrown. */
  public <T> T write(Function<WriteTransaction, T> work) {
    CompletableFuture<T> reply =
        writer.submit(WriteClass.RPC, clock().nanoTime() + Duration.ofMinutes(1).toNanos(), work);
    runtimes.runReady();
    if (!reply.isDone()) {
      throw new AssertionError("the write has no outcome");
    }
    try {
      return reply.join();
    } catch (java.util.concurrent.CompletionException failure) {
      if (failure.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw failure;
    }
  }

  /** Runs a write without a result. */
  public void change(java.util.function.Consumer<WriteTransaction> work) {
    Boolean done =
        write(
            tx -> {
              work.accept(tx);
              return true;
            });
    if (!done) {
      throw new AssertionError();
    }
  }

  /** All that is in the journal, transaction by transaction, from an entry on. */
  public List<Transaction> transactionsSince(int entry) {
    List<Transaction> transactions = new ArrayList<>();
    EntryCodec codec = new EntryCodec();
    try {
      for (EntryPayload each : journal.entries.subList(entry, journal.entries.size())) {
        transactions.addAll(codec.decode(each));
      }
    } catch (CorruptJournalException corrupt) {
      throw new AssertionError(corrupt);
    }
    return transactions;
  }

  /** How many entries were appended. */
  public int entries() {
    return journal.entries.size();
  }

  private final class Reactions implements Reaction {
    @Override
    public void onTaskChange(WriteTransaction transaction, TaskChange change) {
      for (Reaction reaction : reactions) {
        WriteTransaction.Savepoint before = transaction.savepoint();
        try {
          reaction.onTaskChange(transaction, change);
        } catch (RuntimeException failure) {
          transaction.rollback(before);
          reaction.onFailure(transaction, change, failure);
        }
      }
    }

    @Override
    public void onHostChange(
        WriteTransaction transaction, @Nullable HostAttributes before, HostAttributes after) {
      for (Reaction reaction : reactions) {
        reaction.onHostChange(transaction, before, after);
      }
    }

    @Override
    public void onFailure(
        WriteTransaction transaction, TaskChange change, RuntimeException failure) {
      throw failure;
    }
  }

  /** A journal that accepts everything at once, unless it is held. */
  private static final class ListJournal extends StubJournal {
    private final EventLoop loop;
    private final List<EntryPayload> entries = new ArrayList<>();
    private @Nullable List<Runnable> held;

    ListJournal(EventLoop loop) {
      this.loop = loop;
    }

    @Override
    public CompletionStage<Long> append(EntryPayload payload) {
      CompletableFuture<Long> done = new CompletableFuture<>();
      Runnable append =
          () -> {
            entries.add(payload);
            done.complete((long) entries.size());
          };
      if (held == null) {
        loop.execute(append);
      } else {
        held.add(append);
      }
      return done;
    }

    void forgetHeld() {
      held = null;
    }

    @Override
    public CompletionStage<Void> writeSnapshot(long index, SnapshotPayload payload) {
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void stepDown() {}
  }
}
