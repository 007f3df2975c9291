package io.borealis.agent.job;

/**
 * What a task asks for. Immutable.
 *
 * @param cpu in cores
 */
public record TaskResources(double cpu, long ramBytes, long diskBytes, int gpu) {}
