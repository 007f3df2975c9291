package io.borealis.agent.checkpoint;

import java.nio.file.Path;

/**
 * Where the files of one task lie under a checkpoint root. Immutable.
 *
 * @param root holds the folders {@code tasks} and {@code checkpoints}
 * @param taskId the task
 */
public record CheckpointPaths(Path root, String taskId) {
  /**
   * Checks the id.
   *
   * @throws IllegalArgumentException when it cannot be the name of a file
   */
  public CheckpointPaths {
    checkName("A task id", taskId);
  }

  /** The description of the task while it lives. */
  public Path active() {
    return active(root).resolve(taskId);
  }

  /** The description of the task when it has ended. */
  public Path finished() {
    return finished(root).resolve(taskId);
  }

  /** The folder of its streams. */
  public Path streams() {
    return root.resolve("checkpoints").resolve(taskId);
  }

  /** The stream of its runner. */
  public Path runner() {
    return streams().resolve("runner");
  }

  /**
   * The stream of the coordinators of a process, all runs one after the other.
   *
   * @throws IllegalArgumentException when the name cannot be part of the name of a file
   */
  public Path coordinator(String process) {
    return streams().resolve("coordinator." + checkName("A process name", process));
  }

  /** The descriptions of all living tasks under a root. */
  public static Path active(Path root) {
    return root.resolve("tasks").resolve("active");
  }

  /** The descriptions of all ended tasks under a root. */
  public static Path finished(Path root) {
    return root.resolve("tasks").resolve("finished");
  }

  /**
   * The folder of the output of one run, which holds {@code stdout} and {@code stderr}.
   *
   * @throws IllegalArgumentException when the name cannot be the name of a file
   */
  public static Path log(Path logDir, String process, int run) {
    return logDir.resolve(checkName("A process name", process)).resolve(Integer.toString(run));
  }

  private static String checkName(String what, String name) {
    if (name.isEmpty()
        || name.equals(".")
        || name.equals("..")
        || name.indexOf('/') >= 0
        || name.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("%s cannot be '%s'".formatted(what, name));
    }
    return name;
  }
}
