package io.borealis.scheduler.cluster;

import com.google.common.math.LongMath;
import io.borealis.api.Resource;
import io.borealis.api.TaskConfig;

/**
 * Amounts of each kind of resource. CPU counts in thousandths, so that sums and comparisons are
 * exact. Immutable.
 */
public record ResourceVector(
    long milliCpus, long ramMb, long diskMb, long ports, long gpus, long ipAddrs) {
  /** Nothing at all. */
  public static final ResourceVector ZERO = new ResourceVector(0, 0, 0, 0, 0, 0);

  /** An amount without GPUs and addresses. */
  public static ResourceVector of(double cpus, long ramMb, long diskMb, long ports) {
    return new ResourceVector(milli(cpus), ramMb, diskMb, ports, 0, 0);
  }

  /** What one task of the configuration asks for. */
  public static ResourceVector of(TaskConfig config) {
    return of(config.resources());
  }

  /** The sum of the resources; kinds that this release does not know are ignored. */
  public static ResourceVector of(Iterable<Resource> resources) {
    long milliCpus = 0;
    long ramMb = 0;
    long diskMb = 0;
    long ports = 0;
    long gpus = 0;
    long ipAddrs = 0;
    for (Resource resource : resources) {
      if (resource instanceof Resource.NumCpus cpus) {
        milliCpus = LongMath.saturatedAdd(milliCpus, milli(cpus.value()));
      } else if (resource instanceof Resource.RamMb ram) {
        ramMb = LongMath.saturatedAdd(ramMb, ram.value());
      } else if (resource instanceof Resource.DiskMb disk) {
        diskMb = LongMath.saturatedAdd(diskMb, disk.value());
      } else if (resource instanceof Resource.NamedPort) {
        ports++;
      } else if (resource instanceof Resource.NumGpus gpu) {
        gpus = LongMath.saturatedAdd(gpus, gpu.value());
      } else if (resource instanceof Resource.IpAddr address) {
        ipAddrs = LongMath.saturatedAdd(ipAddrs, address.value());
      }
    }
    return new ResourceVector(milliCpus, ramMb, diskMb, ports, gpus, ipAddrs);
  }

  private static long milli(double cpus) {
    return Math.round(cpus * 1000);
  }

  /** CPUs as the API counts them. */
  public double cpus() {
    return milliCpus / 1000.0;
  }

  /** The sum, at most what a long holds. */
  public ResourceVector plus(ResourceVector other) {
    return new ResourceVector(
        LongMath.saturatedAdd(milliCpus, other.milliCpus),
        LongMath.saturatedAdd(ramMb, other.ramMb),
        LongMath.saturatedAdd(diskMb, other.diskMb),
        LongMath.saturatedAdd(ports, other.ports),
        LongMath.saturatedAdd(gpus, other.gpus),
        LongMath.saturatedAdd(ipAddrs, other.ipAddrs));
  }

  /** The difference, which may be negative in any kind. */
  public ResourceVector minus(ResourceVector other) {
    return new ResourceVector(
        LongMath.saturatedSubtract(milliCpus, other.milliCpus),
        LongMath.saturatedSubtract(ramMb, other.ramMb),
        LongMath.saturatedSubtract(diskMb, other.diskMb),
        LongMath.saturatedSubtract(ports, other.ports),
        LongMath.saturatedSubtract(gpus, other.gpus),
        LongMath.saturatedSubtract(ipAddrs, other.ipAddrs));
  }

  /** Whether this much is available in the other, in every kind. */
  public boolean fitsIn(ResourceVector available) {
    return milliCpus <= available.milliCpus
        && ramMb <= available.ramMb
        && diskMb <= available.diskMb
        && ports <= available.ports
        && gpus <= available.gpus
        && ipAddrs <= available.ipAddrs;
  }
}
