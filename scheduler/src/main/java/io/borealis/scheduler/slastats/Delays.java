package io.borealis.scheduler.slastats;

import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskEvent;
import org.jspecify.annotations.Nullable;

/** How long tasks wait for what they need (scheduling rules, section 8.2). Pure. */
final class Delays {
  private Delays() {}

  /**
   * From the last time the task was PENDING to the first time it got to a status within the window.
   *
   * @return null when it did not, or was never PENDING before
   */
  static @Nullable Long until(ScheduleStatus status, ScheduledTask task, long fromMs, long toMs) {
    Long pending = null;
    for (TaskEvent event : task.taskEvents()) {
      if (event.status() == ScheduleStatus.PENDING) {
        pending = event.timestamp();
      } else if (event.status() == status
          && event.timestamp() >= fromMs
          && event.timestamp() < toMs) {
        return pending == null ? null : event.timestamp() - pending;
      }
    }
    return null;
  }
}
