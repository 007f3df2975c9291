/**
 * What the tier of a task means: whether others may take its place, and on which resources it runs.
 * Immutable values.
 */
@NullMarked
package io.borealis.scheduler.tier;

import org.jspecify.annotations.NullMarked;
