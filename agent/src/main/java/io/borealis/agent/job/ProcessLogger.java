package io.borealis.agent.job;

/**
 * Where the output of a process goes. Immutable.
 *
 * @param rotation counts in mode {@link Mode#ROTATE} only
 */
public record ProcessLogger(Destination destination, Mode mode, Rotation rotation) {
  /** A plain file, which is what holds if nobody says anything. */
  public static final ProcessLogger DEFAULT =
      new ProcessLogger(Destination.FILE, Mode.STANDARD, Rotation.DEFAULT);

  /** The places. */
  public enum Destination {
    /** Files in the log directory of the run. */
    FILE,
    /** The output of the executor. */
    CONSOLE,
    /** Both of them. */
    BOTH,
    /** Nowhere. */
    NONE
  }

  /** How files grow. */
  public enum Mode {
    /** Without end. */
    STANDARD,
    /** Up to a size, after which a new one begins. */
    ROTATE
  }

  /**
   * How much is kept.
   *
   * @param logSizeBytes the size at which a file is full; above 0
   * @param backups the number of full files that are kept; above 0
   */
  public record Rotation(long logSizeBytes, int backups) {
    /** 100 MiB and 5. */
    public static final Rotation DEFAULT = new Rotation(104_857_600, 5);
  }
}
