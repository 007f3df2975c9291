/**
 * Takes hosts out of service and back (task rules, section 13). {@link
 * io.borealis.scheduler.maintenance.Maintenance} changes the modes of hosts inside transactions,
 * {@link io.borealis.scheduler.maintenance.Drains} empties those that are to be drained, each task
 * as its policy allows and all of them when the time is over.
 *
 * <p>Threads: everything belongs to the writer's loop, except for what is marked as for any thread.
 *
 * <p>What is going on follows from State alone: a host in DRAINING with its request. A host that is
 * in no such mode has no request.
 */
@NullMarked
package io.borealis.scheduler.maintenance;

import org.jspecify.annotations.NullMarked;
