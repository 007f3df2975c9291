/**
 * Time and threads, and the only place that makes them.
 *
 * <p>Everything else receives a {@link io.borealis.runtime.Clock} and {@link
 * io.borealis.runtime.EventLoop}s, so that a whole leader runs on one thread and virtual time in
 * tests and simulations.
 */
@NullMarked
package io.borealis.runtime;

import org.jspecify.annotations.NullMarked;
