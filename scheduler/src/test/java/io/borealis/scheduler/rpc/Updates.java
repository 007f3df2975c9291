package io.borealis.scheduler.rpc;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.InstanceTaskConfig;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdate;
import io.borealis.api.JobUpdateInstructions;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateSettings;
import io.borealis.api.JobUpdateSummary;
import io.borealis.api.Metadata;
import io.borealis.api.Range;
import io.borealis.api.TaskConfig;

/** Updates for tests. */
final class Updates {
  private Updates() {}

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
