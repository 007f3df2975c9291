package io.borealis.agent.checkpoint;

/** How records are taken into a state. */
public enum Mode {
  /** Every record must follow from those before it. */
  STRICT(false, false),
  /** The same, and only the last step of the task and the last run of each process are kept. */
  STRICT_TRUNCATE(false, true),
  /** Steps of processes that are out of order are passed over. */
  RECOVERY(true, false),
  /** The same, and only what is last is kept. */
  RECOVERY_TRUNCATE(true, true);

  private final boolean recovers;
  private final boolean truncates;

  Mode(boolean recovers, boolean truncates) {
    this.recovers = recovers;
    this.truncates = truncates;
  }

  /** Whether steps of processes that are out of order are passed over. */
  public boolean recovers() {
    return recovers;
  }

  /** Whether only what is last is kept. */
  public boolean truncates() {
    return truncates;
  }
}
