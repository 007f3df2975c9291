package io.borealis.scheduler.update;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.JobUpdateKey;
import io.borealis.runtime.VirtualRuntimes;
import io.borealis.scheduler.store.Fixtures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.Test;

/** Instances are looked at again when their time has come, and not for each other's sake. */
public class UpdateTimersTest {
  private static final JobUpdateKey ONE = new JobUpdateKey(Fixtures.JOB, "one");
  private static final JobUpdateKey TWO = new JobUpdateKey(Fixtures.JOB, "two");
  private static final long NOW = 50_000;

  private final VirtualRuntimes runtimes = new VirtualRuntimes();
  private final List<String> due = new ArrayList<>();
  private final UpdateTimers timers =
      new UpdateTimers(
          runtimes.newLoop("writer"),
          runtimes.clock(),
          (key, instances, nowMs) -> due.add(key.id() + " " + instances + " " + (nowMs - NOW)));

  private void watch(JobUpdateKey key, int instance, long ms) {
    timers.watch(key, instance, NOW, NOW + ms);
  }

  private void advance(long ms) {
    runtimes.advance(Duration.ofMillis(ms));
  }

  @Test
  public void eachInstanceIsHandedOutAtItsTimeAndTogetherWithOthersOfThatTime() {
    watch(ONE, 1, 30);
    watch(ONE, 2, 10);
    watch(ONE, 3, 30);
    watch(TWO, 1, 20);
    assertThat(runtimes.pending()).hasSize(2);

    advance(9);
    assertThat(due).isEmpty();
    advance(1);
    assertThat(due).containsExactly("one [2] 10");
    advance(100);
    assertThat(due).containsExactly("one [2] 10", "two [1] 20", "one [1, 3] 30");
    assertThat(runtimes.pending()).isEmpty();
  }

  @Test
  public void theLastWaitOfAnInstanceCounts() {
    watch(ONE, 1, 10);
    watch(ONE, 1, 30);
    watch(ONE, 2, 30);
    watch(ONE, 2, 10);

    advance(10);
    assertThat(due).containsExactly("one [2] 10");
    advance(20);
    assertThat(due).containsExactly("one [2] 10", "one [1] 30");
    advance(100);
    assertThat(due).hasSize(2);
  }

  @Test
  public void aTimeThatIsOverIsHandedOutAtOnce() {
    watch(ONE, 1, -5);
    advance(0);

    assertThat(due).containsExactly("one [1] -5");
  }

  @Test
  public void whatIsForgottenIsNotHandedOut() {
    watch(ONE, 1, 10);
    watch(TWO, 1, 10);
    timers.forget(ONE);
    advance(100);
    assertThat(due).containsExactly("two [1] 10");

    watch(ONE, 1, 10);
    watch(TWO, 1, 10);
    timers.close();
    advance(100);
    assertThat(due).hasSize(1);
    assertThat(runtimes.pending()).isEmpty();
  }

  @Test
  public void anInstanceMayBeWatchedAgainWhenItIsHandedOut() {
    List<Integer> rounds = new ArrayList<>();
    UpdateTimers[] again = new UpdateTimers[1];
    again[0] =
        new UpdateTimers(
            runtimes.newLoop("writer"),
            runtimes.clock(),
            (key, instances, nowMs) -> {
              rounds.add(rounds.size());
              if (rounds.size() < 3) {
                again[0].watch(key, 1, NOW, NOW + 10);
              }
            });
    again[0].watch(ONE, 1, NOW, NOW + 10);
    advance(100);

    assertThat(rounds).hasSize(3);
  }
}
