package io.borealis.agent.runner;

import io.borealis.api.thermos.TaskState;
import java.time.Duration;

/** What a runner does next. Immutable. */
sealed interface Step {
  /** Writes the next state of the task. */
  record Enter(TaskState state) implements Step {}

  /** Starts a run of a process. */
  record Launch(String process) implements Step {}

  /** Writes that nobody will ever know what became of the run of a process. */
  record Lose(String process) implements Step {}

  /** Kills a run that has not ended, and writes that. */
  record Force(String process) implements Step {}

  /** Looks again after a while, or when something happens. */
  record Look(Duration after) implements Step {}

  /** Everything is written: what is left of the task has to go, and then it has ended. */
  record Settle() implements Step {}
}
