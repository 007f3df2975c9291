package io.borealis.agent.process;

import java.util.OptionalLong;

/**
 * What a task may use. Immutable.
 *
 * @param cpus processors, may be a part of one
 * @param memoryBytes of all its processes together
 * @param maxProcesses processes and threads; absent for no bound
 */
public record TaskLimits(double cpus, long memoryBytes, OptionalLong maxProcesses) {}
