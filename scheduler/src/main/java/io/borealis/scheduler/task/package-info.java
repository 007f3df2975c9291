/**
 * The life of tasks: the state machine as a table, the transactions that move tasks along it, the
 * timers that move them when nobody else does, and what the cluster reports.
 *
 * <p>Threads: everything that takes a {@link io.borealis.scheduler.store.WriteTransaction} runs on
 * the writer's thread; {@link io.borealis.scheduler.task.TaskQueries} and the table run anywhere.
 *
 * <p>Invariants: at most one active task for each instance; a task's events are in the order of
 * time; effects leave only after the transition they belong to is durable.
 */
@NullMarked
package io.borealis.scheduler.task;

import org.jspecify.annotations.NullMarked;
