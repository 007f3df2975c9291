package io.borealis.scheduler.journal;

/** Nothing was appended: too many entries wait for a snapshot. Thread-safe. */
public final class JournalFullException extends NotAppendedException {
  private static final long serialVersionUID = 1;

  public JournalFullException(String reason) {
    super("Journal is full: " + reason);
  }
}
