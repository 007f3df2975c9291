package io.borealis.agent.plan;

/**
 * What has happened to a process of a plan. Immutable.
 *
 * @param runs those that have ended, however
 * @param failures how many of them failed
 * @param endNanos when the last one ended; nothing if none has
 */
record Progress(Phase phase, int runs, int failures, long endNanos) {
  static final Progress START = new Progress(Phase.NOT_STARTED, 0, 0, 0);

  Progress in(Phase next) {
    return new Progress(next, runs, failures, endNanos);
  }

  Progress success(long nowNanos) {
    return new Progress(phase, runs + 1, failures, nowNanos);
  }

  Progress failure(long nowNanos) {
    return new Progress(phase, runs + 1, failures + 1, nowNanos);
  }

  Progress loss(long nowNanos) {
    return success(nowNanos);
  }
}
