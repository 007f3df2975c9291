/**
 * What happens to updates, told as it happens: {@code GET /events/updates/…}, served by every
 * process from the State it has, whether it leads or not.
 *
 * <p>A stream is a {@link io.borealis.scheduler.events.Position} in the two lists of events that an
 * {@link io.borealis.scheduler.store.UpdateRecord} keeps, and at most one piece of text on its way
 * to the client; there is no queue behind it. {@link io.borealis.scheduler.events.UpdateStreams}
 * keeps all of them on one loop, and is woken when a State is published: one pass for all States
 * that came meanwhile, over the updates somebody watches.
 */
@NullMarked
package io.borealis.scheduler.events;

import org.jspecify.annotations.NullMarked;
