package io.borealis.scheduler.update;

import io.borealis.api.InstanceKey;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.TaskConfig;
import io.borealis.scheduler.store.State;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What State does not tell of the waits of updates. For any thread; must not block. */
public interface LiveView {
  /** Since the last pulse of the update; null before the first. */
  @Nullable Duration sincePulse(JobUpdateKey key);

  /** What keeps the task of an instance from being taken down; null when nothing does. */
  @Nullable SlaWait slaWait(JobUpdateKey key, int instance);

  /** The agent that is kept for an instance; null when it may go anywhere. */
  @Nullable String keptAgent(InstanceKey instance);

  /** What hinders tasks of a configuration that may go anywhere from being placed. */
  String hindrance(State state, TaskConfig config);
}
