package io.borealis.scheduler.task;

import java.time.Duration;

/**
 * How long what may take in the life of a task (defaults: task rules, sections 6 to 8). Immutable.
 *
 * @param flappingThreshold a task that ends sooner after its last active state counts as flapping
 * @param initialPenalty first waiting time of a flapping task, at least
 * @param maxPenalty longest waiting time of a flapping task
 * @param killRetry first time between two kills of a task that does not end, at least
 * @param transientTimeout how long a task may stay in a transient state before it counts as lost
 */
public record TaskPolicy(
    Duration flappingThreshold,
    Duration initialPenalty,
    Duration maxPenalty,
    Duration killRetry,
    Duration transientTimeout) {
  /** Aurora's defaults. */
  public static final TaskPolicy DEFAULT =
      new TaskPolicy(
          Duration.ofMinutes(5),
          Duration.ofSeconds(30),
          Duration.ofMinutes(5),
          Duration.ofSeconds(15),
          Duration.ofMinutes(5));
}
