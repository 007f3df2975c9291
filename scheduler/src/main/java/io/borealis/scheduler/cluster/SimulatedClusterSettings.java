package io.borealis.scheduler.cluster;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.Attribute;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * The shape and pace of a simulated cluster. Hosts, agent ids and resources follow from it alone,
 * so that each process that has equal settings sees the same cluster. Immutable.
 *
 * @param startDelay from launch to running, half of it before the task reports that it starts
 * @param killDelay from a kill to the task's end
 * @param lifetime how long a task runs whose fate is to end by itself
 * @param offerDelay how long freed resources gather before they are offered
 * @param resendDelay until an unacknowledged update is sent again; doubles each time
 * @param revocableCpus of each host, beside the others
 * @param gpus of each host
 * @param dedicatedHost whether the last of six or more hosts takes only tasks made for it
 * @param partitionAware whether tasks on hosts out of reach are said to be so, and not to be lost
 */
public record SimulatedClusterSettings(
    int hosts,
    double cpus,
    long ramMb,
    long diskMb,
    Duration startDelay,
    Duration killDelay,
    Duration lifetime,
    Duration offerDelay,
    Duration resendDelay,
    boolean dedicatedHost,
    double revocableCpus,
    long gpus,
    boolean partitionAware) {
  /** The ports of each host. */
  static final PortRange PORTS = new PortRange(31000, 32000);

  private static final int RACKS = 3;

  /** In a smaller cluster one host less would be felt; the only one would be useless. */
  private static final int LEAST_WITH_DEDICATED = 6;

  private static final String DEDICATED_TO = "www-data/web.multi";

  /** Six hosts of 16 CPUs, the last of them dedicated. */
  public static final SimulatedClusterSettings DEFAULT =
      new SimulatedClusterSettings(
          6,
          16,
          16384,
          102400,
          Duration.ofMillis(100),
          Duration.ofMillis(50),
          Duration.ofMillis(100),
          Duration.ofMillis(5),
          Duration.ofSeconds(10),
          true);

  /** A cluster without revocable cpus and GPUs. */
  public SimulatedClusterSettings(
      int hosts,
      double cpus,
      long ramMb,
      long diskMb,
      Duration startDelay,
      Duration killDelay,
      Duration lifetime,
      Duration offerDelay,
      Duration resendDelay,
      boolean dedicatedHost) {
    this(
        hosts,
        cpus,
        ramMb,
        diskMb,
        startDelay,
        killDelay,
        lifetime,
        offerDelay,
        resendDelay,
        dedicatedHost,
        0,
        0,
        false);
  }

  /** Rejects a cluster without hosts. */
  public SimulatedClusterSettings {
    if (hosts < 1) {
      throw new IllegalArgumentException("A cluster needs at least one host");
    }
  }

  /** These settings for another number of hosts. */
  public SimulatedClusterSettings withHosts(int count) {
    return with(draft -> draft.hosts = count);
  }

  /** These settings at another pace. */
  public SimulatedClusterSettings withDelays(Duration start, Duration kill, Duration life) {
    return with(
        draft -> {
          draft.startDelay = start;
          draft.killDelay = kill;
          draft.lifetime = life;
        });
  }

  /** These settings with or without a dedicated host. */
  public SimulatedClusterSettings withDedicatedHost(boolean dedicated) {
    return with(draft -> draft.dedicatedHost = dedicated);
  }

  /** These settings with so much more on each host. */
  public SimulatedClusterSettings withExtras(double revocable, long gpuCount) {
    return with(
        draft -> {
          draft.revocableCpus = revocable;
          draft.gpus = gpuCount;
        });
  }

  /** These settings with or without awareness of partitions. */
  public SimulatedClusterSettings withPartitionAware(boolean aware) {
    return with(draft -> draft.partitionAware = aware);
  }

  private SimulatedClusterSettings with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.finish();
  }

  /** A copy while it is being changed. */
  private static final class Draft {
    int hosts;
    final double cpus;
    final long ramMb;
    final long diskMb;
    Duration startDelay;
    Duration killDelay;
    Duration lifetime;
    final Duration offerDelay;
    final Duration resendDelay;
    boolean dedicatedHost;
    double revocableCpus;
    long gpus;
    boolean partitionAware;

    Draft(SimulatedClusterSettings base) {
      hosts = base.hosts;
      cpus = base.cpus;
      ramMb = base.ramMb;
      diskMb = base.diskMb;
      startDelay = base.startDelay;
      killDelay = base.killDelay;
      lifetime = base.lifetime;
      offerDelay = base.offerDelay;
      resendDelay = base.resendDelay;
      dedicatedHost = base.dedicatedHost;
      revocableCpus = base.revocableCpus;
      gpus = base.gpus;
      partitionAware = base.partitionAware;
    }

    SimulatedClusterSettings finish() {
      return new SimulatedClusterSettings(
          hosts,
          cpus,
          ramMb,
          diskMb,
          startDelay,
          killDelay,
          lifetime,
          offerDelay,
          resendDelay,
          dedicatedHost,
          revocableCpus,
          gpus,
          partitionAware);
    }
  }

  /** What each host has. */
  Capacity capacity() {
    ResourceVector usual = ResourceVector.of(cpus, ramMb, diskMb, PORTS.size());
    return new Capacity(
        new ResourceVector(usual.milliCpus(), ramMb, diskMb, usual.ports(), gpus, usual.ipAddrs()),
        ResourceVector.of(revocableCpus, 0, 0, 0));
  }

  /** The name of a host, counted from 1. */
  static String host(int number) {
    return "host-" + number;
  }

  /** The id of a host's agent, counted from 1. */
  static String agentId(int number) {
    return "agent-" + number;
  }

  /** The attributes of a host, counted from 1. */
  ImmutableList<Attribute> attributes(int number) {
    ImmutableList.Builder<Attribute> attributes = ImmutableList.builder();
    attributes.add(attribute("host", host(number)));
    attributes.add(attribute("rack", String.valueOf((char) ('a' + (number - 1) % RACKS))));
    if (dedicatedHost && number == hosts && hosts >= LEAST_WITH_DEDICATED) {
      attributes.add(attribute("dedicated", DEDICATED_TO));
    }
    return attributes.build();
  }

  private static Attribute attribute(String name, String value) {
    return new Attribute(name, ImmutableSet.of(value));
  }
}
