package io.borealis.scheduler.rpc;

/** Checks common to all calls that make jobs larger. Stateless. */
final class JobChecks {
  private JobChecks() {}

  static void requireCount(JobLimits limits, long total) {
    if (total < 1 || total > limits.maxTasksPerJob()) {
      throw Refusal.invalid(
          "Instance count must be between 1 and " + limits.maxTasksPerJob() + " inclusive.");
    }
  }
}
