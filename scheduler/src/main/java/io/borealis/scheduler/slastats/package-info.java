/**
 * Metrics of how well jobs and the cluster do (scheduling rules, section 8). {@link
 * io.borealis.scheduler.slastats.SlaStats} computes them every interval from one State; {@link
 * io.borealis.scheduler.slastats.SlaReport} says what they are.
 *
 * <p>Threads: timed on the writer's loop, computed on another thread.
 *
 * <p>Only services count. Tasks of production tiers and all others are told apart.
 */
@NullMarked
package io.borealis.scheduler.slastats;

import org.jspecify.annotations.NullMarked;
