package io.borealis.scheduler.http;

import com.sun.management.UnixOperatingSystemMXBean;
import io.micrometer.core.instrument.MeterRegistry;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.ThreadMXBean;

/** Gauges of the JVM and its machine, read when somebody looks. Stateless. */
final class JvmReadings {
  private static final long MB = 1024 * 1024;

  private JvmReadings() {}

  /** Registers the gauges. */
  static void register(MeterRegistry registry) {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    var system = ManagementFactory.getOperatingSystemMXBean();
    Readings.gauge(
        registry, "jvm_memory_heap_mb_used", () -> memory.getHeapMemoryUsage().getUsed() / MB);
    Readings.gauge(
        registry, "jvm_memory_heap_mb_max", () -> memory.getHeapMemoryUsage().getMax() / MB);
    Readings.gauge(registry, "jvm_threads_active", threads::getThreadCount);
    Readings.gauge(registry, "jvm_available_processors", system::getAvailableProcessors);
    Readings.gauge(registry, "system_load_avg", system::getSystemLoadAverage);
    if (system instanceof UnixOperatingSystemMXBean unix) {
      Readings.gauge(
          registry,
          "process_cpu_cores_utilized",
          // Before it is known it is negative.
          () -> Math.max(0, unix.getProcessCpuLoad()) * unix.getAvailableProcessors());
      Readings.gauge(
          registry, "system_free_physical_memory_mb", () -> unix.getFreeMemorySize() / MB);
      Readings.gauge(registry, "system_free_swap_mb", () -> unix.getFreeSwapSpaceSize() / MB);
      Readings.gauge(registry, "process_open_fd_count", unix::getOpenFileDescriptorCount);
      Readings.gauge(registry, "process_max_fd_count", unix::getMaxFileDescriptorCount);
    }
  }
}
