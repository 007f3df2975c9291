package io.borealis.bench;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.Resource;
import io.borealis.api.ResourceAggregate;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveQuota;
import io.borealis.bench.Figure.Target;
import io.borealis.scheduler.journal.SnapshotPayload;
import io.borealis.scheduler.store.WriteClass;
import io.borealis.scheduler.store.WriteTransaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** How long writes stand still while a snapshot of a large State is made. */
final class SnapshotPause implements Program {
  private static final int WARM_UP = 3;
  private static final int ROUNDS = 7;
  private static final Op CHANGE =
      new Op.SaveQuota(
          new SaveQuota("bench", new ResourceAggregate(ImmutableSet.of(new Resource.NumCpus(1)))));

  @Override
  public String name() {
    return "snapshot-pause";
  }

  @Override
  public String summary() {
    return "longest gap of the writer while a snapshot of 100,000 tasks is made";
  }

  @Override
  public List<Figure> run() throws Exception {
    try (Metered runtimes = Metered.realTime();
        Leader leader = new Leader(runtimes, LargeState.HOSTS)) {
      leader.preload(LargeState.of(LargeState.UPDATES));
      leader.elect().get();
      Beat beat = new Beat(leader);
      beat.next();
      Thread.sleep(3_000);
      List<Double> with = new ArrayList<>();
      List<Double> without = new ArrayList<>();
      List<Double> took = new ArrayList<>();
      int kib = 0;
      for (int round = -WARM_UP; round < ROUNDS; round++) {
        beat.reset();
        long start = System.nanoTime();
        SnapshotPayload made = leader.journal().wantSnapshot().get(5, TimeUnit.MINUTES);
        long nanos = System.nanoTime() - start;
        double gap = beat.longestMillis();
        kib = made.bytes().length / 1024;
        beat.reset();
        TimeUnit.NANOSECONDS.sleep(nanos);
        if (round >= 0) {
          with.add(gap);
          without.add(beat.longestMillis());
          took.add(nanos / 1e6);
        }
      }
      beat.stop();
      return List.of(
          Figure.of(
              "writer pause while a snapshot is made",
              Statistics.median(with),
              "ms",
              Target.atMost(5),
              "100,000 tasks, 1,000 updates: %,d KiB in %,.0f ms"
                  .formatted(kib, Statistics.median(took)),
              "as long without a snapshot: %.2f ms; writes are about %.2f ms apart"
                  .formatted(Statistics.median(without), beat.usualMillis())));
    }
  }

  /** One small write after the other; notes when the writer runs each. */
  private static final class Beat {
    private final Leader leader;
    private volatile boolean stopped;
    private volatile long longest;
    private long last;
    private long begun;
    private long count;

    Beat(Leader leader) {
      this.leader = leader;
    }

    void next() {
      CompletableFuture<Boolean> done =
          leader
              .writes()
              .submit(
                  WriteClass.RPC, System.nanoTime() + Duration.ofMinutes(1).toNanos(), this::run)
              .toCompletableFuture();
      var unused =
          done.whenComplete(
              (result, failure) -> {
                if (!stopped && failure == null) {
                  next();
                }
              });
    }

    private boolean run(WriteTransaction tx) {
      tx.change(CHANGE);
      long now = System.nanoTime();
      if (count++ == 0) {
        begun = now;
      } else {
        longest = Math.max(longest, now - last);
      }
      last = now;
      return true;
    }

    /** The writer may be under way; a gap that it begins now is seen in any case. */
    void reset() {
      longest = 0;
    }

    double longestMillis() {
      return longest / 1e6;
    }

    double usualMillis() {
      return (last - begun) / 1e6 / count;
    }

    void stop() {
      stopped = true;
    }
  }
}
