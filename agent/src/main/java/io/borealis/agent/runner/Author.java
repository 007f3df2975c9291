package io.borealis.agent.runner;

import io.borealis.agent.checkpoint.Checkpoint;
import io.borealis.agent.checkpoint.TaskUpdate;
import io.borealis.api.thermos.TaskState;

/** Who writes the records of tasks: this process and its account. Immutable. */
record Author(int pid, int uid) {
  /** The record of a step of a task, which says who wrote it. */
  Checkpoint status(TaskState state, long nowMs) {
    return Checkpoint.of(TaskUpdate.of(state, nowMs, pid, uid));
  }
}
