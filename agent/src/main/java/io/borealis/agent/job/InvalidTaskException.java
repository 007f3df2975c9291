package io.borealis.agent.job;

/** The configuration of a job or of its task breaks a rule. */
public final class InvalidTaskException extends Exception {
  private static final long serialVersionUID = 1;

  /**
   * @param message which value breaks which rule, as {@code place: rule}
   */
  public InvalidTaskException(String message) {
    super(message);
  }
}
