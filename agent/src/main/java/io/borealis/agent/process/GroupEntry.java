package io.borealis.agent.process;

import com.google.common.collect.ImmutableList;
import java.nio.file.Path;

/** Brings commands beside the processes of a task below the limits of the task. Stateless. */
public final class GroupEntry {
  /**
   * The name of the script is how many files there are; they come first, then the command. What
   * cannot enter, as its cgroup is gone, runs all the same.
   */
  private static final String SCRIPT =
      """
      for file in "${@:1:$0}"; do echo $$ >"$file"; done 2>/dev/null
      shift "$0"
      [[ $1 ]] && prlimit --nproc="$1" --pid $$ 2>/dev/null
      shift
      exec "$@"
      """;

  private GroupEntry() {}

  /**
   * What to put before a command; it becomes the command. Has to come before what gives up rights.
   */
  public static ImmutableList<String> words(TaskGroup group) {
    ImmutableList<Path> files = group.processFiles();
    ImmutableList.Builder<String> words = ImmutableList.builder();
    words.add("/bin/bash", "-p", "-c", SCRIPT, Integer.toString(files.size()));
    files.forEach(file -> words.add(file.toString()));
    words.add(group.maxProcesses().isPresent() ? "" + group.maxProcesses().getAsLong() : "");
    return words.build();
  }
}
