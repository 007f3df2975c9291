package io.borealis.scheduler.simulation;

import io.borealis.api.Attribute;
import io.borealis.api.Constraint;
import io.borealis.api.HostAttributes;
import io.borealis.api.MaintenanceMode;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskConstraint;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.task.TaskStates;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which hosts a task may use, computed anew and without haste from what is stored (scheduling
 * rules, sections 3.1 and 3.2). Stateless.
 */
final class HostRules {
  private static final String DEDICATED = "dedicated";

  private HostRules() {}

  /**
   * Why the task must not be on the host, room aside; null if it may be.
   *
   * @param others which tasks of its job count against its limits beside itself
   */
  static @Nullable String objection(
      State state, TaskConfig config, String hostName, Predicate<ScheduledTask> others) {
    HostAttributes host = state.hosts().get(hostName);
    if (host == null) {
      return "the host is unknown";
    }
    if (host.mode() == MaintenanceMode.DRAINING || host.mode() == MaintenanceMode.DRAINED) {
      return "the host is " + host.mode();
    }
    if (!values(host, DEDICATED).isEmpty()
        && config.constraints().stream().noneMatch(each -> each.name().equals(DEDICATED))) {
      return "the host is dedicated";
    }
    for (Constraint constraint : config.constraints()) {
      if (!holds(state, config, host, constraint, others)) {
        return "not so: " + constraint;
      }
    }
    return null;
  }

  private static boolean holds(
      State state,
      TaskConfig config,
      HostAttributes host,
      Constraint constraint,
      Predicate<ScheduledTask> others) {
    Set<String> values = values(host, constraint.name());
    if (constraint.constraint() instanceof TaskConstraint.Value wanted) {
      boolean found = wanted.value().values().stream().anyMatch(values::contains);
      return found != wanted.value().negated();
    }
    int limit = ((TaskConstraint.Limit) constraint.constraint()).value().limit();
    return !values.isEmpty()
        && values.stream()
            .allMatch(value -> count(state, config, constraint.name(), value, others) < limit);
  }

  /** How many tasks of the job are placed where the attribute has the value. */
  private static int count(
      State state, TaskConfig config, String name, String value, Predicate<ScheduledTask> others) {
    int count = 0;
    for (ScheduledTask task : state.tasks().ofJob(config.job()).active().values()) {
      String hostName = task.assignedTask().slaveHost();
      HostAttributes host = hostName == null ? null : state.hosts().get(hostName);
      if (host != null
          && TaskStates.isAssigned(task.status())
          && others.test(task)
          && values(host, name).contains(value)) {
        count++;
      }
    }
    return count;
  }

  private static Set<String> values(HostAttributes host, String name) {
    Set<String> values = new HashSet<>();
    for (Attribute attribute : host.attributes()) {
      if (attribute.name().equals(name)) {
        values.addAll(attribute.values());
      }
    }
    return values;
  }
}
