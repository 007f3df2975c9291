package io.borealis.scheduler.cluster;

/** Ports from the first to the last, both included. Immutable. */
public record PortRange(int first, int last) {
  /** Rejects a range without ports. */
  public PortRange {
    if (first < 0 || last < first) {
      throw new IllegalArgumentException("No port is in " + first + "-" + last);
    }
  }

  /** How many ports it has. */
  public int size() {
    return last - first + 1;
  }
}
