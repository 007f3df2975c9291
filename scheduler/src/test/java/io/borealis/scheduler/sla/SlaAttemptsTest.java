package io.borealis.scheduler.sla;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.ScheduleStatus;
import io.borealis.scheduler.sla.SlaAttempts.Attempt;
import io.borealis.scheduler.store.BackgroundWrites;
import io.borealis.scheduler.store.Fixtures;
import io.borealis.scheduler.store.TestStore;
import io.borealis.scheduler.store.WriteTransaction;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.Test;

public class SlaAttemptsTest {
  private final MeterRegistry meters = new SimpleMeterRegistry();
  private final TestStore store = TestStore.create();
  private final List<String> ended = new ArrayList<>();
  private boolean isBroken = true;

  private final SlaAttempts<String> attempts =
      new SlaAttempts<>(
          new Sla(
              SlaSettings.DEFAULT,
              config -> true,
              new Coordinators(
                  (uri, body) -> new CompletableFuture<>(),
                  store.loop(),
                  "west",
                  SlaSettings.DEFAULT,
                  meters),
              () -> 0.5),
          new Played(),
          new BackgroundWrites(store.writer(), store.loop(), store.clock(), Duration.ofSeconds(2)),
          store.loop(),
          store.clock());

  @Test
  public void aTaskThatCannotBeCheckedLeavesNoTraceAndDoesNotHoldUpTheOthers() {
    Attempt<String> bad = attempts.begin("bad");
    attempts.begin("good");
    store.runtimes().advance(Duration.ofSeconds(10));

    assertThat(ended).containsExactly("good");
    assertThat(store.state().tasks().get("bad")).isNull();
    assertThat(bad.denial())
        .isEqualTo(new SlaDenial.Failed("nobody knows"))
        .extracting(SlaDenial::text)
        .isEqualTo("its policy could not be checked: nobody knows");

    isBroken = false;
    store.runtimes().advance(Duration.ofMinutes(1));
    assertThat(ended).containsExactly("good", "bad");
  }

  private final class Played implements SlaAttempts.Rules<String> {
    @Override
    public SlaOutcome ifAllowed(WriteTransaction tx, SlaCheck check, String victim) {
      tx.save(
          Fixtures.task(
              victim, Fixtures.config(Fixtures.JOB), victim.length(), ScheduleStatus.PENDING));
      if (isBroken && victim.equals("bad")) {
        throw new IllegalStateException("nobody knows");
      }
      return new SlaOutcome.Ended();
    }

    @Override
    public SlaOutcome now(WriteTransaction tx, String victim) {
      return new SlaOutcome.Ended();
    }

    @Override
    public long delayMs(String victim, long lastMs) {
      return 60_000;
    }

    @Override
    public void onDenied(Attempt<String> attempt) {}

    @Override
    public void onSooner(Attempt<String> attempt) {}

    @Override
    public void onEnded(Attempt<String> attempt) {
      ended.add(attempt.victim());
    }

    @Override
    public boolean asksNext() {
      return true;
    }

    @Override
    public String name(String victim) {
      return victim;
    }
  }
}
