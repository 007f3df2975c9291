package io.borealis.scheduler.slastats;

import com.google.common.collect.ImmutableList;
import io.borealis.api.Resource;
import io.borealis.api.TaskConfig;

/** Tells tasks apart by how much they need of a resource (scheduling rules, section 8). Pure. */
final class Sizes {
  private static final ImmutableList<String> NAMES =
      ImmutableList.of("small", "medium", "large", "xlarge", "xxlarge");
  private static final double[] CPUS = {1, 4, 8, 16};
  private static final double[] RAM_MB = {1024, 8192, 16384, 32768};
  private static final double[] DISK_MB = {4096, 16384, 32768, 65536};

  private Sizes() {}

  /** The beginnings of the names of metrics that count the task, one for each resource. */
  static ImmutableList<String> prefixes(TaskConfig config) {
    double cpus = 0;
    double ramMb = 0;
    double diskMb = 0;
    for (Resource resource : config.resources()) {
      if (resource instanceof Resource.NumCpus cpu) {
        cpus += cpu.value();
      } else if (resource instanceof Resource.RamMb ram) {
        ramMb += ram.value();
      } else if (resource instanceof Resource.DiskMb disk) {
        diskMb += disk.value();
      }
    }
    return ImmutableList.of(
        "sla_cpu_" + of(cpus, CPUS) + "_",
        "sla_ram_" + of(ramMb, RAM_MB) + "_",
        "sla_disk_" + of(diskMb, DISK_MB) + "_");
  }

  private static String of(double amount, double[] limits) {
    int size = 0;
    while (size < limits.length && amount > limits[size]) {
      size++;
    }
    return NAMES.get(size);
  }
}
