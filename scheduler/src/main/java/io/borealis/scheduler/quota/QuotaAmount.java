package io.borealis.scheduler.quota;

import com.google.common.collect.ImmutableSet;
import com.google.common.math.LongMath;
import io.borealis.api.Resource;
import io.borealis.api.ResourceAggregate;

/** The resources that quota counts. Sums and products stop at the ends of a long. Immutable. */
public record QuotaAmount(double cpus, long ramMb, long diskMb) {
  /** Nothing. */
  public static final QuotaAmount ZERO = new QuotaAmount(0, 0, 0);

  private static final double MILLIONTHS = 1e6;

  /** The sum of the resources of these kinds; others do not count. */
  public static QuotaAmount of(Iterable<Resource> resources) {
    double cpus = 0;
    long ramMb = 0;
    long diskMb = 0;
    for (Resource resource : resources) {
      if (resource instanceof Resource.NumCpus cpu) {
        cpus += cpu.value();
      } else if (resource instanceof Resource.RamMb ram) {
        ramMb = LongMath.saturatedAdd(ramMb, ram.value());
      } else if (resource instanceof Resource.DiskMb disk) {
        diskMb = LongMath.saturatedAdd(diskMb, disk.value());
      }
    }
    return new QuotaAmount(cpus, ramMb, diskMb);
  }

  /** The sum. */
  public QuotaAmount plus(QuotaAmount other) {
    return new QuotaAmount(
        cpus + other.cpus,
        LongMath.saturatedAdd(ramMb, other.ramMb),
        LongMath.saturatedAdd(diskMb, other.diskMb));
  }

  /** The difference, which may be negative in any resource. */
  public QuotaAmount minus(QuotaAmount other) {
    return new QuotaAmount(
        cpus - other.cpus,
        LongMath.saturatedSubtract(ramMb, other.ramMb),
        LongMath.saturatedSubtract(diskMb, other.diskMb));
  }

  /** So many times the amount. */
  public QuotaAmount times(long count) {
    return new QuotaAmount(
        cpus * count,
        LongMath.saturatedMultiply(ramMb, count),
        LongMath.saturatedMultiply(diskMb, count));
  }

  /** The larger of the two in each resource. */
  public QuotaAmount max(QuotaAmount other) {
    return new QuotaAmount(
        Math.max(cpus, other.cpus), Math.max(ramMb, other.ramMb), Math.max(diskMb, other.diskMb));
  }

  /** As clients see it: one value of each kind, CPUs in millionths. */
  public ResourceAggregate aggregate() {
    return new QuotaAmount(readable(cpus), ramMb, diskMb).exactly();
  }

  /** One value of each kind. */
  public ResourceAggregate exactly() {
    return new ResourceAggregate(
        ImmutableSet.of(
            new Resource.NumCpus(cpus), new Resource.RamMb(ramMb), new Resource.DiskMb(diskMb)));
  }

  /** Without the digits that are left over from adding decimal fractions. */
  private static double readable(double cpus) {
    double scaled = cpus * MILLIONTHS;
    return Math.abs(scaled) < Long.MAX_VALUE / MILLIONTHS ? Math.round(scaled) / MILLIONTHS : cpus;
  }
}
