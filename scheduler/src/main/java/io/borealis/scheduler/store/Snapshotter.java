package io.borealis.scheduler.store;

import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.journal.Journal;
import io.borealis.scheduler.journal.JournalStatus;
import io.borealis.scheduler.journal.SnapshotPayload;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a leader's State written as a snapshot after so many entries, bytes or so much time,
 * whichever is first, and when a reader of the journal needs one. Confined to the writer's loop;
 * encoding runs on a pool, from a State that cannot change.
 */
public final class Snapshotter implements Writer.DurableListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Snapshotter.class);
  private static final Duration RETRY = Duration.ofSeconds(10);
  private static final Duration CHECK = Duration.ofSeconds(10);

  /** When a snapshot is due. Immutable. */
  public record Policy(int entries, long bytes, Duration interval) {}

  private final Policy policy;
  private final Journal journal;
  private final EntryCodec codec;
  private final EventLoop loop;
  private final Executor pool;
  private final Clock clock;
  private State newest;
  private long newestIndex;
  private long writtenIndex;
  private boolean writing;
  private boolean closed;
  private boolean wantedBefore;
  private long notBeforeNanos;
  private final List<Asked> asked = new ArrayList<>();
  private final Counter written;
  private final Timer encoding;
  private final Timer persisting;

  /** Somebody waits for a snapshot of this entry or a later one. */
  private record Asked(long index, CompletableFuture<Void> done) {}

  /**
   * @param replica its State now is that at the journal's last entry
   */
  public Snapshotter(
      Policy policy,
      Journal journal,
      EntryCodec codec,
      Replica replica,
      EventLoop writerLoop,
      Executor pool,
      Clock clock,
      MeterRegistry meters) {
    this.policy = policy;
    this.journal = journal;
    this.codec = codec;
    this.loop = writerLoop;
    this.pool = pool;
    this.clock = clock;
    this.newest = replica.durable();
    this.newestIndex = journal.status().lastIndex();
    this.writtenIndex = journal.status().newestSnapshot();
    this.notBeforeNanos = clock.nanoTime();
    this.written = meters.counter("scheduler_log_snapshots");
    this.encoding = meters.timer("scheduler_log_snapshot");
    this.persisting = meters.timer("scheduler_log_snapshot_persist");
    armInterval();
    armCheck();
  }

  private void armInterval() {
    var unused =
        loop.schedule(
            policy.interval(),
            () -> {
              if (!closed) {
                write();
                armInterval();
              }
            });
  }

  @Override
  public void onDurable(long index, State state) {
    newest = state;
    newestIndex = index;
    check();
  }

  /** Also without writes: a leader may find much to be done when it begins, or be asked. */
  private void armCheck() {
    var unused =
        loop.schedule(
            CHECK,
            () -> {
              if (!closed) {
                checkWanted();
                check();
                armCheck();
              }
            });
  }

  /** Only who still wants it at the next look gets it: readers come and go. */
  private void checkWanted() {
    boolean wanted = journal.status().snapshotWanted();
    if (wanted && wantedBefore) {
      write();
    }
    wantedBefore = wanted;
  }

  private void check() {
    JournalStatus status = journal.status();
    if (status.entriesSinceSnapshot() >= policy.entries()
        || status.bytesSinceSnapshot() >= policy.bytes()) {
      write();
    }
  }

  private void write() {
    State state = newest;
    long index = newestIndex;
    if (writing || closed || newestIndex <= writtenIndex || clock.nanoTime() - notBeforeNanos < 0) {
      return;
    }
    writing = true;
    long begun = clock.nanoTime();
    pool.execute(
        () -> {
          try {
            byte[] bytes = codec.encodeSnapshot(Snapshots.of(state));
            SnapshotPayload payload = codec.pack(state.transaction(), bytes);
            long encoded = clock.nanoTime();
            encoding.record(Duration.ofNanos(encoded - begun));
            journal
                .writeSnapshot(index, payload)
                .whenComplete(
                    (done, failure) -> loop.execute(() -> wrote(index, encoded, failure)));
          } catch (RuntimeException | Error failure) {
            loop.execute(() -> wrote(index, begun, failure));
          }
        });
  }

  private void wrote(long index, long sinceNanos, @Nullable Throwable failure) {
    writing = false;
    if (failure == null) {
      writtenIndex = index;
      written.increment();
      persisting.record(Duration.ofNanos(clock.nanoTime() - sinceNanos));
      LOG.info("Snapshot {} is written", index);
    } else if (!closed) {
      LOG.warn("Snapshot {} could not be written, trying again later", index, failure);
      notBeforeNanos = clock.nanoTime() + RETRY.toNanos();
      answer(index, failure);
    }
    answer(writtenIndex, null);
    if (!asked.isEmpty()) {
      writeNow();
    }
  }

  /**
   * Has a snapshot written at once, unless there is one of the newest entry; completes when it is
   * durable. Any thread may call.
   */
  public CompletionStage<Void> request() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    loop.execute(
        () -> {
          if (closed) {
            done.completeExceptionally(new NotAppliedException("Storage is not READY"));
          } else if (newestIndex <= writtenIndex) {
            done.complete(null);
          } else {
            asked.add(new Asked(newestIndex, done));
            writeNow();
          }
        });
    return done;
  }

  /** Somebody waits: what failed a moment ago is tried again. */
  private void writeNow() {
    if (!writing) {
      notBeforeNanos = clock.nanoTime();
      write();
    }
  }

  /** Answers who waits for an entry up to this one. */
  private void answer(long index, @Nullable Throwable failure) {
    List<Asked> answered = asked.stream().filter(each -> each.index <= index).toList();
    asked.removeAll(answered);
    for (Asked each : answered) {
      if (failure == null) {
        each.done.complete(null);
      } else {
        each.done.completeExceptionally(failure);
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    answer(Long.MAX_VALUE, new NotAppliedException("Storage is not READY"));
  }
}
