package io.borealis.agent.runner;

import io.borealis.agent.checkpoint.CheckpointException;
import io.borealis.agent.checkpoint.CheckpointPaths;
import io.borealis.agent.checkpoint.Mode;
import io.borealis.agent.job.InvalidTaskException;
import io.borealis.agent.job.RunnerTask;
import io.borealis.agent.runner.TaskRunner.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;

/** Finds out how far a task has come before a runner takes it over. Changes no records. */
final class TakeOver {
  private final RunnerSetup setup;
  private final CheckpointPaths paths;
  private final Description description;

  TakeOver(RunnerSetup setup, CheckpointPaths paths, Description description) {
    this.setup = setup;
    this.paths = paths;
    this.description = description;
  }

  /**
   * Keeps other runners away from the task.
   *
   * @throws Refusal if one has it
   */
  TaskLock lock() throws IOException, Refusal {
    Optional<TaskLock> lock = TaskLock.take(paths.streams());
    if (lock.isEmpty()) {
      throw new Refusal(
          Failure.INTERNAL_ERROR, "Another runner has task " + setup.taskId() + " already");
    }
    return lock.get();
  }

  /**
   * Reads the stream of the task. Nothing is done again that it tells of.
   *
   * @throws Refusal if the task cannot go on from it
   */
  Course replay(Course.Moment now) throws IOException, Refusal {
    Course[] course = {Course.of(setup.task())};
    try {
      Streams.mend(
          paths.runner(),
          record -> course[0] = course[0].after(record, Mode.RECOVERY_TRUNCATE, now));
    } catch (CheckpointException
        | Streams.DamagedException
        | IllegalStateException
        | IllegalArgumentException e) {
      throw new Refusal(
          Failure.INTERNAL_ERROR,
          "Stream %s cannot be followed: %s".formatted(paths.runner(), e.getMessage()));
    }
    return course[0];
  }

  /**
   * Compares the task with what is known of it, and makes its sandbox.
   *
   * @throws Refusal if it is another task, or has ended without a trace
   */
  void check(Course course) throws IOException, Refusal {
    if (description.isFinished()) {
      throw new Refusal(
          Failure.ALREADY_ENDED, "Task " + setup.taskId() + " has ended before it began");
    }
    if (description.isActive() && !course.isEnded()) {
      checkSame(description.readActive());
    }
    Files.createDirectories(setup.sandbox());
  }

  private void checkSame(String json) throws Refusal {
    if (json.equals(setup.task().toJson())) {
      return;
    }
    try {
      if (!RunnerTask.read(json).equals(setup.task())) {
        throw new Refusal(
            Failure.INVALID_TASK,
            "Task " + setup.taskId() + " has begun already, and said something else then");
      }
    } catch (InvalidTaskException e) {
      throw new Refusal(
          Failure.INVALID_TASK,
          "The description of task %s cannot be read: %s"
              .formatted(setup.taskId(), e.getMessage()));
    }
  }
}
