package io.borealis.agent.process;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;

/** Sets limits to tasks by what this machine offers. Thread-safe. */
public interface Limits {
  /** One line for each controller: what is used for it; said once when the agent starts. */
  ImmutableList<String> describe();

  /**
   * Makes the group of a task, or finds it again after a restart.
   *
   * @throws IOException if a cgroup cannot be made or set
   */
  TaskGroup group(String taskId, TaskLimits limits) throws IOException;

  /** Removes groups of former tasks that have nothing in them, except those named. */
  void removeOthers(ImmutableSet<String> taskIds);
}
