package io.borealis.scheduler.backup;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.Attribute;
import io.borealis.api.CronCollisionPolicy;
import io.borealis.api.HostAttributes;
import io.borealis.api.HostMaintenanceRequest;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobInstanceUpdateEvent;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateAction;
import io.borealis.api.JobUpdateEvent;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateSettings;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.Lock;
import io.borealis.api.LockKey;
import io.borealis.api.MaintenanceMode;
import io.borealis.api.Resource;
import io.borealis.api.ResourceAggregate;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.storage.CronProgress;
import io.borealis.api.storage.InstanceProgress;
import io.borealis.api.storage.InstanceProgressState;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.PulseTime;
import io.borealis.api.storage.SaveCronJob;
import io.borealis.api.storage.SaveCronProgress;
import io.borealis.api.storage.SaveFrameworkId;
import io.borealis.api.storage.SaveHostAttributes;
import io.borealis.api.storage.SaveHostMaintenanceRequest;
import io.borealis.api.storage.SaveInstanceProgress;
import io.borealis.api.storage.SaveJobInstanceUpdateEvent;
import io.borealis.api.storage.SaveJobLock;
import io.borealis.api.storage.SaveJobUpdate;
import io.borealis.api.storage.SaveJobUpdateEvent;
import io.borealis.api.storage.SavePulses;
import io.borealis.api.storage.SaveQuota;
import io.borealis.api.storage.SaveRequestDigest;
import io.borealis.api.storage.SaveTasks;
import io.borealis.api.storage.SaveUpdateProgress;
import io.borealis.api.storage.SaveWaitingCronRun;
import io.borealis.api.storage.Transaction;
import io.borealis.api.storage.UpdateProgress;
import io.borealis.api.storage.WaitingCronRun;
import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.store.Fixtures;
import io.borealis.scheduler.store.Snapshots;
import io.borealis.scheduler.store.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** States with something of every kind. */
final class BackupSamples {
  private static final ImmutableList<ScheduleStatus> STATUSES =
      ImmutableList.of(
          ScheduleStatus.PENDING,
          ScheduleStatus.RUNNING,
          ScheduleStatus.KILLING,
          ScheduleStatus.FAILED,
          ScheduleStatus.FINISHED);

  private final Random random;
  private final List<Op> ops = new ArrayList<>();

  private BackupSamples(long seed) {
    random = new Random(seed);
  }

  /** A State made from a seed. */
  static State state(long seed) {
    BackupSamples samples = new BackupSamples(seed);
    int jobs = 1 + samples.random.nextInt(3);
    for (int i = 0; i < jobs; i++) {
      samples.addJob(new JobKey("role" + i % 2, "prod", "job" + i));
    }
    samples.addRest();
    return State.EMPTY.apply(
        Transaction.builder().number(7 + seed).stampMs(1_000_000 + seed).ops(samples.ops).build());
  }

  /** A State with little in it. */
  static State small() {
    JobKey job = new JobKey("r", "prod", "j");
    TaskConfig config = Fixtures.config(job);
    JobUpdateKey key = new JobUpdateKey(job, "u");
    return State.EMPTY.apply(
        Transaction.builder()
            .number(3)
            .stampMs(5)
            .ops(
                ImmutableList.of(
                    new Op.SaveTasks(
                        new SaveTasks(
                            ImmutableSet.of(task("t", config, 0, ScheduleStatus.RUNNING)))),
                    new Op.SaveUpdateProgress(
                        new SaveUpdateProgress(key, UpdateProgress.builder().build(), true))))
            .build());
  }

  /** What digests are made from: equal States give equal bytes. */
  static byte[] bytes(State state) {
    return new EntryCodec().encodeSnapshot(Snapshots.of(state));
  }

  static ScheduledTask task(String id, TaskConfig config, int instance, ScheduleStatus status) {
    ScheduledTask task = Fixtures.task(id, config, instance, status);
    return status == ScheduleStatus.PENDING
        ? task
        : task.toBuilder()
            .assignedTask(
                task.assignedTask().toBuilder().slaveId("agent-1").slaveHost("host-1").build())
            .build();
  }

  private void addJob(JobKey job) {
    TaskConfig from = Fixtures.config(job, "one");
    TaskConfig to = Fixtures.config(job, "two");
    ImmutableSet.Builder<ScheduledTask> tasks = ImmutableSet.builder();
    int count = 1 + random.nextInt(5);
    for (int i = 0; i < count; i++) {
      ScheduleStatus status = STATUSES.get(random.nextInt(STATUSES.size()));
      tasks.add(task(job.name() + "-" + i, random.nextBoolean() ? from : to, i, status));
    }
    ops.add(new Op.SaveTasks(new SaveTasks(tasks.build())));
    JobUpdateKey key = new JobUpdateKey(job, "u-" + job.name());
    ops.add(
        new Op.SaveJobUpdate(
            new SaveJobUpdate(
                Fixtures.update(
                    key.id(),
                    from,
                    to,
                    count,
                    JobUpdateSettings.builder()
                        .updateGroupSize(2)
                        .waitForBatchCompletion(random.nextBoolean())
                        .build()))));
    JobUpdateStatus[] statuses = {
      JobUpdateStatus.ROLLING_FORWARD,
      JobUpdateStatus.ROLL_FORWARD_PAUSED,
      JobUpdateStatus.ROLLING_BACK,
      JobUpdateStatus.ROLLED_FORWARD
    };
    int last = random.nextInt(statuses.length);
    for (int i = 0; i <= last; i++) {
      ops.add(
          new Op.SaveJobUpdateEvent(
              new SaveJobUpdateEvent(new JobUpdateEvent(statuses[i], 10 + i, "ann", null), key)));
    }
    ops.add(
        new Op.SaveJobInstanceUpdateEvent(
            new SaveJobInstanceUpdateEvent(
                new JobInstanceUpdateEvent(0, 12, JobUpdateAction.INSTANCE_UPDATING, "so"), key)));
    ops.add(
        new Op.SaveUpdateProgress(
            new SaveUpdateProgress(
                key,
                UpdateProgress.builder()
                    .started(1)
                    .groupEnd(2)
                    .pausedAt(1)
                    .lockToken("token-" + job.name())
                    .build(),
                true)));
    ops.add(
        new Op.SaveInstanceProgress(
            new SaveInstanceProgress(
                key,
                ImmutableList.of(
                    new InstanceProgress(
                        0, InstanceProgressState.WORKING, random.nextInt(3), 12)))));
    ops.add(new Op.SavePulses(new SavePulses(ImmutableList.of(new PulseTime(key, 44)))));
    ops.add(new Op.SaveRequestDigest(new SaveRequestDigest(key, "digest")));
    ops.add(
        new Op.SaveJobLock(
            new SaveJobLock(
                new Lock(new LockKey.Job(job), "token-" + job.name(), "ann", 9, "Update"))));
    if (random.nextBoolean()) {
      addCron(new JobKey(job.role(), "prod", "cron"));
    }
  }

  private void addCron(JobKey key) {
    JobConfiguration cron =
        JobConfiguration.builder()
            .key(key)
            .cronSchedule("* * * * *")
            .cronCollisionPolicy(CronCollisionPolicy.KILL_EXISTING)
            .instanceCount(2)
            .taskConfig(Fixtures.config(key))
            .build();
    ops.add(new Op.SaveCronJob(new SaveCronJob(cron)));
    ops.add(
        new Op.SaveCronProgress(
            new SaveCronProgress(ImmutableList.of(new CronProgress(key, random.nextInt(99))))));
    ops.add(
        new Op.SaveWaitingCronRun(
            new SaveWaitingCronRun(new WaitingCronRun(cron, 60, ImmutableSet.of("a", "b")))));
  }

  private void addRest() {
    ops.add(new Op.SaveFrameworkId(new SaveFrameworkId("framework-" + random.nextInt(9))));
    ops.add(
        new Op.SaveQuota(
            new SaveQuota(
                "role0",
                new ResourceAggregate(
                    ImmutableSet.of(
                        new Resource.NumCpus(random.nextInt(9)),
                        new Resource.RamMb(5),
                        new Resource.DiskMb(6))))));
    ops.add(
        new Op.SaveHostAttributes(
            new SaveHostAttributes(
                HostAttributes.builder()
                    .host("host-1")
                    .slaveId("agent-1")
                    .mode(MaintenanceMode.DRAINING)
                    .attributes(ImmutableSet.of(new Attribute("rack", ImmutableSet.of("a"))))
                    .build())));
    ops.add(
        new Op.SaveHostMaintenanceRequest(
            new SaveHostMaintenanceRequest(
                HostMaintenanceRequest.builder()
                    .host("host-1")
                    .timeoutSecs(60)
                    .createdTimestampMs(8)
                    .build())));
  }
}
