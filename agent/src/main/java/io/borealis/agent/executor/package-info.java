/**
 * Owns one task from launch to its last status: sandbox, runner, health, teardown, and the statuses
 * that follow from them.
 *
 * <p>Main types: {@link io.borealis.agent.executor.AuroraExecutors} makes executors; what is the
 * same for all tasks is in {@link io.borealis.agent.executor.ExecutorSettings} and {@link
 * io.borealis.agent.executor.Machine}. Each executor is confined to one loop, which it shares with
 * other tasks. Small writes wait for the disk on it (the records of the runner, why a task is
 * stopped); all else that blocks does so on a pool. Invariants: of one launch exactly one status is
 * terminal, it is the last, and by then nothing of the task lives, unless it cannot be killed.
 */
@NullMarked
package io.borealis.agent.executor;

import org.jspecify.annotations.NullMarked;
