package io.borealis.scheduler.store;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.AssignedTask;
import io.borealis.api.ExecutorConfig;
import io.borealis.api.Identity;
import io.borealis.api.InstanceTaskConfig;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdate;
import io.borealis.api.JobUpdateInstructions;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateSettings;
import io.borealis.api.JobUpdateSummary;
import io.borealis.api.Range;
import io.borealis.api.Resource;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskEvent;

/** Values that many tests need. */
public final class Fixtures {
  public static final JobKey JOB = new JobKey("www-data", "prod", "hello");

  private Fixtures() {}

  /** A small service of the job. */
  public static TaskConfig config(JobKey job) {
    return config(job, "one");
  }

  /** A small service of the job; another version is another configuration. */
  public static TaskConfig config(JobKey job, String version) {
    return TaskConfig.builder()
        .job(job)
        .owner(new Identity("jane"))
        .isService(true)
        .maxTaskFailures(1)
        .tier("preemptible")
        .production(false)
        .executorConfig(new ExecutorConfig("AuroraExecutor", version))
        .resources(
            ImmutableSet.of(
                new Resource.NumCpus(1), new Resource.RamMb(128), new Resource.DiskMb(64)))
        .build();
  }

  /** A task of the configuration with one event. */
  public static ScheduledTask task(
      String id, TaskConfig config, int instance, ScheduleStatus status) {
    return ScheduledTask.builder()
        .assignedTask(AssignedTask.builder().taskId(id).task(config).instanceId(instance).build())
        .status(status)
        .taskEvents(ImmutableList.of(TaskEvent.builder().timestamp(1).status(status).build()))
        .build();
  }

  /** An update of instances 0 to last from one configuration to another. */
  public static JobUpdate update(
      String id, TaskConfig from, TaskConfig to, int last, JobUpdateSettings settings) {
    return JobUpdate.builder()
        .summary(
            JobUpdateSummary.builder().key(new JobUpdateKey(to.job(), id)).user("jane").build())
        .instructions(
            JobUpdateInstructions.builder()
                .initialState(
                    ImmutableSet.of(
                        new InstanceTaskConfig(from, ImmutableSet.of(new Range(0, last)))))
                .desiredState(new InstanceTaskConfig(to, ImmutableSet.of(new Range(0, last))))
                .settings(settings)
                .build())
        .build();
  }
}
