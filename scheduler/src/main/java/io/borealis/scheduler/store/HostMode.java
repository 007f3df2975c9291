package io.borealis.scheduler.store;

import io.borealis.api.HostAttributes;
import io.borealis.api.MaintenanceMode;
import org.jspecify.annotations.Nullable;

/** The maintenance modes of hosts; one that is unknown, or has none stored, is in NONE. Pure. */
public final class HostMode {
  private HostMode() {}

  /** The mode of a host, null for one that is not known. */
  public static MaintenanceMode of(@Nullable HostAttributes host) {
    MaintenanceMode mode = host == null ? null : host.mode();
    return mode == null ? MaintenanceMode.NONE : mode;
  }

  /** The mode of the host of that name, null for no host at all. */
  public static MaintenanceMode of(State state, @Nullable String host) {
    return of(host == null ? null : state.hosts().get(host));
  }

  /** Whether nothing is placed on hosts in the mode. */
  public static boolean isClosed(MaintenanceMode mode) {
    return mode == MaintenanceMode.DRAINING || mode == MaintenanceMode.DRAINED;
  }
}
