package io.borealis.scheduler.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.runtime.VirtualRuntimes;
import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.journal.JournalStatus;
import io.borealis.scheduler.journal.SnapshotPayload;
import io.borealis.scheduler.journal.StubJournal;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.Test;

/** When a leader writes a snapshot. */
public class SnapshotterTest {
  private static final Duration INTERVAL = Duration.ofHours(1);

  private final VirtualRuntimes runtimes = new VirtualRuntimes();
  private final CountingJournal journal = new CountingJournal();
  private final Snapshotter snapshotter = begin();

  private Snapshotter begin() {
    EntryCodec codec = new EntryCodec();
    return new Snapshotter(
        new Snapshotter.Policy(10, 1_000, INTERVAL),
        journal,
        codec,
        new Replica(codec),
        runtimes.newLoop("writer"),
        Runnable::run,
        runtimes.clock(),
        new SimpleMeterRegistry());
  }

  @Test
  public void soManyEntriesAreEnough() {
    durable(6, 9, 0);
    assertThat(journal.written).isEmpty();
    durable(7, 10, 0);
    assertThat(journal.written).containsExactly(7L);
  }

  @Test
  public void soManyBytesAreEnough() {
    durable(6, 1, 1_000);
    assertThat(journal.written).containsExactly(6L);
  }

  @Test
  public void theIntervalIsEnoughAndIsNotRepeatedForTheSameEntry() {
    durable(6, 1, 1);
    runtimes.advance(INTERVAL);
    runtimes.advance(INTERVAL);
    assertThat(journal.written).containsExactly(6L);
  }

  @Test
  public void aLeaderThatBeginsWithMuchToDoDoesNotWaitForAWrite() {
    journal.entries = 10;
    runtimes.advance(Duration.ofSeconds(30));
    assertThat(journal.written).containsExactly(5L);
  }

  @Test
  public void anIdleLeaderWritesOneForAReaderThatNeedsIt() {
    journal.wanted = true;
    runtimes.advance(Duration.ofSeconds(30));
    assertThat(journal.written).containsExactly(5L);
  }

  @Test
  public void oneThatFailsIsTriedAgainLater() {
    journal.failing = true;
    durable(6, 10, 0);
    durable(7, 11, 0);
    assertThat(journal.written).isEmpty();
    journal.failing = false;
    runtimes.advance(Duration.ofSeconds(30));
    assertThat(journal.written).containsExactly(7L);
  }

  @Test
  public void aTermThatHasEndedWritesNone() {
    snapshotter.close();
    durable(6, 10, 0);
    runtimes.advance(INTERVAL);
    assertThat(journal.written).isEmpty();
  }

  @Test
  public void oneThatIsAskedForIsWrittenAtOnceAndOnlyOnce() {
    CompletableFuture<Void> asked = request();
    assertThat(journal.written).containsExactly(5L);
    assertThat(asked).isCompleted();
    assertThat(request()).isCompleted();
    assertThat(journal.written).containsExactly(5L);
    durable(6, 1, 1);
    assertThat(request()).isCompleted();
    assertThat(journal.written).containsExactly(5L, 6L);
  }

  @Test
  public void whoAsksWhileOneIsWrittenWaitsForTheOneWithTheNewestEntry() {
    journal.held = new CompletableFuture<>();
    CompletableFuture<Void> first = request();
    durable(6, 1, 1);
    CompletableFuture<Void> second = request();
    assertThat(journal.written).containsExactly(5L);
    assertThat(first).isNotDone();
    CompletableFuture<Void> held = journal.held;
    journal.held = null;
    held.complete(null);
    runtimes.runReady();
    assertThat(first).isCompleted();
    assertThat(second).isCompleted();
    assertThat(journal.written).containsExactly(5L, 6L);
  }

  @Test
  public void whoAskedForOneThatFailsIsToldAndCanAskAgainAtOnce() {
    journal.failing = true;
    assertThat(request()).isCompletedExceptionally();
    journal.failing = false;
    assertThat(request()).isCompleted();
  }

  @Test
  public void whoAsksForOneAtTheEndOfTheTermIsTold() {
    journal.held = new CompletableFuture<>();
    CompletableFuture<Void> asked = request();
    snapshotter.close();
    assertThat(asked).isCompletedExceptionally();
    assertThat(request()).isCompletedExceptionally();
  }

  private CompletableFuture<Void> request() {
    CompletableFuture<Void> asked = snapshotter.request().toCompletableFuture();
    runtimes.runReady();
    return asked;
  }

  private void durable(long index, long entries, long bytes) {
    journal.entries = entries;
    journal.bytes = bytes;
    snapshotter.onDurable(index, State.EMPTY);
    runtimes.runReady();
  }

  /** Says how much has come and notes what is written. */
  private static final class CountingJournal extends StubJournal {
    final List<Long> written = new ArrayList<>();
    long entries;
    long bytes;
    boolean wanted;
    boolean failing;
    @Nullable CompletableFuture<Void> held;

    @Override
    public CompletionStage<Void> writeSnapshot(long index, SnapshotPayload payload) {
      if (failing) {
        return CompletableFuture.failedFuture(new IllegalStateException("no room"));
      }
      written.add(index);
      entries = 0;
      bytes = 0;
      wanted = false;
      return held == null ? CompletableFuture.completedFuture(null) : held;
    }

    @Override
    public JournalStatus status() {
      return new JournalStatus(
          JournalStatus.Role.LEADER,
          1,
          5,
          entries,
          bytes,
          0,
          wanted,
          entries,
          true,
          Optional.empty(),
          0,
          Duration.ofSeconds(3),
          true);
    }
  }
}
