package io.borealis.agent.job;

import io.borealis.agent.plan.PlannedProcess;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A command line of a task. Immutable.
 *
 * @param name of its log directory and its stream; holds no slash and does not begin with a dot
 * @param cmdline what bash is to do
 * @param maxFailures the number of failures after which it is not started again; 0 means never
 * @param daemon whether it is started again after a success
 * @param ephemeral whether the task may end without it
 * @param minDuration the least time from an end to the next start
 * @param finalProcess whether it belongs to the processes that run after the others
 * @param logger where its output goes; null leaves this to the agent
 */
public record TaskProcess(
    String name,
    String cmdline,
    int maxFailures,
    boolean daemon,
    boolean ephemeral,
    Duration minDuration,
    boolean finalProcess,
    @Nullable ProcessLogger logger) {
  /** What a plan has to know of it. */
  public PlannedProcess planned() {
    return new PlannedProcess(name, daemon, ephemeral, maxFailures, minDuration);
  }
}
