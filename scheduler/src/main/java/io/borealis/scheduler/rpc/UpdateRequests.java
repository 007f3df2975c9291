package io.borealis.scheduler.rpc;

import io.borealis.api.JobUpdateRequest;
import io.borealis.api.JobUpdateSettings;
import io.borealis.api.JobUpdateStrategy;
import io.borealis.api.Range;
import io.borealis.api.TaskConfig;
import io.borealis.scheduler.store.UpdateForms;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Checks requests for updates and fills in their defaults. Immutable. */
final class UpdateRequests {
  private static final int MAX_COMPARED = 1_000_000;

  private final JobLimits limits;
  private final JobValidator jobs;
  private final TaskConfigValidator tasks;

  UpdateRequests(JobLimits limits, JobValidator jobs, TaskConfigValidator tasks) {
    this.limits = limits;
    this.jobs = jobs;
    this.tasks = tasks;
  }

  /** Checks a request to start an update; returns it as it is stored. */
  JobUpdateRequest forStart(JobUpdateRequest request) {
    TaskConfig config = Arguments.required(request.taskConfig(), "request.taskConfig");
    if (!config.isService()) {
      throw Refusal.invalid("Updates are not supported for non-service tasks.");
    }
    if (request.settings() == null) {
      throw Refusal.invalid("settings must be set.");
    }
    JobUpdateSettings settings = UpdateForms.filled(request.settings());
    checkStrategy(settings.updateStrategy());
    checkNumbers(settings, request.instanceCount());
    if (Boolean.TRUE.equals(settings.slaAware()) && config.slaPolicy() == null) {
      throw Refusal.invalid("slaAware is true, but no task slaPolicy is specified.");
    }
    TaskConfig stored = tasks.validate(config, request.instanceCount());
    if (limits.checkEnvironmentOfUpdates()) {
      jobs.validateEnvironment(stored.job());
    }
    return request.toBuilder().taskConfig(stored).settings(settings).build();
  }

  /** Checks a request to compare only; returns it with its defaults. Settings may be missing. */
  JobUpdateRequest forDiff(JobUpdateRequest request) {
    TaskConfig config = Arguments.required(request.taskConfig(), "request.taskConfig");
    TaskConfig stored = tasks.validate(config, request.instanceCount());
    JobUpdateSettings settings = request.settings();
    return request.toBuilder()
        .taskConfig(stored)
        .settings(settings == null ? JobUpdateSettings.builder().build() : settings)
        .build();
  }

  /** Checks how much there is to compare. A job that would be too large is no reason to refuse. */
  static void checkExtentOfDiff(JobUpdateRequest request) {
    JobChecks.requireCount(0, MAX_COMPARED, request.instanceCount());
    checkRanges(request.settings());
  }

  /** Checks what decides how many instances have to be looked at, before any is. */
  void checkExtent(JobUpdateRequest request) {
    JobChecks.requireCount(0, limits.maxTasksPerJob(), request.instanceCount());
    checkRanges(request.settings());
  }

  /** Checks that the scope of an update is a set of proper ranges. */
  private static void checkRanges(JobUpdateSettings settings) {
    List<Range> ranges = new ArrayList<>(settings.updateOnlyTheseInstances());
    ranges.sort(Comparator.comparingInt(Range::first));
    Range before = null;
    for (Range range : ranges) {
      if (range.first() > range.last()) {
        throw Refusal.invalid(
            "updateOnlyTheseInstances: the first instance of a range must not be above its last: "
                + text(range));
      }
      if (before != null && range.first() <= before.last()) {
        throw Refusal.invalid(
            "updateOnlyTheseInstances: ranges must not overlap: "
                + text(before)
                + " and "
                + text(range));
      }
      before = range;
    }
  }

  private static String text(Range range) {
    return "[" + range.first() + ".." + range.last() + "]";
  }

  private static void checkStrategy(JobUpdateStrategy strategy) {
    long size = 0;
    if (strategy instanceof JobUpdateStrategy.QueueStrategy queue) {
      size = queue.value().groupSize();
    } else if (strategy instanceof JobUpdateStrategy.BatchStrategy batch) {
      size = batch.value().groupSize();
    } else if (strategy instanceof JobUpdateStrategy.VarBatchStrategy variable) {
      for (int group : variable.value().groupSizes()) {
        if (group <= 0) {
          throw Refusal.invalid("All update group sizes must be positive.");
        }
        size += group;
      }
    } else {
      throw Refusal.invalid("Update strategy provided is unknown.");
    }
    if (size <= 0) {
      throw Refusal.invalid("Update results in no instance being modified.");
    }
  }

  private void checkNumbers(JobUpdateSettings settings, int instances) {
    requireNotNegative(settings.maxPerInstanceFailures(), "maxPerInstanceFailures", "non-negative");
    requireNotNegative(settings.maxFailedInstances(), "maxFailedInstances", "non-negative");
    if ((long) settings.maxPerInstanceFailures() * instances > limits.maxUpdateInstanceFailures()) {
      throw Refusal.invalid(
          "Your update allows too many failures to occur, consider decreasing the per-instance"
              + " failures or maxFailedInstances.");
    }
    requireNotNegative(
        settings.minWaitInInstanceRunningMs(), "minWaitInInstanceRunningMs", "non-negative");
    // Clients know this text, although 0 is fine.
    requireNotNegative(settings.blockIfNoPulsesAfterMs(), "blockIfNoPulsesAfterMs", "positive");
  }

  private static void requireNotNegative(int value, String name, String rule) {
    if (value < 0) {
      throw Refusal.invalid(name + " must be " + rule + ".");
    }
  }
}
