package io.borealis.agent.executor;

import io.borealis.config.AgentSettings;
import java.time.Duration;

/**
 * How tasks are run on this agent. Immutable.
 *
 * @param hostname of the agent, told where jobs are announced unless another is set
 * @param tasks what the operator chose for all tasks
 * @param announcer where jobs are announced
 * @param timings how long things may take
 */
public record ExecutorSettings(
    String hostname,
    AgentSettings.Tasks tasks,
    AgentSettings.Announcer announcer,
    Timings timings) {
  /** The settings of an agent, with the usual timings. */
  public static ExecutorSettings of(AgentSettings settings) {
    return new ExecutorSettings(
        settings.hostname(), settings.tasks(), settings.announcer(), Timings.USUAL);
  }

  /**
   * How long things may take. Immutable.
   *
   * @param sandbox to make a sandbox
   * @param start until a runner has taken control
   * @param killPatience between the signal that asks processes to end and the one that makes them
   * @param signal until a task answers a request of the HTTP life cycle
   * @param withdraw until a task is asked to end although it is still announced
   * @param lastWords until a task that was killed without asking is told to have ended
   * @param release between attempts to give back what something dying still holds, at first
   * @param diskSample between two looks at the size of a sandbox
   * @param memorySample between two looks at the memory of a task
   */
  public record Timings(
      Duration sandbox,
      Duration start,
      Duration killPatience,
      Duration signal,
      Duration withdraw,
      Duration lastWords,
      Duration release,
      Duration diskSample,
      Duration memorySample) {
    /** As tasks expect them. */
    public static final Timings USUAL =
        new Timings(
            Duration.ofMinutes(10),
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            Duration.ofSeconds(1),
            Duration.ofSeconds(5),
            Duration.ofSeconds(10),
            Duration.ofSeconds(1),
            Duration.ofSeconds(60),
            Duration.ofSeconds(5));
  }
}
