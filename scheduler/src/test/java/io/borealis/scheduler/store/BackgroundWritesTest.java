package io.borealis.scheduler.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.runtime.VirtualRuntimes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.junit.Test;

/** Work nobody waits for is done all the same. */
public class BackgroundWritesTest {
  private static final Duration RETRY = Duration.ofSeconds(2);

  private final TestStore store = TestStore.create();
  private final VirtualRuntimes runtimes = store.runtimes();
  private final List<String> done = new ArrayList<>();
  private int refusals;

  private final BackgroundWrites background =
      new BackgroundWrites(new Refusing(), store.loop(), store.clock(), RETRY);

  /** Refuses some writes, as a full queue does, and passes the others on. */
  private final class Refusing implements Writes {
    @Override
    public <T> CompletionStage<T> submit(
        WriteClass writeClass, long deadlineNanos, Function<WriteTransaction, T> work) {
      assertThat(writeClass).isEqualTo(WriteClass.BACKGROUND);
      if (refusals > 0) {
        refusals--;
        return CompletableFuture.failedFuture(new NotAppliedException("The queue is full"));
      }
      return store.writer().submit(writeClass, deadlineNanos, work);
    }
  }

  private void submit(String work) {
    background.submit(work, tx -> done.add(work));
    runtimes.runReady();
  }

  @Test
  public void workIsDoneOnce() {
    submit("a");
    runtimes.advance(RETRY.multipliedBy(5));

    assertThat(done).containsExactly("a");
  }

  @Test
  public void workThatIsRefusedIsTriedUntilItIsDone() {
    refusals = 3;
    submit("a");
    submit("b");
    assertThat(done).isEmpty();

    runtimes.advance(RETRY.minusMillis(1));
    assertThat(done).isEmpty();
    runtimes.advance(Duration.ofMillis(1));
    assertThat(done).containsExactly("b");
    runtimes.advance(RETRY);
    assertThat(done).containsExactly("b", "a");
  }

  @Test
  public void nothingIsTriedAgainAfterTheEnd() {
    refusals = 1;
    submit("a");
    background.close();
    submit("b");
    runtimes.advance(RETRY.multipliedBy(5));

    assertThat(done).isEmpty();
    assertThat(background.isClosed()).isTrue();
  }
}
