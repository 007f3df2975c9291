/**
 * Owns one task from launch to its last status: sandbox, runner, health, teardown, and the statuses
 * that follow from them.
 */
@NullMarked
package io.borealis.agent.executor;

import org.jspecify.annotations.NullMarked;
