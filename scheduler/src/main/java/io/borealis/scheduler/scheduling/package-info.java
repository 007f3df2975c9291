/**
 * Finds places for pending tasks: resources, constraints, held offers and the loop that assigns.
 */
@NullMarked
package io.borealis.scheduler.scheduling;

import org.jspecify.annotations.NullMarked;
