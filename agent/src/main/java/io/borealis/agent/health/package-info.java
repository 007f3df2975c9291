/**
 * Whether a task is healthy: attempts over HTTP or by a shell command, and the rule that judges
 * them.
 */
@NullMarked
package io.borealis.agent.health;

import org.jspecify.annotations.NullMarked;
