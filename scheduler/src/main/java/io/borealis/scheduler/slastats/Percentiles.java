package io.borealis.scheduler.slastats;

import java.util.Arrays;
import java.util.Collection;

/** Percentiles the way SLA metrics mean them (scheduling rules, section 8.1). Pure. */
final class Percentiles {
  private Percentiles() {}

  /** The values in ascending order. */
  static double[] sorted(Collection<Long> values) {
    double[] sorted = values.stream().mapToDouble(Long::doubleValue).toArray();
    Arrays.sort(sorted);
    return sorted;
  }

  /**
   * So much that this percentage of the values is at least as large: between two values as far as
   * the percentage is between theirs.
   *
   * @param sorted the values in ascending order
   * @return 0 when there are none
   */
  static double of(double[] sorted, double percentage) {
    if (sorted.length == 0) {
      return 0;
    }
    double position = (100 - percentage) * (sorted.length - 1) / 100;
    int below = (int) position;
    double rest = position - below;
    return rest == 0 ? sorted[below] : sorted[below] + rest * (sorted[below + 1] - sorted[below]);
  }
}
