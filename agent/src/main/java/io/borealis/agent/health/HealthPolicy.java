package io.borealis.agent.health;

import java.time.Duration;
import java.util.Optional;

/**
 * How many failures a task may have, and when. Immutable.
 *
 * @param interval between the end of one attempt and the begin of the next; above 0
 * @param initialInterval for which failures are forgiven
 * @param maxConsecutiveFailures how many failures in a row a task survives
 * @param minConsecutiveSuccesses how many successes in a row make it healthy
 */
public record HealthPolicy(
    Duration interval,
    Duration initialInterval,
    int maxConsecutiveFailures,
    int minConsecutiveSuccesses) {
  /** Nothing waits longer than this, whatever a job says. */
  private static final double LONGEST_SECONDS = 1e9;

  /**
   * The policy of a job.
   *
   * @param initialIntervalSeconds twice the interval if absent
   */
  public static HealthPolicy of(
      double intervalSeconds,
      Optional<Double> initialIntervalSeconds,
      int maxConsecutiveFailures,
      int minConsecutiveSuccesses) {
    // An interval of nothing would be a busy loop.
    Duration interval = seconds(intervalSeconds > 0.001 ? intervalSeconds : 0.001);
    return new HealthPolicy(
        interval,
        initialIntervalSeconds.map(HealthPolicy::seconds).orElseGet(() -> interval.multipliedBy(2)),
        maxConsecutiveFailures,
        minConsecutiveSuccesses);
  }

  /** A time given in seconds; nothing below 0, and nothing beyond what timers can measure. */
  public static Duration seconds(double seconds) {
    double bounded = Math.min(LONGEST_SECONDS, Math.max(0, seconds));
    return Duration.ofNanos(Math.round(bounded * 1e9));
  }

  /** For so many attempts from the first a failure does not count. */
  public int forgiven() {
    long whole = initialInterval.toNanos() / interval.toNanos();
    boolean more = initialInterval.toNanos() % interval.toNanos() != 0;
    return (int) Math.min(Integer.MAX_VALUE / 4, whole + (more ? 1 : 0));
  }

  /** So many attempts a task has to become healthy. */
  public int attemptsToRunning() {
    long attempts = (long) forgiven() + maxConsecutiveFailures + minConsecutiveSuccesses;
    return (int) Math.min(Integer.MAX_VALUE - 1, attempts);
  }
}
