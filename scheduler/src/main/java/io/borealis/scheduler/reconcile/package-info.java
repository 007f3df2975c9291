/**
 * Asks the cluster what has become of tasks: of those it should have, so that the lost are noticed,
 * and of all it has, so that those nobody wants are ended. The answers come as status updates.
 *
 * <p>Threads: questions are made on an executor of their own and sent on the writer's loop.
 *
 * <p>Invariants: nothing is written; the same question twice does no harm.
 */
@NullMarked
package io.borealis.scheduler.reconcile;

import org.jspecify.annotations.NullMarked;
