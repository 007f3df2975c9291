package io.borealis.scheduler.cluster;

import com.google.common.collect.ImmutableList;
import io.borealis.api.Attribute;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;

/** One agent of a simulated cluster: what is free and what is on offer. Confined to the loop. */
final class SimulatedAgent {
  final String id;
  final String host;
  final ImmutableList<Attribute> attributes;
  final Map<String, Offer> offers = new LinkedHashMap<>();
  private final Capacity total;
  private Capacity free;
  private final BitSet freePorts = new BitSet();
  boolean lost;

  /** Out of reach: its tasks go on, but nobody hears of them. */
  boolean away;

  boolean offerScheduled;

  /** Monotonic time until which nothing is offered, when {@link #refused} is set. */
  long refusedUntilNanos;

  boolean refused;

  SimulatedAgent(SimulatedClusterSettings settings, int number) {
    this.id = SimulatedClusterSettings.agentId(number);
    this.host = SimulatedClusterSettings.host(number);
    this.attributes = settings.attributes(number);
    this.total = settings.capacity();
    this.free = total;
    reset();
  }

  /** Nothing is used, nothing is on offer. */
  void reset() {
    offers.clear();
    free = total;
    freePorts.set(
        SimulatedClusterSettings.PORTS.first(), SimulatedClusterSettings.PORTS.last() + 1);
    refused = false;
  }

  /** What is neither used nor on offer, except for ports. */
  Capacity free() {
    return free;
  }

  void use(SimulatedTask task) {
    Capacity left = free.minus(task.need);
    task.taken =
        new Capacity(free.firm().minus(left.firm()), free.revocable().minus(left.revocable()));
    free = left;
    for (int port : task.ports) {
      freePorts.clear(port);
    }
  }

  void release(SimulatedTask task) {
    free = free.plus(task.taken);
    for (int port : task.ports) {
      if (port >= SimulatedClusterSettings.PORTS.first()
          && port <= SimulatedClusterSettings.PORTS.last()) {
        freePorts.set(port);
      }
    }
  }

  /** Moves all that is free into a new offer. */
  Offer offer(String offerId) {
    ImmutableList<PortRange> ports = ranges();
    int count = ports.stream().mapToInt(PortRange::size).sum();
    ResourceVector firm = free.firm();
    ResourceVector rest =
        new ResourceVector(
            firm.milliCpus(), firm.ramMb(), firm.diskMb(), count, firm.gpus(), firm.ipAddrs());
    Offer offer = new Offer(offerId, id, host, rest, free.revocable(), ports, attributes, null);
    offers.put(offerId, offer);
    free = new Capacity(firm.minus(rest), ResourceVector.ZERO);
    freePorts.clear();
    return offer;
  }

  /** Takes an offer back into what is free. */
  void withdraw(Offer offer) {
    offers.remove(offer.id());
    free = free.plus(offer.capacity());
    for (PortRange range : offer.ports()) {
      freePorts.set(range.first(), range.last() + 1);
    }
  }

  /** Whether enough is free for a task to be made of it. */
  boolean isWorthOffering() {
    return !lost && !away && free.isUsable();
  }

  private ImmutableList<PortRange> ranges() {
    ImmutableList.Builder<PortRange> ranges = ImmutableList.builder();
    for (int first = freePorts.nextSetBit(0); first >= 0; ) {
      int end = freePorts.nextClearBit(first);
      ranges.add(new PortRange(first, end - 1));
      first = freePorts.nextSetBit(end);
    }
    return ranges.build();
  }
}
