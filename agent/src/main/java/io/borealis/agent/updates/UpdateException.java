package io.borealis.agent.updates;

/** Why an update or an acknowledgement was not taken. Immutable. */
public final class UpdateException extends Exception {
  private static final long serialVersionUID = 1;

  UpdateException(String message) {
    super(message);
  }
}
