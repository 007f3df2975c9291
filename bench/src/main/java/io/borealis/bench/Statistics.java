package io.borealis.bench;

import java.util.Collection;

/** Medians and the like. Pure functions. */
final class Statistics {
  private Statistics() {}

  static double median(Collection<? extends Number> values) {
    return quantile(values, 0.5);
  }

  /** The value below which this part of the values is; the quantile 1 is the largest. */
  static double quantile(Collection<? extends Number> values, double part) {
    double[] sorted = values.stream().mapToDouble(Number::doubleValue).sorted().toArray();
    if (sorted.length == 0) {
      throw new IllegalArgumentException("nothing was measured");
    }
    return sorted[(int) Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
  }
}
