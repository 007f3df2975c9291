package io.borealis.agent.job;

import java.time.Duration;

/**
 * How the health of a task is found out. Immutable.
 *
 * @param initialInterval in which failures are forgiven; not negative
 * @param interval between two checks; above zero
 * @param timeout of one check; above zero
 * @param maxConsecutiveFailures more than this many in a row make the task unhealthy; not negative
 * @param minConsecutiveSuccesses this many in a row make the task run; not negative
 */
public record HealthCheckConfig(
    Checker checker,
    Duration initialInterval,
    Duration interval,
    Duration timeout,
    int maxConsecutiveFailures,
    int minConsecutiveSuccesses) {
  /** What one check does. */
  public sealed interface Checker {}

  /**
   * Asks over HTTP, if the task has a port named {@value #PORT}.
   *
   * @param expectedResponse the body that is healthy; empty means any
   * @param expectedResponseCode the status that is healthy; 0 means any
   */
  public record Http(String endpoint, String expectedResponse, int expectedResponseCode)
      implements Checker {
    /** The name of the port that is asked. */
    public static final String PORT = "health";
  }

  /**
   * Runs a command.
   *
   * @param command in which everything is filled in
   */
  public record Shell(String command) implements Checker {}
}
