package io.borealis.scheduler.update;

import io.borealis.api.InstanceTaskConfig;
import io.borealis.api.JobUpdateSettings;
import io.borealis.api.SlaPolicy;
import io.borealis.api.TaskConfig;
import io.borealis.scheduler.store.UpdateRecord;
import org.jspecify.annotations.Nullable;

/** Which policy an update follows when it takes a task down (update rules, section 7.2). Pure. */
final class SlaPolicies {
  private SlaPolicies() {}

  /**
   * The policy of the configuration the update goes to; of the task itself where there is no such
   * configuration, as the instance shall not exist (W-15).
   *
   * @param running the configuration of the task to be taken down
   * @return null when the task may go at once
   */
  static @Nullable SlaPolicy of(UpdateRecord update, int instance, @Nullable TaskConfig running) {
    JobUpdateSettings settings = update.update().instructions().settings();
    if (!Boolean.TRUE.equals(settings.slaAware())) {
      return null;
    }
    TaskConfig target =
        update.progress().rollback()
            ? update.plan().targetOf(instance, true)
            : configOf(update.update().instructions().desiredState());
    TaskConfig decides = target == null ? running : target;
    return decides == null ? null : decides.slaPolicy();
  }

  private static @Nullable TaskConfig configOf(@Nullable InstanceTaskConfig desired) {
    return desired == null ? null : desired.task();
  }
}
