package io.borealis.agent.executor;

import io.borealis.api.AssignedTask;
import java.nio.file.Path;

/**
 * One run of a task. Immutable.
 *
 * @param task what the scheduler assigned
 * @param directory of the run: takes the sandbox, the checkpoints and the output
 */
public record TaskRun(AssignedTask task, Path directory) {
  /** The working directory of the task's processes. */
  public Path sandbox() {
    return directory.resolve("sandbox");
  }

  /** The root of the task's checkpoints. */
  public Path checkpoints() {
    return directory.resolve("checkpoints");
  }

  /** The description of the task, for people. */
  Path description() {
    return directory.resolve("task.json");
  }

  /** Why the task is being stopped, if it is. */
  Path stopping() {
    return directory.resolve("stopping.json");
  }
}
