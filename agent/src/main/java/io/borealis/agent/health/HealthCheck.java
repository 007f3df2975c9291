package io.borealis.agent.health;

import java.util.concurrent.CompletionStage;

/** One way to find out whether a task is healthy. Called on the loop of the task. */
@FunctionalInterface
public interface HealthCheck {
  /**
   * Begins one attempt and returns at once. The result comes on any thread, and soon after the
   * timeout of the check at the latest; a stage that fails counts as a failed attempt.
   */
  CompletionStage<CheckResult> check();
}
