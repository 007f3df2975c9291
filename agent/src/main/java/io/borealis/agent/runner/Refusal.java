package io.borealis.agent.runner;

/** A runner does not take a task, for good. Immutable. */
final class Refusal extends Exception {
  private static final long serialVersionUID = 1;

  private final TaskRunner.Failure kind;

  Refusal(TaskRunner.Failure kind, String message) {
    super(message);
    this.kind = kind;
  }

  TaskRunner.Failure kind() {
    return kind;
  }
}
