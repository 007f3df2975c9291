/**
 * The daemon as a whole: {@link io.borealis.scheduler.Scheduler} is one process, {@link
 * io.borealis.scheduler.LeaderTerm} everything it has while it leads. Only this package knows all
 * others; here effects meet decisions.
 */
@NullMarked
package io.borealis.scheduler;

import org.jspecify.annotations.NullMarked;
