package io.borealis.scheduler.journal;

/** The journal is not ours: it belongs to another cluster or a newer release. Thread-safe. */
public final class WrongJournalException extends JournalException {
  private static final long serialVersionUID = 1;

  public WrongJournalException(String message) {
    super(message);
  }
}
