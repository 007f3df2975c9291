package io.borealis.scheduler.sla;

import io.borealis.api.TaskConfig;
import java.util.function.DoubleSupplier;
import java.util.function.Predicate;

/**
 * What those need who take tasks down only as their policies allow. For the writer's loop.
 *
 * @param production whether a task is of a production tier
 * @param random uniform in [0, 1), for the time between two checks
 */
public record Sla(
    SlaSettings settings,
    Predicate<TaskConfig> production,
    Coordinators coordinators,
    DoubleSupplier random) {

  /** What checks the tasks of one transaction. */
  public SlaCheck check(long nowMs) {
    return new SlaCheck(settings, production, nowMs);
  }
}
