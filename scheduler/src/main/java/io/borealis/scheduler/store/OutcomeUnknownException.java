package io.borealis.scheduler.store;

/** Whether the write is applied could not be found out in time. */
public final class OutcomeUnknownException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * @param reason why it could not be found out
   */
  public OutcomeUnknownException(String reason) {
    super("Outcome unknown: " + reason + "; check before repeating");
  }
}
