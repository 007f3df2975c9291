/**
 * The history of tasks that have ended: how long it is kept, and that it is forgotten in the
 * journal too.
 *
 * <p>Threads: State is looked at on an executor of its own, once, at the beginning of a term;
 * everything else happens on the writer's loop.
 *
 * <p>Invariants: only tasks that have ended are removed; a transaction removes no more than a
 * batch; the work is that of what ends and of what is due, not of what is kept.
 */
@NullMarked
package io.borealis.scheduler.prune;

import org.jspecify.annotations.NullMarked;
