/**
 * The state of the cluster and the only way to change it.
 *
 * <p>{@link io.borealis.scheduler.store.State} is one immutable value. {@code State.apply(Op)} is
 * pure and makes the next one; leader and followers run the same function. A {@link
 * io.borealis.scheduler.store.WriteTransaction} collects changes on the writer's thread and commits
 * whole or leaves no trace. The {@link io.borealis.scheduler.store.Writer} batches transactions
 * into journal entries and shows a State only once it is durable. A {@link
 * io.borealis.scheduler.store.Replica} follows the journal and holds what readers see.
 */
@NullMarked
package io.borealis.scheduler.store;

import org.jspecify.annotations.NullMarked;
