package io.borealis.scheduler.slastats;

import com.google.common.collect.ImmutableSet;
import java.time.Duration;

/**
 * What is computed and how often. Immutable.
 *
 * @param interval time between two computations, and what each looks back on
 * @param production what is computed of services of production tiers
 * @param other what is computed of all other services
 */
public record SlaStatsSettings(
    Duration interval, ImmutableSet<Category> production, ImmutableSet<Category> other) {
  /** Kinds of metrics. */
  public enum Category {
    /** For how long the instances of a job have been running. */
    JOB_UPTIMES,
    /** How much of the time instances that should run did run. */
    PLATFORM_UPTIME,
    /** How long it takes until tasks are assigned, started and running. */
    MEDIANS
  }

  /** Whether there is anything to compute. */
  boolean isEmpty() {
    return production.isEmpty() && other.isEmpty();
  }
}
