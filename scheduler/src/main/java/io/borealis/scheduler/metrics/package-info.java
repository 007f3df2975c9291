/** Gauges of what comes and goes with a term, or with what they show. */
@NullMarked
package io.borealis.scheduler.metrics;

import org.jspecify.annotations.NullMarked;
