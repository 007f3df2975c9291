/**
 * Time and threads, and the only place that makes them.
 *
 * <p>Everything else receives a {@link io.borealis.scheduler.runtime.Clock} and {@link
 * io.borealis.scheduler.runtime.EventLoop}s, so that a whole leader runs on one thread and virtual
 * time in tests and simulations.
 */
@NullMarked
package io.borealis.scheduler.runtime;

import org.jspecify.annotations.NullMarked;
