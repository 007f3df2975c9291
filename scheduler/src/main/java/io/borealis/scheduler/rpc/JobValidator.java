package io.borealis.scheduler.rpc;

import com.google.common.base.Strings;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.TaskConfig;
import org.jspecify.annotations.Nullable;

/** Checks descriptions of jobs and fills in their defaults. Immutable. */
public final class JobValidator {
  private final JobLimits limits;
  private final TaskConfigValidator tasks;

  /** Checks jobs against the limits and their tasks with the validator. */
  public JobValidator(JobLimits limits, TaskConfigValidator tasks) {
    this.limits = limits;
    this.tasks = tasks;
  }

  /**
   * Checks the description as the client sent it.
   *
   * @return the description to store
   * @throws Refusal for the first rule it breaks
   */
  public JobConfiguration validate(JobConfiguration job) {
    TaskConfig config = job.taskConfig();
    if (config == null) {
      throw Refusal.invalid("Job configuration must have taskConfig set.");
    }
    if (job.instanceCount() <= 0) {
      throw Refusal.invalid("Instance count must be positive.");
    }
    if (!Identifiers.isValid(job.key())) {
      throw Refusal.invalid("Job key " + Identifiers.path(job.key()) + " is invalid.");
    }
    validateEnvironment(job.key());
    if (job.owner() != null && !Identifiers.isGood(job.owner().user())) {
      throw Refusal.invalid("Job user contains illegal characters: " + job.owner().user());
    }
    TaskConfig stored = tasks.validate(config, job.instanceCount());
    // Permission and quota are looked up by the job's key, tasks are filed under their own.
    if (!job.key().equals(stored.job())) {
      throw Refusal.invalid(
          "Job key "
              + Identifiers.path(job.key())
              + " must be the same as taskConfig.job "
              + Identifiers.path(stored.job())
              + ".");
    }
    if (!Strings.isNullOrEmpty(job.cronSchedule()) && stored.isService()) {
      throw Refusal.invalid(
          "A service task may not be run on a cron schedule: " + Identifiers.path(job.key()));
    }
    return job.toBuilder().taskConfig(stored).build();
  }

  /** Checks that jobs may live in the key's environment. */
  void validateEnvironment(@Nullable JobKey key) {
    String environment = key == null ? null : key.environment();
    if (environment == null || !limits.environments().matcher(environment).matches()) {
      throw Refusal.invalid(
          "Job environment " + environment + " doesn't match: " + limits.environments());
    }
  }
}
