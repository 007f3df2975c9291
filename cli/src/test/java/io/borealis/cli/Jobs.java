package io.borealis.cli;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.CronCollisionPolicy;
import io.borealis.api.ExecutorConfig;
import io.borealis.api.Identity;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateRequest;
import io.borealis.api.JobUpdateSettings;
import io.borealis.api.Resource;
import io.borealis.api.TaskConfig;

/** Jobs and updates as a client would send them. */
final class Jobs {
  /** The role of all jobs. */
  static final String ROLE = "www-data";

  private Jobs() {}

  static JobKey key(String name) {
    return new JobKey(ROLE, "prod", name);
  }

  static TaskConfig task(String name, String version) {
    return TaskConfig.builder()
        .job(key(name))
        .owner(new Identity(ROLE))
        .isService(true)
        .maxTaskFailures(1)
        .production(false)
        .tier("preemptible")
        .executorConfig(new ExecutorConfig("AuroraExecutor", "{\"version\":\"" + version + "\"}"))
        // Small: bursts make thousands of them, and the cluster shall not be what is full.
        .resources(
            ImmutableSet.of(
                new Resource.NumCpus(0.001), new Resource.RamMb(1), new Resource.DiskMb(1)))
        .build();
  }

  static JobConfiguration job(String name, int instances) {
    return JobConfiguration.builder()
        .key(key(name))
        .owner(new Identity(ROLE))
        .cronCollisionPolicy(CronCollisionPolicy.KILL_EXISTING)
        .taskConfig(task(name, "one"))
        .instanceCount(instances)
        .build();
  }

  /** An update that does nothing until it is pulsed. */
  static JobUpdateRequest waiting(String name, String version, int instances) {
    JobUpdateRequest request = update(name, version, instances, 1);
    return request.toBuilder()
        .settings(request.settings().toBuilder().blockIfNoPulsesAfterMs(60_000).build())
        .build();
  }

  static JobUpdateRequest update(String name, String version, int instances, int groupSize) {
    return JobUpdateRequest.builder()
        .taskConfig(task(name, version))
        .instanceCount(instances)
        .settings(
            JobUpdateSettings.builder()
                .updateGroupSize(groupSize)
                .maxPerInstanceFailures(0)
                .maxFailedInstances(0)
                .minWaitInInstanceRunningMs(500)
                .rollbackOnFailure(true)
                .build())
        .build();
  }
}
