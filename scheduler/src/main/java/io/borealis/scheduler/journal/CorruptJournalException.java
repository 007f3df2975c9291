package io.borealis.scheduler.journal;

/** Something in the journal is broken or in a form this release does not know. Thread-safe. */
public final class CorruptJournalException extends JournalException {
  private static final long serialVersionUID = 1;

  public CorruptJournalException(String message) {
    super(message);
  }

  public CorruptJournalException(String message, Throwable cause) {
    super(message, cause);
  }
}
