package io.borealis.agent.plan;

/** The order of processes cannot be kept, for the reason in the message. */
public final class InvalidPlanException extends Exception {
  private static final long serialVersionUID = 1;

  /**
   * @param message which rule is broken by which processes
   */
  public InvalidPlanException(String message) {
    super(message);
  }
}
