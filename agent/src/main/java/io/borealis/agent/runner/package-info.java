/**
 * Runs one task from its plan: starts processes through coordinators, writes the stream of the
 * task, and goes on from it after a restart.
 */
@NullMarked
package io.borealis.agent.runner;

import org.jspecify.annotations.NullMarked;
