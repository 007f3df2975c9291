package io.borealis.agent;

import com.google.common.collect.ImmutableList;
import com.sun.management.OperatingSystemMXBean;
import io.borealis.api.agent.AgentPorts;
import io.borealis.api.agent.AgentResources;
import io.borealis.config.AgentSettings;
import io.borealis.config.AgentSettings.PortRange;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a machine has. Immutable.
 *
 * @param memoryMb in all
 * @param diskMb free for the work directory
 */
record MachineResources(int processors, long memoryMb, long diskMb) {
  private static final int MEBI = 20;
  private static final long SPARED_MEMORY_MB = 1 << 10;
  private static final long SPARED_DISK_MB = 5 << 10;
  private static final ImmutableList<PortRange> PORTS =
      ImmutableList.of(new PortRange(31_000, 32_000));

  /** Looks at this machine. */
  static MachineResources of(Path workDir) throws IOException {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return new MachineResources(
        Runtime.getRuntime().availableProcessors(),
        system.getTotalMemorySize() >> MEBI,
        Files.getFileStore(workDir).getUsableSpace() >> MEBI);
  }

  /** What tasks are offered: what the operator says, else what there is but for a reserve. */
  AgentResources offered(AgentSettings.Resources given) {
    return AgentResources.builder()
        .cpus(given.cpus().orElse(processors))
        .ramMb(given.memMb().orElse(spare(memoryMb, SPARED_MEMORY_MB)))
        .diskMb(given.diskMb().orElse(spare(diskMb, SPARED_DISK_MB)))
        .ports(
            given.ports().orElse(PORTS).stream()
                .map(range -> new AgentPorts(range.first(), range.last()))
                .collect(ImmutableList.toImmutableList()))
        .gpus(given.gpus().orElse(0))
        .build();
  }

  /** The machine needs a reserve, but a small one is not to be left with nothing. */
  private static long spare(long all, long reserve) {
    return all < 2 * reserve ? all / 2 : all - reserve;
  }
}
