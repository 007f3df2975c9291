package io.borealis.scheduler.update;

/** Why an update cannot do as it was asked; the message is meant for the caller. */
public final class UpdateException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public UpdateException(String message) {
    super(message);
  }
}
