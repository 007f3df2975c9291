package io.borealis.scheduler.scheduling;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.math.LongMath;
import io.borealis.api.Constraint;
import io.borealis.api.MaintenanceMode;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskConstraint;
import io.borealis.api.ValueConstraint;
import io.borealis.scheduler.cluster.Demand;
import io.borealis.scheduler.cluster.ResourceVector;
import java.time.Duration;
import java.util.Comparator;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a task may run on a host. Pure and immutable; any thread may use it.
 *
 * <p>Stages go from the general to the particular and the first one with an objection answers, so
 * that a pending task is explained by what is most worth changing.
 */
public final class Matcher {
  static final String DEDICATED = "dedicated";
  private static final long RAM_RANGE_MB = 24_576;
  private static final long DISK_RANGE_MB = 460_800;
  private static final long CPU_RANGE = 16;
  private static final long PORT_RANGE = 1000;
  private static final long GPU_RANGE = 4;
  private static final long ADDRESS_RANGE = 128;

  private final Function<TaskConfig, Demand> demands;
  private final long unavailabilityThresholdMs;

  /**
   * @param demands what a task needs, its executor included
   * @param unavailabilityThreshold how long before planned maintenance a host is avoided
   */
  public Matcher(Function<TaskConfig, Demand> demands, Duration unavailabilityThreshold) {
    this.demands = demands;
    this.unavailabilityThresholdMs = unavailabilityThreshold.toMillis();
  }

  /** A matcher for executors that need nothing, and without revocable resources. */
  public static Matcher create() {
    return new Matcher(config -> Demand.firm(ResourceVector.of(config)), Duration.ofMinutes(6));
  }

  /** What is constant in the question for all tasks of a configuration. */
  Request request(TaskConfig config) {
    ImmutableSet.Builder<String> ports = ImmutableSet.builder();
    config.resources().stream()
        .filter(io.borealis.api.Resource.NamedPort.class::isInstance)
        .map(port -> ((io.borealis.api.Resource.NamedPort) port).value())
        .sorted()
        .forEach(ports::add);
    ImmutableList<Constraint> constraints =
        config.constraints().stream()
            .sorted(
                Comparator.comparing(
                        (Constraint c) -> c.constraint() instanceof TaskConstraint.Limit)
                    .thenComparing(Constraint::name))
            .collect(ImmutableList.toImmutableList());
    return new Request(
        config,
        demands.apply(config),
        ports.build(),
        constraints,
        constraints.stream().anyMatch(constraint -> DEDICATED.equals(constraint.name())));
  }

  /**
   * The objections to the host, empty when there are none.
   *
   * @param available what is free on it for such a task
   * @param spread of the job's tasks; asked for only when a limit has to be checked
   */
  ImmutableList<Veto> vetoes(
      Request request,
      ResourceVector available,
      HostView host,
      Supplier<JobSpread> spread,
      long nowMs) {
    Veto veto = hostVeto(request, host, nowMs);
    if (veto == null) {
      veto = constraintVeto(request, host, spread);
    }
    return veto == null ? resourceVetoes(request.demand(), available) : ImmutableList.of(veto);
  }

  private @Nullable Veto hostVeto(Request request, HostView host, long nowMs) {
    if (host.attributes().containsKey(DEDICATED) && !request.asksForDedicated()) {
      return Veto.dedicatedHost();
    }
    if (host.mode() == MaintenanceMode.DRAINING) {
      return Veto.draining();
    }
    if (host.mode() == MaintenanceMode.DRAINED) {
      return Veto.drained();
    }
    Long unavailableFrom = host.unavailableFromMs();
    if (unavailableFrom != null && nowMs > unavailableFrom - unavailabilityThresholdMs) {
      return Veto.draining();
    }
    return null;
  }

  private static @Nullable Veto constraintVeto(
      Request request, HostView host, Supplier<JobSpread> spread) {
    for (Constraint constraint : request.constraints()) {
      String name = constraint.name();
      ImmutableSet<String> values = host.attributes().get(name);
      if (constraint.constraint() instanceof TaskConstraint.Value value) {
        if (!satisfies(values, value.value())) {
          return Veto.unsatisfied(name);
        }
      } else if (constraint.constraint() instanceof TaskConstraint.Limit limit) {
        if (values.isEmpty()) {
          return Veto.unsatisfied(name);
        }
        for (String value : values) {
          if (spread.get().count(name, value) >= limit.value().limit()) {
            return Veto.limited(name);
          }
        }
      }
    }
    return null;
  }

  private static boolean satisfies(ImmutableSet<String> values, ValueConstraint wanted) {
    return wanted.values().stream().anyMatch(values::contains) != wanted.negated();
  }

  private static ImmutableList<Veto> resourceVetoes(
      ResourceVector wanted, ResourceVector available) {
    if (wanted.fitsIn(available)) {
      return ImmutableList.of();
    }
    ResourceVector missing = wanted.minus(available);
    ImmutableList.Builder<Veto> vetoes = ImmutableList.builder();
    add(vetoes, "disk", thousandths(missing.diskMb()), DISK_RANGE_MB);
    add(vetoes, "RAM", thousandths(missing.ramMb()), RAM_RANGE_MB);
    add(vetoes, "CPU", missing.milliCpus(), CPU_RANGE);
    add(vetoes, "ports", thousandths(missing.ports()), PORT_RANGE);
    add(vetoes, "GPU", thousandths(missing.gpus()), GPU_RANGE);
    add(vetoes, "IP", thousandths(missing.ipAddrs()), ADDRESS_RANGE);
    return vetoes.build();
  }

  private static long thousandths(long amount) {
    return LongMath.saturatedMultiply(amount, 1000);
  }

  private static void add(
      ImmutableList.Builder<Veto> vetoes, String resource, long missing, long range) {
    if (missing > 0) {
      vetoes.add(Veto.insufficient(resource, missing, range));
    }
  }

  /**
   * What tasks of one configuration ask for. Immutable.
   *
   * @param need what it takes with its executor
   * @param portNames in the order in which ports are given out
   * @param constraints in the order in which they are checked
   */
  record Request(
      TaskConfig config,
      Demand need,
      ImmutableSet<String> portNames,
      ImmutableList<Constraint> constraints,
      boolean asksForDedicated) {
    /** Whether its places depend on those of other tasks of the job. */
    boolean hasLimits() {
      return !constraints.isEmpty()
          && constraints.get(constraints.size() - 1).constraint() instanceof TaskConstraint.Limit;
    }

    /** The amounts of all that the task needs. */
    ResourceVector demand() {
      return need.amounts();
    }
  }
}
