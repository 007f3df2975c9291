package io.borealis.bench;

import io.borealis.bench.Figure.Target;
import io.borealis.scheduler.journal.CorruptJournalException;
import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.store.Snapshots;
import io.borealis.scheduler.store.State;
import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.util.List;

/** What a task costs in memory, with its events and its places in all indexes. */
final class HeapPerTask implements Program {
  private static final int COLLECTIONS = 5;

  @Override
  public String name() {
    return "heap-per-task";
  }

  @Override
  public String summary() {
    return "heap per task with 4 events and indexes, of 100,000";
  }

  @Override
  public List<Figure> run() throws CorruptJournalException {
    EntryCodec codec = new EntryCodec();
    byte[] snapshot = codec.encodeSnapshot(Snapshots.of(LargeState.of(0)));
    long empty = used();
    State made = LargeState.of(0);
    double bytesMade = (used() - empty) / (double) made.tasks().size();
    Reference.reachabilityFence(made);
    made = State.EMPTY;
    empty = used();
    State read = Snapshots.toState(codec.decodeSnapshot(snapshot));
    double bytesRead = (used() - empty) / (double) read.tasks().size();
    Reference.reachabilityFence(read);
    Reference.reachabilityFence(snapshot);
    return List.of(
        Figure.of(
            "heap per task with 4 events and indexes",
            bytesRead,
            "B",
            Target.atMost(600),
            "as read from a snapshot; as made by a leader %,.0f B".formatted(bytesMade)));
  }

  private static long used() {
    for (int i = 0; i < COLLECTIONS; i++) {
      System.gc();
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
