package io.borealis.scheduler.store;

import io.borealis.api.ScheduledTask;
import org.jspecify.annotations.Nullable;

/**
 * One task before and after a change; null before for a new task, null after for a deleted one.
 * Immutable.
 */
public record TaskChange(@Nullable ScheduledTask before, @Nullable ScheduledTask after) {
  /** The task as it is now, or as it last was. */
  public ScheduledTask task() {
    if (after != null) {
      return after;
    }
    if (before == null) {
      throw new IllegalStateException("A change has at least one side");
    }
    return before;
  }

  /** Whether the status differs, or the task appeared or went. */
  public boolean changesStatus() {
    return before == null || after == null || before.status() != after.status();
  }
}
