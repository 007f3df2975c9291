package io.borealis.scheduler.maintenance;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSortedSet;
import io.borealis.api.HostAttributes;
import io.borealis.api.HostMaintenanceRequest;
import io.borealis.api.HostStatus;
import io.borealis.api.MaintenanceMode;
import io.borealis.api.ScheduledTask;
import io.borealis.api.SlaPolicy;
import io.borealis.scheduler.store.HostMode;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.WriteTransaction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Changes the modes of hosts (task rules, section 13.2). Hosts that were never seen are left out of
 * everything. For the writer's thread.
 */
public final class Maintenance {
  private final TaskDrain taskDrain;
  private final Drains drains;
  private final int batch;

  /**
   * @param batch most tasks drained in the transaction that asks for it; the others follow
   */
  public Maintenance(TaskDrain taskDrain, Drains drains, int batch) {
    this.taskDrain = taskDrain;
    this.drains = drains;
    this.batch = batch;
  }

  /** The modes of those that are known, by name. */
  public static ImmutableSet<HostStatus> status(State state, ImmutableSet<String> names) {
    return each(state, names, HostMode::of);
  }

  /** Announces maintenance: the hosts are used last. */
  public ImmutableSet<HostStatus> announce(WriteTransaction tx, ImmutableSet<String> names) {
    return each(tx.state(), names, host -> leave(tx, host, MaintenanceMode.SCHEDULED));
  }

  /** Puts hosts back into service. */
  public ImmutableSet<HostStatus> end(WriteTransaction tx, ImmutableSet<String> names) {
    return each(tx.state(), names, host -> leave(tx, host, MaintenanceMode.NONE));
  }

  private MaintenanceMode leave(WriteTransaction tx, HostAttributes host, MaintenanceMode mode) {
    HostModes.forget(tx, host.host());
    return enter(tx, host, mode);
  }

  /** Takes all tasks off the hosts, whatever was promised about them. */
  public ImmutableSet<HostStatus> drain(WriteTransaction tx, ImmutableSet<String> names) {
    int[] room = {batch};
    return each(
        tx.state(),
        names,
        host -> {
          if (HostModes.isEmpty(tx.state(), host.host())) {
            return leave(tx, host, MaintenanceMode.DRAINED);
          }
          request(tx, host.host(), Requests.AT_ONCE, 0);
          MaintenanceMode mode = enter(tx, host, MaintenanceMode.DRAINING);
          for (ScheduledTask task : ImmutableList.copyOf(tx.state().tasks().onHost(host.host()))) {
            if (TaskDrain.isDrainable(task) && room[0] > 0) {
              room[0]--;
              taskDrain.drain(tx, task);
            }
          }
          return mode;
        });
  }

  /**
   * Takes tasks off the hosts as their policies allow, and all that are left when the time is over.
   *
   * @param policy of tasks without one of their own; null lets them go at once
   */
  public ImmutableSet<HostStatus> slaDrain(
      WriteTransaction tx,
      ImmutableSet<String> names,
      @Nullable SlaPolicy policy,
      long timeoutSecs) {
    return each(
        tx.state(),
        names,
        host -> {
          request(tx, host.host(), policy == null ? Requests.AT_ONCE : policy, timeoutSecs);
          return enter(tx, host, MaintenanceMode.DRAINING);
        });
  }

  private static void request(
      WriteTransaction tx, String host, SlaPolicy policy, long timeoutSecs) {
    HostModes.save(tx, new HostMaintenanceRequest(host, policy, timeoutSecs, tx.nowMs()));
  }

  private MaintenanceMode enter(WriteTransaction tx, HostAttributes host, MaintenanceMode mode) {
    HostModes.set(tx, host, mode);
    tx.afterCommit(() -> drains.look(host.host()));
    return mode;
  }

  private static ImmutableSet<HostStatus> each(
      State state, ImmutableSet<String> names, Function<HostAttributes, MaintenanceMode> change) {
    ImmutableSet.Builder<HostStatus> statuses = ImmutableSet.builder();
    for (String name : ImmutableSortedSet.copyOf(names)) {
      HostAttributes host = state.hosts().get(name);
      if (host != null) {
        statuses.add(new HostStatus(name, change.apply(host)));
      }
    }
    return statuses.build();
  }
}
