package io.borealis.scheduler.cluster;

/**
 * What a task needs with its executor, and from which resources of an agent it may be taken.
 * Immutable.
 *
 * <p>A revocable task takes only revocable resources of the kinds that are given out as such, and
 * any of the other kinds; every other task takes no revocable ones (scheduling rules, section 1.2).
 *
 * @param revocable whether the task's tier is revocable
 * @param revocableCpus whether cpus are given out as revocable ones; so for RAM
 */
public record Demand(
    ResourceVector amounts, boolean revocable, boolean revocableCpus, boolean revocableRam) {
  /** What a task needs that may not take revocable resources. */
  public static Demand firm(ResourceVector amounts) {
    return new Demand(amounts, false, false, false);
  }
}
