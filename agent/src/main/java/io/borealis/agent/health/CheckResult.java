package io.borealis.agent.health;

/** What one attempt found. Immutable. */
public sealed interface CheckResult {
  /** The task answered as it should. */
  enum Healthy implements CheckResult {
    HEALTHY
  }

  /**
   * It did not.
   *
   * @param reason for people
   */
  record Unhealthy(String reason) implements CheckResult {}

  /** A success. */
  static CheckResult healthy() {
    return Healthy.HEALTHY;
  }

  /** A failure. */
  static CheckResult unhealthy(String reason) {
    return new Unhealthy(reason);
  }
}
