package io.borealis.scheduler.journal;

/** The write has provably not been applied and never will be. Thread-safe. */
public sealed class NotAppendedException extends JournalException permits JournalFullException {
  private static final long serialVersionUID = 1;

  public NotAppendedException(String message) {
    super(message);
  }
}
