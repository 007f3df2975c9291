package io.borealis.agent.updates;

import com.google.common.collect.ImmutableList;
import java.util.Optional;
import java.util.OptionalInt;

/** The names and numbers that Mesos has for reasons and sources of statuses. Stateless. */
final class Reasons {
  private static final ImmutableList<String> REASONS =
      ImmutableList.of(
          "REASON_COMMAND_EXECUTOR_FAILED",
          "REASON_EXECUTOR_TERMINATED",
          "REASON_EXECUTOR_UNREGISTERED",
          "REASON_FRAMEWORK_REMOVED",
          "REASON_GC_ERROR",
          "REASON_INVALID_FRAMEWORKID",
          "REASON_INVALID_OFFERS",
          "REASON_MASTER_DISCONNECTED",
          "REASON_CONTAINER_LIMITATION_MEMORY",
          "REASON_RECONCILIATION",
          "REASON_AGENT_DISCONNECTED",
          "REASON_AGENT_REMOVED",
          "REASON_AGENT_RESTARTED",
          "REASON_AGENT_UNKNOWN",
          "REASON_TASK_INVALID",
          "REASON_TASK_UNAUTHORIZED",
          "REASON_TASK_UNKNOWN",
          "REASON_CONTAINER_PREEMPTED",
          "REASON_RESOURCES_UNKNOWN",
          "REASON_CONTAINER_LIMITATION",
          "REASON_CONTAINER_LIMITATION_DISK",
          "REASON_CONTAINER_LAUNCH_FAILED",
          "REASON_CONTAINER_UPDATE_FAILED",
          "REASON_EXECUTOR_REGISTRATION_TIMEOUT",
          "REASON_EXECUTOR_REREGISTRATION_TIMEOUT",
          "REASON_TASK_GROUP_INVALID",
          "REASON_TASK_GROUP_UNAUTHORIZED",
          "REASON_IO_SWITCHBOARD_EXITED",
          "REASON_TASK_CHECK_STATUS_UPDATED",
          "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED",
          "REASON_TASK_KILLED_DURING_LAUNCH",
          "REASON_AGENT_REMOVED_BY_OPERATOR",
          "REASON_AGENT_REREGISTERED",
          "REASON_MAX_COMPLETION_TIME_REACHED");
  private static final ImmutableList<String> SOURCES =
      ImmutableList.of("SOURCE_MASTER", "SOURCE_AGENT", "SOURCE_EXECUTOR");

  private Reasons() {}

  static OptionalInt reasonNumber(String name) {
    return number(REASONS, name);
  }

  static Optional<String> reasonName(long number) {
    return name(REASONS, number);
  }

  static OptionalInt sourceNumber(String name) {
    return number(SOURCES, name);
  }

  static Optional<String> sourceName(long number) {
    return name(SOURCES, number);
  }

  private static OptionalInt number(ImmutableList<String> names, String name) {
    int index = names.indexOf(name);
    return index < 0 ? OptionalInt.empty() : OptionalInt.of(index);
  }

  private static Optional<String> name(ImmutableList<String> names, long number) {
    return number < 0 || number >= names.size()
        ? Optional.empty()
        : Optional.of(names.get((int) number));
  }
}
