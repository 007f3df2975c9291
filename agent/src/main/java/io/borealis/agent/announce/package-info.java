/**
 * Announces tasks in ZooKeeper as long as they live.
 *
 * <p>Main types: {@link io.borealis.agent.announce.Announcer} keeps one member there, over one
 * connection for all tasks of the agent. Each is confined to the loop of its task. Invariant: of
 * one task there is one member, but for the time that it takes ZooKeeper to forget a former agent
 * process.
 */
@NullMarked
package io.borealis.agent.announce;

import org.jspecify.annotations.NullMarked;
