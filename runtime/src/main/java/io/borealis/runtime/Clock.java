package io.borealis.runtime;

/** The two clocks of a process. Thread-safe. */
public interface Clock {
  /** Wall clock in milliseconds since the epoch; may step in either direction. */
  long wallMillis();

  /** Monotonic clock in nanoseconds from an arbitrary origin; compare only by subtraction. */
  long nanoTime();
}
