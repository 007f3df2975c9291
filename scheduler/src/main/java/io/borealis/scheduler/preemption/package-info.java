/**
 * Lets pending tasks take the place of tasks of lower rank: {@code SlotSearch} finds agents and
 * victims against one State, {@code Displacements} checks a find once more and carries it out in a
 * transaction, {@code ClaimedAgents} keeps others off the agent, and {@code Preemptor} runs it all
 * on the scheduling loop.
 *
 * <p>Nobody displaces a task of its own or higher rank, so chains of displacements end.
 */
@NullMarked
package io.borealis.scheduler.preemption;

import org.jspecify.annotations.NullMarked;
