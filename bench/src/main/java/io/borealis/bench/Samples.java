package io.borealis.bench;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.AssignedTask;
import io.borealis.api.Container;
import io.borealis.api.CronCollisionPolicy;
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
import io.borealis.api.TaskEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Jobs, tasks and updates of a usual size. Stateless. */
final class Samples {
  private static final ImmutableList<ScheduleStatus> LIFE =
      ImmutableList.of(
          ScheduleStatus.PENDING,
          ScheduleStatus.ASSIGNED,
          ScheduleStatus.STARTING,
          ScheduleStatus.RUNNING);
  private static final long BEGUN_MS = 1_700_000_000_000L;

  private Samples() {}

  static JobKey job(String name) {
    return new JobKey("www-data", "prod", name);
  }

  /** A small service whose executor data are as long as a process or two need. */
  static TaskConfig config(JobKey job, String version) {
    String data =
        """
        {"name":"%s","environment":"%s","role":"%s","version":"%s","task":{"processes":[\
        {"name":"main","cmdline":"exec ./serve --port {{thermos.ports[http]}}","max_failures":1,\
        "daemon":false,"final":false,"ephemeral":false,"min_duration":5}],"constraints":[],\
        "finalization_wait":30,"max_failures":1,"max_concurrency":0}}\
        """
            .formatted(job.name(), job.environment(), job.role(), version);
    return TaskConfig.builder()
        .job(job)
        .owner(new Identity(job.role()))
        .isService(true)
        .maxTaskFailures(1)
        .production(false)
        .tier("preemptible")
        .container(new Container.Mesos(MesosContainer.builder().build()))
        .executorConfig(new ExecutorConfig("AuroraExecutor", data))
        .resources(
            ImmutableSet.of(
                new Resource.NumCpus(0.1), new Resource.RamMb(32), new Resource.DiskMb(16)))
        .build();
  }

  static JobConfiguration configuration(JobKey job, int instances) {
    return JobConfiguration.builder()
        .key(job)
        .owner(new Identity(job.role()))
        .cronCollisionPolicy(CronCollisionPolicy.KILL_EXISTING)
        .taskConfig(config(job, "one"))
        .instanceCount(instances)
        .build();
  }

  static JobUpdateRequest update(JobKey job, String version, int instances, int groupSize) {
    return JobUpdateRequest.builder()
        .taskConfig(config(job, version))
        .instanceCount(instances)
        .settings(
            JobUpdateSettings.builder()
                .updateGroupSize(groupSize)
                .maxPerInstanceFailures(0)
                .maxFailedInstances(0)
                .minWaitInInstanceRunningMs(10_000)
                .rollbackOnFailure(true)
                .build())
        .build();
  }

  /** Running tasks of a job, with the four events that led there and one shared configuration. */
  static List<ScheduledTask> running(TaskConfig config, int instances, int hosts) {
    return running(config, instances, 0, hosts);
  }

  /** The same on so many hosts that come after others. */
  static List<ScheduledTask> running(TaskConfig config, int instances, int others, int hosts) {
    List<ScheduledTask> tasks = new ArrayList<>(instances);
    for (int i = 0; i < instances; i++) {
      tasks.add(one(config, i, 1 + others + i % hosts));
    }
    return tasks;
  }

  /** Tasks of a job that have run and ended well, with the four events that they leave. */
  static List<ScheduledTask> ended(TaskConfig config, int instances, int hosts) {
    List<ScheduledTask> tasks = new ArrayList<>(instances);
    for (ScheduledTask task : running(config, instances, hosts)) {
      List<TaskEvent> events = new ArrayList<>(task.taskEvents());
      TaskEvent last = events.remove(events.size() - 1);
      events.add(last.toBuilder().status(ScheduleStatus.FINISHED).build());
      tasks.add(
          task.toBuilder()
              .status(ScheduleStatus.FINISHED)
              .taskEvents(ImmutableList.copyOf(events))
              .build());
    }
    return tasks;
  }

  /** Tasks of a job that wait for places. */
  static List<ScheduledTask> pending(TaskConfig config, int instances) {
    List<ScheduledTask> tasks = new ArrayList<>(instances);
    for (int i = 0; i < instances; i++) {
      ScheduledTask task = one(config, i, 1);
      tasks.add(
          task.toBuilder()
              .assignedTask(task.assignedTask().toBuilder().slaveId(null).slaveHost(null).build())
              .status(ScheduleStatus.PENDING)
              .taskEvents(task.taskEvents().subList(0, 1))
              .build());
    }
    return tasks;
  }

  private static ScheduledTask one(TaskConfig config, int instance, int host) {
    JobKey job = config.job();
    ImmutableList.Builder<TaskEvent> events = ImmutableList.builder();
    for (int i = 0; i < LIFE.size(); i++) {
      events.add(new TaskEvent(BEGUN_MS + 100L * i + instance, LIFE.get(i), null, "scheduler-1"));
    }
    return ScheduledTask.builder()
        .assignedTask(
            AssignedTask.builder()
                .taskId(
                    "%s-%s-%s-%d-%s"
                        .formatted(
                            job.role(),
                            job.environment(),
                            job.name(),
                            instance,
                            new UUID(job.hashCode() * 31L + instance, instance)))
                .task(config)
                .slaveId("agent-" + host)
                .slaveHost("host-" + host)
                .assignedPorts(ImmutableMap.of())
                .instanceId(instance)
                .build())
        .status(ScheduleStatus.RUNNING)
        .taskEvents(events.build())
        .build();
  }
}
