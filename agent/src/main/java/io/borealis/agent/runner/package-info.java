/**
 * Runs one task from its plan: starts processes through coordinators, writes the stream of the
 * task, and goes on from it after a restart.
 *
 * <p>{@link io.borealis.agent.runner.TaskRunners} makes runners, each confined to the loop it is
 * given. {@code Stages} decides from {@code Course}, {@code Sight} and {@code Stop} what is next;
 * {@code CheckpointedRunner} does it, one step at a time. Nothing counts before it is written, and
 * no run of a process starts while something of an earlier one lives.
 */
@NullMarked
package io.borealis.agent.runner;

import org.jspecify.annotations.NullMarked;
