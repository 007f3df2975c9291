package io.borealis.scheduler.journal;

/** Why the journal did not do as it was asked. Thread-safe. */
public abstract sealed class JournalException extends Exception
    permits NotAppendedException,
        OutcomeUnknownException,
        CorruptJournalException,
        WrongJournalException {
  private static final long serialVersionUID = 1;

  JournalException(String message) {
    super(message);
  }

  JournalException(String message, Throwable cause) {
    super(message, cause);
  }
}
