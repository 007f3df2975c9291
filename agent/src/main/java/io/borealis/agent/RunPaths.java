package io.borealis.agent;

import java.nio.file.Path;

/**
 * Where one run of a task keeps its files. Immutable.
 *
 * @param meta what the agent knows of the run
 * @param directory what belongs to the task: sandbox, checkpoints, output
 */
record RunPaths(String frameworkId, String taskId, String containerId, Path meta, Path directory) {
  /** What was launched. */
  Path taskInfo() {
    return meta.resolve("tasks").resolve(taskId).resolve("task.info");
  }

  /** The updates of the task, and what became of them. */
  Path taskUpdates() {
    return meta.resolve("tasks").resolve(taskId).resolve("task.updates");
  }

  /** Where the processes of the task run. */
  Path sandbox() {
    return directory.resolve("sandbox");
  }

  /** What the runner of the task writes down. */
  Path checkpoints() {
    return directory.resolve("checkpoints");
  }

  /** Exists once the run is over and the scheduler knows. */
  Path sentinel() {
    return meta.resolve("executor.sentinel");
  }

  /** Names the newest run. */
  Path latest() {
    return meta.resolveSibling("latest");
  }
}
