package io.borealis.agent.runner;

import io.borealis.api.thermos.TaskState;
import org.jspecify.annotations.Nullable;

/**
 * Whether somebody asked for the end of a task. Immutable.
 *
 * @param outcome what the task ends as, KILLED or LOST; null if nobody asked
 * @param deadlineNanos when patience ends, on the monotonic clock; means nothing if nobody asked
 */
record Stop(@Nullable TaskState outcome, long deadlineNanos) {
  static final Stop NONE = new Stop(null, 0);

  boolean isAsked() {
    return outcome != null;
  }
}
