package io.borealis.scheduler.journal;

import static com.google.common.base.Preconditions.checkArgument;

import java.time.Duration;

/**
 * Sizes and times of a journal. Immutable.
 *
 * @param window appends in flight
 * @param maxEntries entries that may exist before appends are refused
 * @param maxNodeBytes size of an entry or of a chunk of a snapshot
 * @param truncationBatch entries deleted at a time
 * @param settleTimeout how long a write in doubt may stay so once leadership is lost
 */
public record JournalLimits(
    int window, int maxEntries, int maxNodeBytes, int truncationBatch, Duration settleTimeout) {
  /** What production uses. */
  public static final JournalLimits DEFAULT =
      new JournalLimits(16, 50_000, 512 * 1024, 100, Duration.ofSeconds(30));

  public JournalLimits {
    checkArgument(window > 0, "window: %s", window);
    checkArgument(maxEntries > 0, "maxEntries: %s", maxEntries);
    // A node of more than a mebibyte can be written but never read back.
    checkArgument(maxNodeBytes >= 128 && maxNodeBytes <= 512 * 1024, "bytes: %s", maxNodeBytes);
    checkArgument(truncationBatch > 0 && truncationBatch <= 1000, "batch: %s", truncationBatch);
  }
}
