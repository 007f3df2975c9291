/**
 * Whether a task may be taken down without breaking what was promised about its job. {@link
 * io.borealis.scheduler.sla.SlaCheck} answers for count and percentage policies from State, inside
 * the transaction that acts on the answer. {@link io.borealis.scheduler.sla.Coordinators} asks the
 * HTTP service a coordinator policy names; whatever it does, an answer comes within the deadline,
 * and what is not a clear yes is a no. {@link io.borealis.scheduler.sla.SlaAttempts} tries again
 * until tasks may go, for updates and for hosts that are drained.
 *
 * <p>Threads: everything belongs to the writer's loop; the exchange itself runs elsewhere.
 */
@NullMarked
package io.borealis.scheduler.sla;

import org.jspecify.annotations.NullMarked;
