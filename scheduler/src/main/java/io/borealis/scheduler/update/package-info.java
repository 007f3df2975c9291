/**
 * Job updates. A pure core decides: {@link io.borealis.scheduler.update.Evaluation} makes a {@link
 * io.borealis.scheduler.update.Decision} with the rules of {@link
 * io.borealis.scheduler.update.InstanceRules}, {@link io.borealis.scheduler.update.Groups} and
 * {@link io.borealis.scheduler.update.UpdateTransitions}. A shell acts: {@link
 * io.borealis.scheduler.update.UpdateEngine} is what others call, {@link
 * io.borealis.scheduler.update.UpdateRunner} evaluates inside transactions and carries decisions
 * out, and {@link io.borealis.scheduler.update.Pulses} and {@link
 * io.borealis.scheduler.update.UpdateTimers} say when it is time. What {@link
 * io.borealis.scheduler.update.SlaKills} takes down waits until its policy allows it.
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
