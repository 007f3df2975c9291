package io.borealis.scheduler.maintenance;

import io.borealis.scheduler.sla.SlaDenial;
import org.jspecify.annotations.Nullable;

/**
 * A task that may not leave a host yet. Times are in milliseconds since the epoch. Immutable.
 *
 * @param sinceMs since when this leader tries
 * @param attempts how often it has tried
 * @param nextAttemptMs when it tries again, unless tasks of the job let it do so sooner
 * @param forcedAtMs when the task goes whatever its policy says; null when nobody said
 * @param denial why the last attempt failed; null before its end
 */
public record DrainWait(
    String host,
    String taskId,
    long sinceMs,
    int attempts,
    long nextAttemptMs,
    @Nullable Long forcedAtMs,
    @Nullable SlaDenial denial) {
  /** Why, as part of a sentence. */
  public String reason() {
    return denial == null ? "its policy is being asked" : denial.text();
  }
}
