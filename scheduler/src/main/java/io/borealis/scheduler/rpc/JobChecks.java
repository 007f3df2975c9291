package io.borealis.scheduler.rpc;

import io.borealis.api.JobKey;
import io.borealis.api.ResponseCode;
import io.borealis.scheduler.quota.QuotaShortage;
import io.borealis.scheduler.store.State;
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

  /** Refuses changes of a job while an update of it is active. */
  static void refuseIfUpdating(State state, JobKey job) {
    if (state.updates().isUpdating(job)) {
      throw new Refusal(ResponseCode.JOB_UPDATING_ERROR, "Job is currently updating", null);
    }
  }

  /** Refuses what {@link io.borealis.scheduler.quota.QuotaCheck} found short, if anything. */
  static void requireQuota(@Nullable QuotaShortage shortage) {
    if (shortage != null) {
      throw Refusal.invalid("Insufficient resource quota: " + shortage.text());
    }
  }
}
