package io.borealis.agent.process;

import java.nio.file.Path;

/** Starts coordinators. Thread-safe; {@link #start} takes some milliseconds. */
public interface Coordinators {
  /**
   * Starts a coordinator, which waits for its word before it starts the command.
   *
   * @throws LaunchException if it cannot be started
   */
  StartedCoordinator start(Launch launch) throws LaunchException;

  /**
   * The coordinators of this machine.
   *
   * @param workDirectory where the script is put
   * @throws LaunchException if it cannot be put there
   */
  static Coordinators in(Path workDirectory) throws LaunchException {
    return ScriptCoordinators.in(workDirectory);
  }
}
