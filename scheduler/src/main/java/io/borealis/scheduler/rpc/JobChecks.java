package io.borealis.scheduler.rpc;

import io.borealis.scheduler.quota.QuotaShortage;
import org.jspecify.annotations.Nullable;

/** Checks common to all calls that make jobs larger. Stateless. */
final class JobChecks {
  private JobChecks() {}

  /** Checks how many instances a job would have in all. */
  static void requireCount(JobLimits limits, long total) {
    requireCount(1, limits.maxTasksPerJob(), total);
  }

  /** Refuses a count outside these bounds with the words for jobs, which have at least one. */
  static void requireCount(int min, int max, long total) {
    if (total < min || total > max) {
      throw Refusal.invalid("Instance count must be between 1 and " + max + " inclusive.");
    }
  }

  /** Refuses what {@link io.borealis.scheduler.quota.QuotaCheck} found short, if anything. */
  static void requireQuota(@Nullable QuotaShortage shortage) {
    if (shortage != null) {
      throw Refusal.invalid("Insufficient resource quota: " + shortage.text());
    }
  }
}
