package io.borealis.bench;

import io.borealis.api.storage.Snapshot;
import io.borealis.bench.Figure.Target;
import io.borealis.scheduler.journal.CorruptJournalException;
import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.store.Snapshots;
import io.borealis.scheduler.store.State;
import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/** What a task costs in memory, with its events and its places in all indexes. */
final class HeapPerTask implements Program {
  private static final int COLLECTIONS = 5;
  private static final int CRON_JOBS = 10_000;

  @Override
  public String name() {
    return "heap-per-task";
  }

  @Override
  public String summary() {
    return "heap per task, active or ended, with 4 events and indexes, of 100,000";
  }

  @Override
  public List<Figure> run() {
    EntryCodec codec = new EntryCodec();
    double made = bytesPer(() -> LargeState.of(0), LargeState.TASKS);
    double read = asRead(codec, LargeState.of(0), LargeState.TASKS);
    double leading = bytesPer(HeapPerTask::leading, LargeState.TASKS);
    double endedMade = bytesPer(LargeState::ended, LargeState.TASKS);
    double ended = asRead(codec, LargeState.ended(), LargeState.TASKS);
    double cronJob = asRead(codec, LargeState.cronJobs(CRON_JOBS), CRON_JOBS);
    return List.of(
        Figure.of(
            "heap per task with 4 events and indexes",
            read,
            "B",
            Target.atMost(600),
            "as read from a snapshot; as made by a leader %,.0f B".formatted(made),
            "with all else that a leader has for it, and the simulated agents: %,.0f B"
                .formatted(leading)),
        Figure.of(
            "heap per ended task with 4 events and indexes",
            ended,
            "B",
            Target.atMost(600),
            "as read from a snapshot; as made by a leader %,.0f B".formatted(endedMade),
            "a cron job with its configuration: %,.0f B".formatted(cronJob)));
  }

  private static double asRead(EntryCodec codec, State state, int count) {
    byte[] snapshot = codec.encodeSnapshot(Snapshots.of(state));
    return bytesPer(() -> Snapshots.toState(decode(codec, snapshot)), count);
  }

  /** A leader of all tasks, a minute after its election. */
  private static Leader leading() {
    VirtualTime time = new VirtualTime();
    Leader leader = new Leader(time, LargeState.HOSTS);
    leader.preload(LargeState.of(0));
    time.await(leader.elect());
    time.runFor(Duration.ofMinutes(1));
    return leader;
  }

  private static Snapshot decode(EntryCodec codec, byte[] bytes) {
    try {
      return codec.decodeSnapshot(bytes);
    } catch (CorruptJournalException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static double bytesPer(Supplier<?> making, int count) {
    long before = used();
    Object made = making.get();
    try {
      return (used() - before) / (double) count;
    } finally {
      Reference.reachabilityFence(made);
    }
  }

  private static long used() {
    for (int i = 0; i < COLLECTIONS; i++) {
      System.gc();
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
