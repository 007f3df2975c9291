/**
 * Brings every status update to the scheduler at least once and in order, over restarts of either
 * side.
 */
@NullMarked
package io.borealis.agent.updates;

import org.jspecify.annotations.NullMarked;
