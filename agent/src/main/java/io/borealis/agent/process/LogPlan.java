package io.borealis.agent.process;

/**
 * Where the output of a command goes. Immutable.
 *
 * @param rotateBytes size from which a file is put aside, at least 1; used with {@link Mode#ROTATE}
 * @param backups how many files are kept aside, at least 1; used with {@link Mode#ROTATE}
 */
public record LogPlan(Destination destination, Mode mode, long rotateBytes, int backups) {
  public static final long DEFAULT_ROTATE_BYTES = 100L << 20;
  public static final int DEFAULT_BACKUPS = 5;

  /** Files that grow without limit. */
  public static final LogPlan STANDARD =
      new LogPlan(Destination.FILE, Mode.STANDARD, DEFAULT_ROTATE_BYTES, DEFAULT_BACKUPS);

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if files would be rotated by a size or number below 1
   */
  public LogPlan {
    if (mode == Mode.ROTATE && rotateBytes < 1) {
      throw new IllegalArgumentException(
          "Logs cannot be rotated at " + rotateBytes + " bytes: the size must be at least 1");
    }
    if (mode == Mode.ROTATE && backups < 1) {
      throw new IllegalArgumentException(
          "Logs cannot be rotated with " + backups + " backups: there must be at least 1");
    }
  }

  /** Whether output passes through a program of ours rather than going to a file directly. */
  boolean needsRotator() {
    return destination == Destination.BOTH
        || (destination == Destination.FILE && mode == Mode.ROTATE);
  }

  /** Whether the files of the task take output. */
  boolean needsConsole() {
    return destination == Destination.CONSOLE || destination == Destination.BOTH;
  }

  /** Which files take the output. */
  public enum Destination {
    /** {@code stdout} and {@code stderr} in the directory of the run. */
    FILE,
    /** {@code stdout} and {@code stderr} of the task, shared by all its processes. */
    CONSOLE,
    /** The files of the task first, then those of the run. */
    BOTH,
    /** Nothing is kept. */
    NONE
  }

  /** How files of a run are bounded. */
  public enum Mode {
    /** Not at all. */
    STANDARD,
    /** By size and number. */
    ROTATE
  }
}
