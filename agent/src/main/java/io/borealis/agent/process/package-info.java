/**
 * Processes of this machine: starting coordinators, finding what belongs to a task, signals, users,
 * limits, disk use.
 */
@NullMarked
package io.borealis.agent.process;

import org.jspecify.annotations.NullMarked;
