package io.borealis.scheduler.rpc;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.InstanceTaskConfig;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdate;
import io.borealis.api.JobUpdateInstructions;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateRequest;
import io.borealis.api.JobUpdateSettings;
import io.borealis.api.JobUpdateStrategy;
import io.borealis.api.JobUpdateSummary;
import io.borealis.api.Metadata;
import io.borealis.api.Range;
import io.borealis.api.TaskConfig;
import java.util.function.UnaryOperator;

/** Updates for tests. */
final class Updates {
  /** What updates bring. */
  static final TaskConfig NEW = Samples.stored(Samples.JOB).toBuilder().priority(7).build();

  private Updates() {}

  /** A request for three new instances with these settings. */
  static JobUpdateRequest request(UnaryOperator<JobUpdateSettings.Builder> settings) {
    JobUpdateSettings.Builder builder = JobUpdateSettings.builder().updateGroupSize(1);
    return Samples.request(NEW, 3).toBuilder().settings(settings.apply(builder).build()).build();
  }

  /** A request for new instances of which only these are to be touched. */
  static JobUpdateRequest only(int count, Range... ranges) {
    return request(s -> s.updateOnlyTheseInstances(ImmutableSet.copyOf(ranges))).toBuilder()
        .instanceCount(count)
        .build();
  }

  /** A request for three new instances in this way. */
  static JobUpdateRequest strategy(JobUpdateStrategy strategy) {
    return request(s -> s.updateGroupSize(0).updateStrategy(strategy));
  }

  /** Instances first to last of a configuration, as instructions name them. */
  static InstanceTaskConfig instances(TaskConfig config, Range... ranges) {
    return new InstanceTaskConfig(config, ImmutableSet.copyOf(ranges));
  }

  /** An update that brings instances 0 to count - 1 and takes none away. */
  static JobUpdate of(JobKey job, String id, TaskConfig config, int count) {
    return JobUpdate.builder()
        .summary(
            JobUpdateSummary.builder()
                .key(new JobUpdateKey(job, id))
                .user("bob")
                .metadata(ImmutableSet.of(new Metadata("tag", id)))
                .build())
        .instructions(
            JobUpdateInstructions.builder()
                .desiredState(
                    new InstanceTaskConfig(config, ImmutableSet.of(new Range(0, count - 1))))
                .settings(JobUpdateSettings.builder().updateGroupSize(1).build())
                .build())
        .build();
  }
}
