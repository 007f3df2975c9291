package io.borealis.bench;

import io.borealis.scheduler.journal.EntryPayload;
import io.borealis.scheduler.journal.Journal;
import io.borealis.scheduler.journal.JournalListener;
import io.borealis.scheduler.journal.JournalStatus;
import io.borealis.scheduler.journal.SnapshotPayload;
import io.borealis.scheduler.runtime.Clock;
import io.borealis.scheduler.runtime.EventLoop;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A journal that accepts everything and keeps nothing, so that what is measured is not the disk.
 * Thread-safe.
 */
final class MemoryJournal implements Journal {
  private static final Duration SESSION = Duration.ofSeconds(6);

  private final EventLoop loop;
  private final Clock clock;
  private final AtomicLong last = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();

  MemoryJournal(EventLoop loop, Clock clock) {
    this.loop = loop;
    this.clock = clock;
  }

  /** Bytes appended so far. */
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
        0,
        0,
        0,
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
