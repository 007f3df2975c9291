package io.borealis.agent.executor;

import io.borealis.agent.job.InvalidTaskException;
import io.borealis.api.AssignedTask;
import io.borealis.api.Container;
import io.borealis.api.ExecutorConfig;
import io.borealis.api.MesosContainer;
import io.borealis.api.TaskConfig;
import org.jspecify.annotations.Nullable;

/** Which tasks agents of this kind can run. Pure. */
final class Supported {
  private static final String EXECUTOR = "AuroraExecutor";

  private Supported() {}

  /**
   * Refuses what cannot be run as it is meant.
   *
   * @throws InvalidTaskException with a sentence for the owner of the task
   */
  static void check(AssignedTask assigned) throws InvalidTaskException {
    TaskConfig task = assigned.task();
    if (task == null) {
      throw new InvalidTaskException("Could not deserialize task.");
    }
    ExecutorConfig executor = task.executorConfig();
    if (executor == null || !EXECUTOR.equals(executor.name())) {
      throw new InvalidTaskException(
          "The task is made for the executor '%s'; this agent runs only tasks for %s."
              .formatted(executor == null ? "" : executor.name(), EXECUTOR));
    }
    check(task.container());
    if (!task.mesosFetcherUris().isEmpty()) {
      throw new InvalidTaskException(
          "The task has %d files to be fetched (mesosFetcherUris); this agent fetches none, let a"
                  .formatted(task.mesosFetcherUris().size())
              + " process of the task do it.");
    }
  }

  private static void check(@Nullable Container container) throws InvalidTaskException {
    if (container == null) {
      return;
    }
    if (!(container instanceof Container.Mesos mesos)) {
      throw new InvalidTaskException(
          container instanceof Container.Docker
              ? "The task is to run in a Docker container; this agent has no containers."
              : "The task is to run in a container of an unknown kind.");
    }
    MesosContainer value = mesos.value();
    if (value.image() != null) {
      throw new InvalidTaskException(
          "The task is to run in a filesystem image; this agent has no images.");
    }
    if (!value.volumes().isEmpty()) {
      throw new InvalidTaskException(
          "The task is to have volumes of the host; this agent mounts none.");
    }
  }
}
