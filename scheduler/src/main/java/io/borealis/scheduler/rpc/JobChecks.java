package io.borealis.scheduler.rpc;

/** Checks common to all calls that make jobs larger. Stateless. */
final class JobChecks {
  private JobChecks() {}

  /** Checks how many instances a job would have in all. */
  static void requireCount(JobLimits limits, long total) {
    if (total < 1 || total > limits.maxTasksPerJob()) {
      throw refusal(limits.maxTasksPerJob());
    }
  }

  static Refusal refusal(int max) {
    return Refusal.invalid("Instance count must be between 1 and " + max + " inclusive.");
  }
}
