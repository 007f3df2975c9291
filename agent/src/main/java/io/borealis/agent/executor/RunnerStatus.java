package io.borealis.agent.executor;

import io.borealis.agent.runner.TaskRunner.Failure;
import io.borealis.api.agent.AgentTaskState;
import io.borealis.api.thermos.TaskState;

/** What the end of a runner says about its task. Pure. */
final class RunnerStatus {
  private RunnerStatus() {}

  /** The task ended in a state of its stream. */
  static TaskStatus ended(TaskState state) {
    return switch (state) {
      case SUCCESS -> TaskStatus.of(AgentTaskState.TASK_FINISHED, "Task finished.");
      case FAILED -> TaskStatus.failed("Task failed.");
      case KILLED -> TaskStatus.killed("Task killed.");
      case LOST -> TaskStatus.lost("Task lost.");
      case ACTIVE -> TaskStatus.lost("Runner died while task was active.");
      case CLEANING, FINALIZING -> TaskStatus.lost("Task checkpoint could not be read.");
    };
  }

  /**
   * The task could not be run, or not be run on.
   *
   * @param detail in the words of the runner
   */
  static TaskStatus failed(Failure kind, String detail) {
    return switch (kind) {
      case INVALID_TASK -> TaskStatus.failed("Thermos received an invalid task. " + detail);
      case UNKNOWN_USER -> TaskStatus.failed("Task started with unknown user. " + detail);
      case ALREADY_ENDED -> TaskStatus.lost("Task checkpoint could not be read. " + detail);
      case INTERNAL_ERROR -> TaskStatus.lost("Thermos failed with internal error. " + detail);
    };
  }

  /** The same for a task that never started. */
  static TaskStatus notStarted(Failure kind, String detail) {
    return TaskStatus.failed(
        "Task initialization failed: Task failed: " + failed(kind, detail).message().orElse(""));
  }
}
