package io.borealis.scheduler.journal;

import io.borealis.runtime.Clock;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** A journal whose appends are counted and timed under the names of Aurora's log. Thread-safe. */
public final class MeteredJournal implements Journal {
  private final Journal journal;
  private final Clock clock;
  private final Timer appends;
  private final Counter failures;
  private final Counter entries;
  private final Counter bytes;

  /** Measures the use of this journal. */
  public MeteredJournal(Journal journal, Clock clock, MeterRegistry meters) {
    this.journal = journal;
    this.clock = clock;
    this.appends = meters.timer("scheduler_log_native_append");
    this.failures = meters.counter("scheduler_log_native_append_failures");
    this.entries = meters.counter("scheduler_log_entries_written");
    this.bytes = meters.counter("scheduler_log_bytes_written");
  }

  @Override
  public CompletionStage<Long> append(EntryPayload payload) {
    long begun = clock.nanoTime();
    return journal
        .append(payload)
        .whenComplete(
            (index, failure) -> {
              appends.record(clock.nanoTime() - begun, TimeUnit.NANOSECONDS);
              if (failure == null) {
                entries.increment();
                bytes.increment(payload.bytes().length);
              } else {
                failures.increment();
              }
            });
  }

  @Override
  public CompletionStage<Void> follow(JournalListener listener) {
    return journal.follow(listener);
  }

  @Override
  public boolean caughtUp() {
    return journal.caughtUp();
  }

  @Override
  public CompletionStage<Void> whenCaughtUp() {
    return journal.whenCaughtUp();
  }

  @Override
  public CompletionStage<Long> takeOver(String leaderId) {
    return journal.takeOver(leaderId);
  }

  @Override
  public CompletionStage<Void> writeSnapshot(long index, SnapshotPayload payload) {
    return journal.writeSnapshot(index, payload);
  }

  @Override
  public void stepDown() {
    journal.stepDown();
  }

  @Override
  public String epochPath() {
    return journal.epochPath();
  }

  @Override
  public JournalStatus status() {
    return journal.status();
  }

  @Override
  public void close() {
    journal.close();
  }
}
