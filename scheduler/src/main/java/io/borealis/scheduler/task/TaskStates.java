package io.borealis.scheduler.task;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import io.borealis.api.AuroraConstants;
import io.borealis.api.ScheduleStatus;
import org.jspecify.annotations.Nullable;

/** The sets of task states (task rules, section 2). Stateless. */
public final class TaskStates {
  /** States that end by themselves or are ended by a timeout. */
  public static final ImmutableSet<ScheduleStatus> TRANSIENT =
      Sets.immutableEnumSet(
          ScheduleStatus.ASSIGNED,
          ScheduleStatus.PREEMPTING,
          ScheduleStatus.RESTARTING,
          ScheduleStatus.DRAINING,
          ScheduleStatus.KILLING);

  private TaskStates() {}

  /** Whether the task counts as existing: waiting, placed or on its way out. */
  public static boolean isActive(@Nullable ScheduleStatus status) {
    return status != null && AuroraConstants.ACTIVE_STATES.contains(status);
  }

  /** Whether the task has an agent. */
  public static boolean isAssigned(@Nullable ScheduleStatus status) {
    return status != null && AuroraConstants.SLAVE_ASSIGNED_STATES.contains(status);
  }

  /** Whether the task has ended for good. */
  public static boolean isTerminal(@Nullable ScheduleStatus status) {
    return status != null && AuroraConstants.TERMINAL_STATES.contains(status);
  }
}
