package io.borealis.agent.process;

/** A command could not be started for the reason the message tells in a sentence. */
public final class LaunchException extends Exception {
  private static final long serialVersionUID = 1;

  public LaunchException(String message) {
    super(message);
  }

  public LaunchException(String message, Throwable cause) {
    super(message, cause);
  }
}
