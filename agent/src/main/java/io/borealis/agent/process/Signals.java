package io.borealis.agent.process;

import java.util.Optional;

/**
 * Sends signals to processes that were seen in a table, and never to another that got the same pid
 * since. Thread-safe; no method waits.
 */
final class Signals {
  private final ProcReader reader;

  Signals(ProcReader reader) {
    this.reader = reader;
  }

  /** SIGTERM; false if it is gone or not ours. */
  boolean terminate(ProcEntry process) {
    return handle(process).map(ProcessHandle::destroy).orElse(false);
  }

  /** SIGKILL; false if it is gone or not ours. */
  boolean kill(ProcEntry process) {
    return handle(process).map(ProcessHandle::destroyForcibly).orElse(false);
  }

  /**
   * A handle refuses a pid that was used again after it was made; that it was not before is seen by
   * looking at the start once more.
   */
  private Optional<ProcessHandle> handle(ProcEntry process) {
    if (process.pid() <= 1 || process.pid() == ProcReader.ownPid()) {
      return Optional.empty();
    }
    return ProcessHandle.of(process.pid())
        .filter(
            handle ->
                reader
                    .entry(process.pid())
                    .filter(now -> now.startTicks() == process.startTicks())
                    .isPresent());
  }
}
