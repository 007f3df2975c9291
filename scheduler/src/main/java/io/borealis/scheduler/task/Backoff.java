package io.borealis.scheduler.task;

import java.util.function.DoubleSupplier;

/**
 * Truncated binary backoff with a random part (task rules, section 6.1): between once and twice the
 * last time, never beyond the maximum.
 */
public record Backoff(long initialMs, long maxMs, DoubleSupplier random) {
  /** The time after {@code lastMs}, which is 0 at first. */
  public long nextMs(long lastMs) {
    long half = lastMs == 0 ? initialMs : lastMs;
    return Math.min(maxMs, half + Math.round(random.getAsDouble() * half));
  }
}
