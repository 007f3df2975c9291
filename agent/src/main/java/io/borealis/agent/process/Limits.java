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

  /** Removes what was made for this agent, unless a task is in it. No group is made any more. */
  void leave();

  /**
   * The best there is on this machine. Makes the cgroups that those of the tasks will lie in.
   *
   * @param agentId names the cgroup, so that a restarted agent finds its tasks
   */
  static Limits ofThisMachine(String agentId) {
    return CgroupLimits.choose(CgroupMounts.ofThisProcess(), new CgroupFiles(), agentId);
  }

  /** No cgroups: what can be sampled is judged, and the number of processes has an rlimit. */
  static Limits withoutCgroups(String agentId) {
    return CgroupLimits.choose(
        new CgroupMounts(com.google.common.collect.ImmutableMap.of(), java.util.Optional.empty()),
        new CgroupFiles(),
        agentId);
  }
}
