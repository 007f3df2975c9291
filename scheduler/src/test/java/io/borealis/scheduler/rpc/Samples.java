package io.borealis.scheduler.rpc;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.AssignedTask;
import io.borealis.api.Constraint;
import io.borealis.api.Container;
import io.borealis.api.ExecutorConfig;
import io.borealis.api.Identity;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateRequest;
import io.borealis.api.JobUpdateSettings;
import io.borealis.api.MesosContainer;
import io.borealis.api.Resource;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskConstraint;
import io.borealis.api.TaskEvent;
import io.borealis.api.ValueConstraint;
import io.borealis.scheduler.tier.TierRegistry;
import java.util.List;

/** Data for tests of the API: a job everybody would accept, and parts of others. */
final class Samples {
  static final JobKey JOB = new JobKey("shop", "prod", "cart");

  private Samples() {}

  static TaskConfig config() {
    return config(JOB);
  }

  static TaskConfig config(JobKey job) {
    return TaskConfig.builder()
        .job(job)
        .owner(new Identity("ann"))
        .isService(true)
        .maxTaskFailures(1)
        .executorConfig(new ExecutorConfig("AuroraExecutor", "{}"))
        .container(new Container.Mesos(MesosContainer.builder().build()))
        .resources(resources(1, 16, 32))
        .build();
  }

  /** The configuration as it is stored. */
  static TaskConfig stored(JobKey job) {
    return new TaskConfigValidator(JobLimits.DEFAULT, TierRegistry.stock(), config -> config)
        .validate(config(job), 1);
  }

  static ImmutableSet<Resource> resources(double cpus, long ramMb, long diskMb) {
    return ImmutableSet.of(
        new Resource.NumCpus(cpus), new Resource.RamMb(ramMb), new Resource.DiskMb(diskMb));
  }

  static Constraint dedicated(String... values) {
    return new Constraint(
        "dedicated",
        new TaskConstraint.Value(new ValueConstraint(false, ImmutableSet.copyOf(values))));
  }

  static JobConfiguration job(int instances) {
    return JobConfiguration.builder()
        .key(JOB)
        .owner(new Identity("ann"))
        .taskConfig(config())
        .instanceCount(instances)
        .build();
  }

  static JobUpdateRequest request(TaskConfig config, int instances) {
    return JobUpdateRequest.builder()
        .taskConfig(config)
        .instanceCount(instances)
        .settings(JobUpdateSettings.builder().updateGroupSize(1).build())
        .build();
  }

  static ScheduledTask task(TaskConfig config, int instance, ScheduleStatus status, long atMs) {
    return ScheduledTask.builder()
        .assignedTask(
            AssignedTask.builder()
                .taskId(config.job().name() + "-" + instance + "-" + status + "-" + atMs)
                .task(config)
                .instanceId(instance)
                .assignedPorts(ImmutableMap.of())
                .build())
        .status(status)
        .taskEvents(List.of(new TaskEvent(atMs, status, null, "test")))
        .build();
  }
}
