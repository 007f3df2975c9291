package io.borealis.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.ExecutorConfig;
import io.borealis.api.JobKey;
import io.borealis.api.Resource;
import io.borealis.api.TaskConfig;
import org.jspecify.annotations.Nullable;

/**
 * A job whose tasks are one process that runs one command line. Immutable.
 *
 * @param job its name
 * @param process the name of the process
 * @param failures how often the process may fail
 * @param rotateBytes how long its logs get before they are rotated; null when they are not
 */
record OneCommand(
    String job,
    String cmdline,
    String process,
    boolean service,
    long ramMb,
    long diskMb,
    int failures,
    @Nullable Long rotateBytes) {
  private static final double CPUS = 0.05;
  private static final long MB = 1 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A service of little need. */
  static OneCommand of(String job, String cmdline) {
    return new OneCommand(job, cmdline, "main", true, 32, 64, 1, null);
  }

  /** One that is over when its command is. */
  OneCommand once() {
    return new OneCommand(job, cmdline, process, false, ramMb, diskMb, failures, rotateBytes);
  }

  OneCommand named(String name) {
    return new OneCommand(job, cmdline, name, service, ramMb, diskMb, failures, rotateBytes);
  }

  OneCommand with(long ram, long disk) {
    return new OneCommand(job, cmdline, process, service, ram, disk, failures, rotateBytes);
  }

  OneCommand rotating(long bytes) {
    return new OneCommand(job, cmdline, process, service, ramMb, diskMb, failures, bytes);
  }

  /** Whose process may fail so often. */
  OneCommand failing(int times) {
    return new OneCommand(job, cmdline, process, service, ramMb, diskMb, times, rotateBytes);
  }

  OneCommand running(String other) {
    return new OneCommand(job, other, process, service, ramMb, diskMb, failures, rotateBytes);
  }

  JobKey key() {
    return Jobs.key(job);
  }

  TaskConfig task() {
    return Jobs.task(job, "").toBuilder()
        .isService(service)
        .executorConfig(new ExecutorConfig("AuroraExecutor", data()))
        .resources(
            ImmutableSet.of(
                new Resource.NumCpus(CPUS), new Resource.RamMb(ramMb), new Resource.DiskMb(diskMb)))
        .build();
  }

  private String data() {
    ObjectNode data =
        JSON.createObjectNode()
            .put("role", Jobs.ROLE)
            .put("environment", "prod")
            .put("name", job)
            .put("cluster", "local")
            .put("service", service);
    ObjectNode task =
        data.putObject("task").put("name", job).put("finalization_wait", 3).put("max_failures", 1);
    task.putObject("resources").put("cpu", CPUS).put("ram", ramMb * MB).put("disk", diskMb * MB);
    task.putArray("constraints");
    ObjectNode only =
        task.putArray("processes")
            .addObject()
            .put("name", process)
            .put("cmdline", cmdline)
            .put("max_failures", failures)
            .put("min_duration", 1);
    if (rotateBytes != null) {
      only.putObject("logger")
          .put("destination", "file")
          .put("mode", "rotate")
          .putObject("rotate")
          .put("log_size", rotateBytes)
          .put("backups", 2);
    }
    return data.toString();
  }
}
