package io.borealis.agent.health;

import java.util.Optional;

/**
 * What is known of a task's health after so many attempts, and the rule by which the next attempt
 * changes it. Immutable, and pure.
 *
 * @param attempts made so far; once they exceed what the policy allows they are no longer counted
 * @param failures in a row, without those that were forgiven
 * @param successes in a row
 * @param running whether the task was healthy once, which it stays until it fails
 * @param failure why it failed, if it did
 */
public record HealthState(
    int attempts, int failures, int successes, boolean running, Optional<String> failure) {
  /** What a task is, as far as its health goes. */
  public enum Verdict {
    STARTING,
    HEALTHY,
    FAILED
  }

  /** Before the first attempt. */
  public static HealthState starting() {
    return new HealthState(0, 0, 0, false, Optional.empty());
  }

  /**
   * Of a task that was healthy before the agent was started again: it is healthy until it fails by
   * the rule, and failures are not forgiven a second time.
   */
  public static HealthState resumed(HealthPolicy policy) {
    return new HealthState(policy.attemptsToRunning() + 1, 0, 0, true, Optional.empty());
  }

  /** Whether there is to be another attempt; if not, {@link #outOfAttempts} is what follows. */
  public boolean mayAttempt(HealthPolicy policy) {
    return running || attempts <= policy.attemptsToRunning();
  }

  /** The task had enough attempts to become healthy, and did not. */
  public HealthState outOfAttempts() {
    return failed(failures, successes, attempts, "Not enough successful health checks in time.");
  }

  /** After one more attempt. */
  public HealthState after(HealthPolicy policy, CheckResult result) {
    int limit = policy.attemptsToRunning();
    int made = attempts <= limit ? attempts + 1 : attempts;
    if (!(result instanceof CheckResult.Unhealthy unhealthy)) {
      boolean enough = successes + 1 >= policy.minConsecutiveSuccesses();
      return new HealthState(made, 0, successes + 1, running || enough, failure);
    }
    if (made <= policy.forgiven()) {
      return new HealthState(made, failures, 0, running, failure);
    }
    int left = limit - made;
    boolean hopeless = !running && left > 1 && left < policy.minConsecutiveSuccesses();
    boolean tooMany = failures + 1 > policy.maxConsecutiveFailures();
    return hopeless || tooMany
        ? failed(failures + 1, 0, made, unhealthy.reason())
        : new HealthState(made, failures + 1, 0, running, failure);
  }

  private HealthState failed(int failuresNow, int successesNow, int attemptsNow, String reason) {
    return new HealthState(attemptsNow, failuresNow, successesNow, running, Optional.of(reason));
  }

  /** What the task is now. */
  public Verdict verdict() {
    if (failure.isPresent()) {
      return Verdict.FAILED;
    }
    return running ? Verdict.HEALTHY : Verdict.STARTING;
  }

  /** What is told about the verdict; nothing about a task that is only starting. */
  public Optional<String> message() {
    return switch (verdict()) {
      case STARTING -> Optional.empty();
      case HEALTHY -> Optional.of("Task is healthy.");
      case FAILED -> failure.map(reason -> "Failed health check! " + reason);
    };
  }
}
