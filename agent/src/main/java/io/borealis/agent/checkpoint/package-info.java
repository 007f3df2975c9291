/**
 * Streams of records of what happened to a task and its processes, in the format of Thermos:
 * reading, writing, replaying and following them. A library of its own: knows nothing of processes.
 */
@NullMarked
package io.borealis.agent.checkpoint;

import org.jspecify.annotations.NullMarked;
