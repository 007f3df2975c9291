package io.borealis.scheduler.backup;

/** A backup cannot be written, read or used; the message is for whoever asked for it. */
public final class BackupException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public BackupException(String message) {
    super(message);
  }

  public BackupException(String message, Throwable cause) {
    super(message, cause);
  }
}
