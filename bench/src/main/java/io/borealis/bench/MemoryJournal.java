package io.borealis.bench;

import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.journal.EntryPayload;
import io.borealis.scheduler.journal.Journal;
import io.borealis.scheduler.journal.JournalListener;
import io.borealis.scheduler.journal.JournalStatus;
import io.borealis.scheduler.journal.SnapshotPayload;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A journal that accepts everything and keeps nothing but counts, so that what is measured is not
 * the disk. Thread-safe.
 */
final class MemoryJournal implements Journal {
  private static final Duration SESSION = Duration.ofSeconds(6);

  private static final long LONG = 1_000_000;

  private final EventLoop loop;
  private final Clock clock;
  private final AtomicLong last = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicReference<@Nullable CompletableFuture<SnapshotPayload>> wanted =
      new AtomicReference<>();

  MemoryJournal(EventLoop loop, Clock clock) {
    this.loop = loop;
    this.clock = clock;
  }

  /** Pretends to be long enough for a snapshot, which completes the future. */
  CompletableFuture<SnapshotPayload> wantSnapshot() {
    CompletableFuture<SnapshotPayload> next = new CompletableFuture<>();
    wanted.set(next);
    return next;
  }

  /** Entries appended so far. */
  long entries() {
    return last.get();
  }

  /** Bytes of all of them. */
  long bytes() {
    return bytes.get();
  }

  @Override
  public CompletionStage<Void> follow(JournalListener listener) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public boolean caughtUp() {
    return true;
  }

  @Override
  public CompletionStage<Void> whenCaughtUp() {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletionStage<Long> takeOver(String leaderId) {
    return CompletableFuture.completedFuture(1L);
  }

  @Override
  public CompletionStage<Long> append(EntryPayload payload) {
    CompletableFuture<Long> done = new CompletableFuture<>();
    loop.execute(
        () -> {
          bytes.addAndGet(payload.bytes().length);
          done.complete(last.incrementAndGet());
        });
    return done;
  }

  @Override
  public CompletionStage<Void> writeSnapshot(long index, SnapshotPayload payload) {
    CompletableFuture<SnapshotPayload> waiting = wanted.getAndSet(null);
    if (waiting != null) {
      waiting.complete(payload);
    }
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void stepDown() {}

  @Override
  public String epochPath() {
    return "/epoch";
  }

  @Override
  public JournalStatus status() {
    return new JournalStatus(
        JournalStatus.Role.LEADER,
        1,
        last.get(),
        wanted.get() == null ? 0 : LONG,
        0,
        0,
        false,
        0,
        true,
        Optional.empty(),
        clock.nanoTime(),
        SESSION,
        true);
  }

  @Override
  public void close() {}
}
