package io.borealis.bench;

import io.borealis.api.storage.Snapshot;
import io.borealis.bench.Figure.Target;
import io.borealis.scheduler.journal.CorruptJournalException;
import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.store.Snapshots;
import io.borealis.scheduler.store.State;
import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.util.List;
import java.util.function.Supplier;

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
  public List<Figure> run() {
    EntryCodec codec = new EntryCodec();
    byte[] snapshot = codec.encodeSnapshot(Snapshots.of(LargeState.of(0)));
    double made = bytesPerTask(() -> LargeState.of(0));
    double read = bytesPerTask(() -> Snapshots.toState(decode(codec, snapshot)));
    return List.of(
        Figure.of(
            "heap per task with 4 events and indexes",
            read,
            "B",
            Target.atMost(600),
            "as read from a snapshot; as made by a leader %,.0f B".formatted(made)));
  }

  private static Snapshot decode(EntryCodec codec, byte[] bytes) {
    try {
      return codec.decodeSnapshot(bytes);
    } catch (CorruptJournalException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static double bytesPerTask(Supplier<State> states) {
    long before = used();
    State state = states.get();
    try {
      return (used() - before) / (double) state.tasks().size();
    } finally {
      Reference.reachabilityFence(state);
    }
  }

  private static long used() {
    for (int i = 0; i < COLLECTIONS; i++) {
      System.gc();
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
