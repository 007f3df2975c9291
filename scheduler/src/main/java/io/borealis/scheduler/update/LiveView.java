package io.borealis.scheduler.update;

import io.borealis.api.JobUpdateKey;
import io.borealis.api.ScheduledTask;
import io.borealis.scheduler.store.State;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What State does not tell of the waits of updates. For any thread; must not block. */
public interface LiveView {
  /** Since the last pulse of the update; null before the first. */
  @Nullable Duration sincePulse(JobUpdateKey key);

  /** What keeps the task of an instance from being taken down; null when nothing does. */
  @Nullable SlaWait slaWait(JobUpdateKey key, int instance);

  /** What hinders a task from being placed. */
  String hindrance(State state, ScheduledTask pending);
}
