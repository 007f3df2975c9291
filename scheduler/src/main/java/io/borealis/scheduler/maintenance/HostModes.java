package io.borealis.scheduler.maintenance;

import io.borealis.api.HostAttributes;
import io.borealis.api.HostMaintenanceRequest;
import io.borealis.api.MaintenanceMode;
import io.borealis.api.ScheduledTask;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.RemoveHostMaintenanceRequest;
import io.borealis.api.storage.SaveHostAttributes;
import io.borealis.api.storage.SaveHostMaintenanceRequest;
import io.borealis.scheduler.store.HostMode;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.WriteTransaction;
import io.borealis.scheduler.task.TaskStates;

/** Reads and writes the modes and requests of hosts. Stateless. */
final class HostModes {
  private HostModes() {}

  /** Whether the host is known, and to be emptied. */
  static boolean isDraining(State state, String host) {
    return HostMode.of(state, host) == MaintenanceMode.DRAINING;
  }

  /** Whether no task uses the host. */
  static boolean isEmpty(State state, String host) {
    for (ScheduledTask task : state.tasks().onHost(host)) {
      if (TaskStates.isActive(task.status())) {
        return false;
      }
    }
    return true;
  }

  /** Changes the mode, unless it is that already. */
  static void set(WriteTransaction tx, HostAttributes host, MaintenanceMode mode) {
    if (host.mode() != mode) {
      tx.change(
          new Op.SaveHostAttributes(new SaveHostAttributes(host.toBuilder().mode(mode).build())));
    }
  }

  static void save(WriteTransaction tx, HostMaintenanceRequest request) {
    tx.change(new Op.SaveHostMaintenanceRequest(new SaveHostMaintenanceRequest(request)));
  }

  static void forget(WriteTransaction tx, String host) {
    if (tx.state().maintenance().contains(host)) {
      tx.change(new Op.RemoveHostMaintenanceRequest(new RemoveHostMaintenanceRequest(host)));
    }
  }
}
