package io.borealis.scheduler.rpc;

import com.google.common.math.LongMath;
import io.borealis.api.Resource;

/** The resources that quota counts. Sums and products stop at the ends of a long. Immutable. */
record QuotaAmount(double cpus, long ramMb, long diskMb) {
  static final QuotaAmount ZERO = new QuotaAmount(0, 0, 0);

  static QuotaAmount of(Iterable<Resource> resources) {
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

  QuotaAmount plus(QuotaAmount other) {
    return new QuotaAmount(
        cpus + other.cpus,
        LongMath.saturatedAdd(ramMb, other.ramMb),
        LongMath.saturatedAdd(diskMb, other.diskMb));
  }

  QuotaAmount times(long count) {
    return new QuotaAmount(
        cpus * count,
        LongMath.saturatedMultiply(ramMb, count),
        LongMath.saturatedMultiply(diskMb, count));
  }

  /** The larger of the two in each resource. */
  QuotaAmount max(QuotaAmount other) {
    return new QuotaAmount(
        Math.max(cpus, other.cpus), Math.max(ramMb, other.ramMb), Math.max(diskMb, other.diskMb));
  }
}
