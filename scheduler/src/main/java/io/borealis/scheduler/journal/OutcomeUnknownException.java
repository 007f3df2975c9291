package io.borealis.scheduler.journal;

/** The write may or may not have been applied, and the journal cannot be read. Thread-safe. */
public final class OutcomeUnknownException extends JournalException {
  private static final long serialVersionUID = 1;

  public OutcomeUnknownException(String reason) {
    super("Outcome unknown: " + reason + "; check before repeating");
  }
}
