package io.borealis.agent.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.runtime.VirtualRuntimes;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.Test;

public class HealthCheckerTest {
  private static final CheckResult OK = CheckResult.healthy();
  private static final CheckResult BAD = CheckResult.unhealthy("bad");

  private final VirtualRuntimes time = new VirtualRuntimes();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final HealthMetrics metrics = new HealthMetrics(meters);
  private final Deque<CompletableFuture<CheckResult>> begun = new ArrayDeque<>();
  private final List<String> told = new ArrayList<>();
  private boolean snooze;

  private HealthChecker checker(HealthPolicy policy, HealthCheck check) {
    return new HealthChecker(
        time.newLoop("task"),
        time.clock(),
        policy,
        check,
        () -> snooze,
        metrics,
        new HealthChecker.Listener() {
          @Override
          public void healthy(String message) {
            told.add(message);
          }

          @Override
          public void unhealthy(String message) {
            told.add(message);
          }
        });
  }

  private CompletableFuture<CheckResult> begin() {
    CompletableFuture<CheckResult> one = new CompletableFuture<>();
    begun.add(one);
    return one;
  }

  private void answer(CheckResult result) {
    begun.remove().complete(result);
    time.runReady();
  }

  private static HealthPolicy policy(int failures, int successes) {
    return HealthPolicy.of(10, Optional.of(15.0), failures, successes);
  }

  @Test
  public void theFirstAttemptIsMadeAtOnceAndTheNextAnIntervalAfterItsEnd() {
    HealthChecker checker = checker(policy(0, 1), this::begin);
    checker.start(false);
    assertThat(begun).hasSize(1);
    time.advance(Duration.ofSeconds(3));
    answer(OK);
    assertThat(told).containsExactly("Task is healthy.");
    time.advance(Duration.ofMillis(9_999));
    assertThat(begun).isEmpty();
    time.advance(Duration.ofMillis(1));
    assertThat(begun).hasSize(1);
    assertThat(meters.counter("health_checker_checks").count()).isEqualTo(1);
    assertThat(meters.counter("health_checker_total_latency_secs").count()).isEqualTo(3);
  }

  @Test
  public void withTheDefaultsTheThirdFailureFailsTheTaskAfterTwentySeconds() {
    HealthChecker checker = checker(policy(0, 1), () -> CompletableFuture.completedStage(BAD));
    checker.start(false);
    time.advance(Duration.ofMillis(19_999));
    assertThat(told).isEmpty();
    time.advance(Duration.ofMillis(1));
    assertThat(told).containsExactly("Failed health check! bad");
    time.advance(Duration.ofMinutes(1));
    assertThat(told).hasSize(1);
    assertThat(meters.counter("health_checker_checks").count()).isEqualTo(3);
    assertThat(time.pending()).isEmpty();
  }

  @Test
  public void aTaskThatFlapsRunsOutOfAttemptsWithoutAnotherCheck() {
    HealthChecker checker = checker(policy(3, 2), this::begin);
    checker.start(false);
    for (int i = 0; i < 8; i++) {
      answer(i % 2 == 0 ? OK : BAD);
      time.advance(Duration.ofSeconds(10));
    }
    assertThat(told)
        .containsExactly("Failed health check! Not enough successful health checks in time.");
    assertThat(begun).isEmpty();
  }

  @Test
  public void aTaskThatWasHealthyBeforeARestartOfTheAgentKeepsItsFailuresButIsForgivenNone() {
    HealthChecker checker = checker(policy(2, 3), this::begin);
    checker.start(true);
    answer(BAD);
    time.advance(Duration.ofSeconds(10));
    answer(BAD);
    assertThat(told).isEmpty();
    assertThat(meters.get("health_checker_consecutive_failures").gauge().value()).isEqualTo(2);
    time.advance(Duration.ofSeconds(10));
    answer(BAD);
    assertThat(told).containsExactly("Failed health check! bad");
    assertThat(meters.get("health_checker_consecutive_failures").gauge().value()).isZero();
  }

  @Test
  public void aTaskThatWasHealthyBeforeARestartNeverRunsOutOfAttempts() {
    HealthChecker checker = checker(policy(0, 3), () -> CompletableFuture.completedStage(OK));
    checker.start(true);
    time.advance(Duration.ofHours(1));
    assertThat(told).isEmpty();
    assertThat(meters.counter("health_checker_checks").count()).isEqualTo(361);
    checker.stop();
  }

  @Test
  public void aSnoozedTaskIsHealthyWithoutACheck() {
    snooze = true;
    HealthChecker checker = checker(policy(0, 1), this::begin);
    checker.start(false);
    assertThat(begun).isEmpty();
    assertThat(told).containsExactly("Task is healthy.");
    assertThat(meters.get("health_checker_snoozed").gauge().value()).isEqualTo(1);
    snooze = false;
    time.advance(Duration.ofSeconds(10));
    assertThat(begun).hasSize(1);
    assertThat(meters.get("health_checker_snoozed").gauge().value()).isZero();
  }

  @Test
  public void aCheckThatThrowsIsAFailedAttempt() {
    HealthPolicy strict = HealthPolicy.of(10, Optional.of(0.0), 0, 1);
    HealthChecker checker =
        checker(
            strict,
            () -> {
              throw new IllegalStateException("no way");
            });
    checker.start(false);
    time.runReady();
    assertThat(told).containsExactly("Failed health check! Internal health check error: no way");
  }

  @Test
  public void theResultOfACheckCountsNoMoreOnceTheCheckerIsStopped() {
    HealthChecker checker = checker(policy(0, 1), this::begin);
    checker.start(false);
    checker.stop();
    answer(OK);
    time.advance(Duration.ofMinutes(1));
    assertThat(told).isEmpty();
    assertThat(begun).isEmpty();
  }
}
