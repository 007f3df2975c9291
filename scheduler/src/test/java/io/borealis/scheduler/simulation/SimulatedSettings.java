package io.borealis.scheduler.simulation;

import io.borealis.config.Command;
import io.borealis.config.DaemonSettings;
import io.borealis.config.SettingsReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What schedulers are told at their start: to be quick. Stateless. */
final class SimulatedSettings {
  private static final List<String> ALWAYS =
      List.of(
          "--cluster-name=test",
          "--cluster=simulated",
          "--zk-endpoints=simulated:1",
          "--job-update-history-pruning-interval=5secs",
          "--job-update-history-per-job-threshold=3",
          "--transient-task-state-timeout=20secs",
          "--initial-task-kill-retry-interval=2secs",
          "--flapping-task-threshold=5secs",
          "--initial-flapping-task-delay=1secs",
          "--max-flapping-task-delay=4secs",
          "--min-required-instances-for-sla-check=1",
          "--sla-aware-kill-non-prod",
          "--sla-aware-kill-retry-min-delay=1secs",
          "--sla-aware-kill-retry-max-delay=4secs",
          "--sla-coordinator-timeout=2secs",
          "--host-maintenance-polling-interval=2secs",
          "--offer-reservation-duration=5secs");
  private static final List<String> AFFINITY =
      List.of("--enable-update-affinity=true", "--update-affinity-hold-time=3secs");

  /** Tasks that found no place are soon tried so seldom that a lost wake-up is noticed. */
  private static final List<String> FEW_CHANCES =
      List.of("--initial-schedule-penalty=5secs", "--max-schedule-penalty=60secs");

  private static final List<String> PREEMPTION =
      List.of(
          "--preemption-delay=1secs",
          "--preemption-slot-search-initial-delay=1secs",
          "--preemption-slot-search-interval=500ms",
          "--preemption-slot-hold-time=5secs");

  private SimulatedSettings() {}

  static DaemonSettings of(Parts parts) {
    List<String> arguments = new ArrayList<>(ALWAYS);
    if (parts.any()) {
      arguments.addAll(FEW_CHANCES);
    }
    if (parts.affinity()) {
      arguments.addAll(AFFINITY);
    }
    if (parts.preemption()) {
      arguments.addAll(PREEMPTION);
    }
    return DaemonSettings.of(
        Command.SCHEDULER, SettingsReader.read(Command.SCHEDULER, arguments, Map.of()));
  }
}
