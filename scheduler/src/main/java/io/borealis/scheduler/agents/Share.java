package io.borealis.scheduler.agents;

import com.google.common.collect.ImmutableList;
import io.borealis.api.AssignedTask;
import io.borealis.api.agent.AgentPorts;
import io.borealis.api.agent.AgentResources;
import io.borealis.scheduler.cluster.PortRange;
import io.borealis.scheduler.cluster.ResourceVector;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * A part of what an agent has, or all of it. Immutable.
 *
 * @param amounts its count of ports is the size of the ranges
 * @param ports by number
 */
record Share(ResourceVector amounts, ImmutableList<PortRange> ports) {
  static final Share NOTHING = new Share(ResourceVector.ZERO, ImmutableList.of());

  private static Share of(ResourceVector amounts, BitSet ports) {
    return new Share(
        new ResourceVector(
            amounts.milliCpus(),
            amounts.ramMb(),
            amounts.diskMb(),
            ports.cardinality(),
            amounts.gpus(),
            0),
        ranges(ports));
  }

  /** What an agent says it has, or a task takes. */
  static Share of(@Nullable AgentResources resources) {
    if (resources == null) {
      return NOTHING;
    }
    BitSet ports = new BitSet();
    for (AgentPorts range : resources.ports()) {
      ports.set(range.first(), range.last() + 1);
    }
    ResourceVector amounts =
        ResourceVector.of(resources.cpus(), resources.ramMb(), resources.diskMb(), 0);
    return of(
        new ResourceVector(
            amounts.milliCpus(), amounts.ramMb(), amounts.diskMb(), 0, resources.gpus(), 0),
        ports);
  }

  /** What a task takes that needs so much, with the ports that were assigned to it. */
  static Share of(ResourceVector need, AssignedTask task) {
    BitSet ports = new BitSet();
    task.assignedPorts().values().forEach(ports::set);
    return of(need, ports);
  }

  /** The same for an agent. */
  AgentResources toWire() {
    return AgentResources.builder()
        .cpus(amounts.cpus())
        .ramMb(amounts.ramMb())
        .diskMb(amounts.diskMb())
        .gpus(amounts.gpus())
        .ports(
            ports.stream()
                .map(range -> new AgentPorts(range.first(), range.last()))
                .collect(ImmutableList.toImmutableList()))
        .build();
  }

  /** What is left of this without the others; nothing is below zero. */
  Share without(Iterable<Share> others) {
    ResourceVector left = amounts;
    BitSet leftPorts = bits();
    for (Share other : others) {
      left = left.minus(other.amounts);
      for (PortRange range : other.ports) {
        leftPorts.clear(range.first(), range.last() + 1);
      }
    }
    return of(
        new ResourceVector(
            Math.max(0, left.milliCpus()),
            Math.max(0, left.ramMb()),
            Math.max(0, left.diskMb()),
            0,
            Math.max(0, left.gpus()),
            0),
        leftPorts);
  }

  /** Whether all of the other is in this. */
  boolean holds(Share other) {
    BitSet missing = other.bits();
    missing.andNot(bits());
    return missing.isEmpty() && other.amounts.fitsIn(amounts);
  }

  private BitSet bits() {
    BitSet bits = new BitSet();
    for (PortRange range : ports) {
      bits.set(range.first(), range.last() + 1);
    }
    return bits;
  }

  private static ImmutableList<PortRange> ranges(BitSet ports) {
    ImmutableList.Builder<PortRange> ranges = ImmutableList.builder();
    for (int first = ports.nextSetBit(0); first >= 0; ) {
      int end = ports.nextClearBit(first);
      ranges.add(new PortRange(first, end - 1));
      first = ports.nextSetBit(end);
    }
    return ranges.build();
  }
}
