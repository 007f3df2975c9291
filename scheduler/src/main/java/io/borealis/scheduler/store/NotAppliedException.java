package io.borealis.scheduler.store;

/** The write is provably not applied and may be repeated. */
public final class NotAppliedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public NotAppliedException(String message) {
    super(message);
  }
}
