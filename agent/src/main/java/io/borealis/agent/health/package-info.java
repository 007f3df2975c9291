/**
 * Whether a task is healthy: attempts over HTTP or by a shell command, and the rule that judges
 * them.
 *
 * <p>Main types: {@link io.borealis.agent.health.HealthState} is the rule, and pure; {@link
 * io.borealis.agent.health.HealthChecker} makes the attempts of one task, confined to its loop.
 * Invariant: no check holds up a loop, and each ends within about its timeout.
 */
@NullMarked
package io.borealis.agent.health;

import org.jspecify.annotations.NullMarked;
