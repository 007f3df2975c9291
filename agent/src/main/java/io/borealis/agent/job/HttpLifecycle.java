package io.borealis.agent.job;

import java.time.Duration;

/**
 * How a task is asked over HTTP to end. Immutable.
 *
 * @param port the name of the port that is asked; without a number nobody is asked
 * @param gracefulEndpoint asked first
 * @param shutdownEndpoint asked when the first had no effect
 */
public record HttpLifecycle(
    String port,
    String gracefulEndpoint,
    String shutdownEndpoint,
    Duration gracefulWait,
    Duration shutdownWait) {}
