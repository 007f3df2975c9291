package io.borealis.agent.runner;

import io.borealis.agent.checkpoint.ProcessUpdate;
import io.borealis.agent.process.RunPids;
import io.borealis.api.thermos.ProcessState;

/**
 * The last run of a process. Immutable.
 *
 * @param process its name
 * @param number of the run, from 0
 * @param known what its stream says of it
 * @param forkedNanos when its coordinator was started, on the monotonic clock; nothing before that
 */
record Run(String process, int number, ProcessUpdate known, long forkedNanos) {
  ProcessState state() {
    ProcessState state = known.state();
    if (state == null) {
      throw new IllegalStateException("A run without a state: " + process);
    }
    return state;
  }

  long seq() {
    Long seq = known.seq();
    return seq == null ? -1 : seq;
  }

  boolean isUnended() {
    return switch (state()) {
      case WAITING, FORKED, RUNNING -> true;
      case SUCCESS, KILLED, FAILED, LOST -> false;
    };
  }

  /** Whether a coordinator was started for it. */
  boolean hasCoordinator() {
    return known.coordinatorPid() != null;
  }

  /**
   * What its stream says of its pids.
   *
   * @throws IllegalStateException if it has no coordinator
   */
  RunPids pids() {
    return RunPids.of(known)
        .orElseThrow(() -> new IllegalStateException("Never started: " + known));
  }
}
