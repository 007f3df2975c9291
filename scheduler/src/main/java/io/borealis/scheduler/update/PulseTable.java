package io.borealis.scheduler.update;

import io.borealis.api.JobUpdateKey;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * When each coordinated update was last pulsed, on the monotonic clock. Volatile: what a failover
 * needs is kept coarsely in State. Thread-safe.
 */
final class PulseTable {
  private final Map<JobUpdateKey, Long> pulses = new ConcurrentHashMap<>();

  /** Notes a pulse; an earlier one than is known changes nothing. */
  void pulsed(JobUpdateKey key, long nanos) {
    pulses.merge(key, nanos, (old, now) -> now - old > 0 ? now : old);
  }

  /** Whether no pulse came within the time up to now. */
  boolean expired(JobUpdateKey key, long timeoutNanos, long nowNanos) {
    @Nullable Long last = pulses.get(key);
    return last == null || nowNanos - last >= timeoutNanos;
  }

  /** How long until it expires; 0 if it has. */
  long remainingNanos(JobUpdateKey key, long timeoutNanos, long nowNanos) {
    @Nullable Long last = pulses.get(key);
    return last == null ? 0 : Math.max(0, last + timeoutNanos - nowNanos);
  }

  /** How long ago the last pulse came; 0 when none is known. */
  long ageNanos(JobUpdateKey key, long nowNanos) {
    @Nullable Long last = pulses.get(key);
    return last == null ? 0 : Math.max(0, nowNanos - last);
  }

  void forget(JobUpdateKey key) {
    pulses.remove(key);
  }
}
