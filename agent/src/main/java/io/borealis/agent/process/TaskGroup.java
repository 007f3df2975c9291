package io.borealis.agent.process;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.Optional;
import java.util.OptionalLong;

/** The limits of one task and what holds them. Thread-safe; no method waits. */
public interface TaskGroup {
  /** The files for {@link Launch#cgroupFiles}. */
  ImmutableList<java.nio.file.Path> processFiles();

  /** The bound for {@link Launch#maxProcesses}, where there is no better way. */
  OptionalLong maxProcesses();

  /** Pids now in its cgroups, empty where there are none. */
  ImmutableSet<Integer> pids();

  /** Kills all in its cgroups at once, if that can be done; false if not. */
  boolean kill();

  /**
   * Says, in a sentence with numbers, that memory was exceeded; absent if not. Where no cgroup
   * watches memory, it judges the sample.
   *
   * @param residentBytes the newest sample of the task
   */
  Optional<String> memoryExceeded(long residentBytes);

  /** Removes its cgroups; false while something is left in them: repeat later. */
  boolean remove();
}
