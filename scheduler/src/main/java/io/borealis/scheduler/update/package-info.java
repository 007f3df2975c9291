/**
 * Job updates: pure rules ({@link io.borealis.scheduler.update.InstanceRules}, {@link
 * io.borealis.scheduler.update.Groups}, {@link io.borealis.scheduler.update.UpdateTransitions}) and
 * the shell that runs them inside transactions ({@link io.borealis.scheduler.update.UpdateEngine}).
 *
 * <p>Threads: the engine belongs to the writer's thread, except for pulses, which any thread may
 * bring.
 *
 * <p>Invariants: one active update a job, held by its lock; what a failover may not forget (which
 * instances are under way or done, failures, the place in the order, the last pulse) is in State;
 * work per event is that of the instances concerned, not of the job.
 */
@NullMarked
package io.borealis.scheduler.update;

import org.jspecify.annotations.NullMarked;
