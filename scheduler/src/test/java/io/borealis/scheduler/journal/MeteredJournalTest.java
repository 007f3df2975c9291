package io.borealis.scheduler.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.runtime.VirtualRuntimes;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.Test;

public class MeteredJournalTest {
  private final VirtualRuntimes runtimes = new VirtualRuntimes();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private CompletableFuture<Long> answer = new CompletableFuture<>();
  private final Journal journal =
      new MeteredJournal(
          new StubJournal() {
            @Override
            public CompletionStage<Long> append(EntryPayload payload) {
              return answer;
            }
          },
          runtimes.clock(),
          meters);

  private CompletableFuture<Long> append() {
    return journal.append(new EntryPayload(1, 2, 0, new byte[70])).toCompletableFuture();
  }

  @Test
  public void whatIsDurableIsCountedWithItsBytesAndTheTimeItTook() {
    CompletableFuture<Long> appended = append();
    runtimes.advance(Duration.ofMillis(5));
    answer.complete(7L);

    assertThat(appended).isCompletedWithValue(7L);
    assertThat(meters.counter("scheduler_log_entries_written").count()).isEqualTo(1);
    assertThat(meters.counter("scheduler_log_bytes_written").count()).isEqualTo(70);
    assertThat(meters.timer("scheduler_log_native_append").totalTime(TimeUnit.MILLISECONDS))
        .isEqualTo(5);
    assertThat(meters.counter("scheduler_log_native_append_failures").count()).isZero();
  }

  @Test
  public void whatIsNotIsAFailure() {
    answer.completeExceptionally(new NotAppendedException("full"));

    assertThat(append()).isCompletedExceptionally();
    assertThat(meters.counter("scheduler_log_native_append_failures").count()).isEqualTo(1);
    assertThat(meters.counter("scheduler_log_entries_written").count()).isZero();
    assertThat(meters.timer("scheduler_log_native_append").count()).isEqualTo(1);
  }
}
