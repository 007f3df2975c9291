package io.borealis.scheduler.scheduling;

/**
 * Why a task may not run on a host. Immutable.
 *
 * @param reason the text that clients see
 * @param score how far the host is from suitable; the least total tells why a task is pending
 */
public record Veto(Kind kind, String reason, long score) {
  private static final int LARGEST_RESOURCE_SCORE = 1000;
  private static final int UNSATISFIED_SCORE = 10_000;
  private static final int MAINTENANCE_SCORE = 100_000;
  private static final int DEDICATED_SCORE = 1_000_000;

  /** The kinds of vetoes. */
  public enum Kind {
    INSUFFICIENT_RESOURCES,
    CONSTRAINT_MISMATCH,
    LIMIT_NOT_SATISFIED,
    MAINTENANCE,
    DEDICATED_CONSTRAINT_MISMATCH
  }

  /** The host is for tasks that ask for it. */
  static Veto dedicatedHost() {
    return new Veto(Kind.DEDICATED_CONSTRAINT_MISMATCH, "Host is dedicated", DEDICATED_SCORE);
  }

  /** The host is going out of service. */
  static Veto draining() {
    return new Veto(Kind.MAINTENANCE, "Host draining for maintenance", MAINTENANCE_SCORE);
  }

  /** The host is out of service. */
  static Veto drained() {
    return new Veto(Kind.MAINTENANCE, "Host drained for maintenance", MAINTENANCE_SCORE);
  }

  /** The host lacks a value, or has one that is unwanted. */
  static Veto unsatisfied(String constraint) {
    return new Veto(
        Kind.CONSTRAINT_MISMATCH, "Constraint not satisfied: " + constraint, UNSATISFIED_SCORE);
  }

  /** As many tasks of the job as allowed share a value of the host. */
  static Veto limited(String constraint) {
    return new Veto(
        Kind.LIMIT_NOT_SATISFIED, "Limit not satisfied: " + constraint, UNSATISFIED_SCORE);
  }

  /**
   * Too little of a resource is free.
   *
   * @param shortfallInThousandths of the resource's unit
   * @param range an amount of the resource that counts as a lot
   */
  static Veto insufficient(String resource, long shortfallInThousandths, long range) {
    return new Veto(
        Kind.INSUFFICIENT_RESOURCES,
        "Insufficient: " + resource,
        Math.min(LARGEST_RESOURCE_SCORE, shortfallInThousandths / range));
  }
}
