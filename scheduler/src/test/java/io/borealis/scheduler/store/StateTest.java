package io.borealis.scheduler.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import io.borealis.api.HostAttributes;
import io.borealis.api.JobInstanceUpdateEvent;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdate;
import io.borealis.api.JobUpdateAction;
import io.borealis.api.JobUpdateDetails;
import io.borealis.api.JobUpdateEvent;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateSettings;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.Lock;
import io.borealis.api.LockKey;
import io.borealis.api.Metadata;
import io.borealis.api.Resource;
import io.borealis.api.ResourceAggregate;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.storage.InstanceProgress;
import io.borealis.api.storage.InstanceProgressState;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.PulseTime;
import io.borealis.api.storage.RemoveJobLock;
import io.borealis.api.storage.RemoveJobUpdates;
import io.borealis.api.storage.RemoveLock;
import io.borealis.api.storage.SaveFrameworkId;
import io.borealis.api.storage.SaveHostAttributes;
import io.borealis.api.storage.SaveInstanceProgress;
import io.borealis.api.storage.SaveJobInstanceUpdateEvent;
import io.borealis.api.storage.SaveJobLock;
import io.borealis.api.storage.SaveJobUpdate;
import io.borealis.api.storage.SaveJobUpdateEvent;
import io.borealis.api.storage.SavePulses;
import io.borealis.api.storage.SaveQuota;
import io.borealis.api.storage.SaveRequestDigest;
import io.borealis.api.storage.SaveUpdateProgress;
import io.borealis.api.storage.Transaction;
import io.borealis.api.storage.UpdateProgress;
import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.journal.EntryPayload;
import io.borealis.scheduler.journal.SnapshotManifest;
import io.borealis.scheduler.journal.SnapshotPayload;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.Test;

/** State on the leader, on a follower that reads entries, and on one that loads a snapshot. */
public class StateTest {
  private final EntryCodec codec = new EntryCodec();

  @Test
  public void leaderFollowerAndSnapshotAgreeAfterAnyHistory() throws Exception {
    for (int seed = 0; seed < 30; seed++) {
      History history = new History(seed);
      State leader = State.EMPTY;
      Replica follower = new Replica(codec);
      Replica late = new Replica(codec);
      for (int entry = 1; entry <= 20; entry++) {
        List<Transaction> batch = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
          Transaction transaction = history.next(leader);
          leader = leader.apply(transaction);
          batch.add(transaction);
        }
        EntryPayload payload = codec.encode(batch);
        follower.onEntry(entry, payload);
        if (entry == 10) {
          byte[] bytes = codec.encodeSnapshot(Snapshots.of(leader));
          SnapshotPayload snapshot = codec.pack(leader.transaction(), bytes);
          SnapshotManifest manifest = manifest(snapshot);
          late.onSnapshot(10, manifest, snapshot.bytes());
          follower.onManifest(10, manifest);
        } else if (entry > 10) {
          late.onEntry(entry, payload);
        }
      }
      assertSame(seed, leader, follower.durable());
      assertSame(seed, leader, late.durable());
    }
  }

  private void assertSame(int seed, State leader, State other) {
    assertThat(codec.digest(codec.encodeSnapshot(Snapshots.of(other))))
        .as("seed %d", seed)
        .isEqualTo(codec.digest(codec.encodeSnapshot(Snapshots.of(leader))));
    assertThat(other.stampMs()).isEqualTo(leader.stampMs());
    for (ScheduledTask task : leader.tasks().all()) {
      assertThat(other.tasks().get(task.assignedTask().taskId())).isEqualTo(task);
      assertThat(
              Iterables.contains(other.tasks().jobsOf("role1"), task.assignedTask().task().job()))
          .isEqualTo(
              Iterables.contains(leader.tasks().jobsOf("role1"), task.assignedTask().task().job()));
    }
    assertThat(other.tasks().pending().keySet()).isEqualTo(leader.tasks().pending().keySet());
    for (UpdateRecord update : leader.updates().all()) {
      UpdateRecord copy = other.updates().get(update.key());
      assertThat(copy.details()).isEqualTo(update.details());
      assertThat(copy.working()).isEqualTo(update.working());
      assertThat(copy.failed()).isEqualTo(update.failed());
      assertThat(copy.progress()).isEqualTo(update.progress());
      assertThat(copy.requestDigest()).isEqualTo(update.requestDigest());
    }
  }

  /** FO-17; huge values are those of AURORA-1494. */
  @Test
  public void anUpdateIsTheSameAfterASnapshotToTheLastDetail() throws Exception {
    TaskConfig huge =
        Fixtures.config(Fixtures.JOB).toBuilder()
            .resources(
                ImmutableSet.of(
                    new Resource.NumCpus(Double.MAX_VALUE),
                    new Resource.RamMb(Long.MAX_VALUE),
                    new Resource.DiskMb(Long.MAX_VALUE)))
            .build();
    JobUpdate plain =
        Fixtures.update(
            "u1", huge, huge, 4000, JobUpdateSettings.builder().updateGroupSize(1).build());
    JobUpdate asked =
        plain.toBuilder()
            .summary(
                plain.summary().toBuilder()
                    .metadata(
                        ImmutableSet.of(
                            new Metadata("key", "a"),
                            new Metadata("key", "b"),
                            new Metadata("", ""),
                            new Metadata("schlüssel", "→")))
                    .build())
            .build();
    JobUpdateKey key = asked.summary().key();
    List<Op> ops = new ArrayList<>();
    ops.add(new Op.SaveJobUpdate(new SaveJobUpdate(asked)));
    for (JobUpdateStatus status : JobUpdateStatus.values()) {
      ops.add(
          new Op.SaveJobUpdateEvent(
              new SaveJobUpdateEvent(
                  new JobUpdateEvent(status, 7, "ann", "said\n" + status), key)));
    }
    for (JobUpdateAction action : JobUpdateAction.values()) {
      for (String note : new String[] {"Checking SLA before continuing.", ""}) {
        ops.add(
            new Op.SaveJobInstanceUpdateEvent(
                new SaveJobInstanceUpdateEvent(
                    new JobInstanceUpdateEvent(3, Long.MAX_VALUE, action, note), key)));
      }
    }
    State before = State.EMPTY;
    for (Op op : ops) {
      before = before.apply(op);
    }
    before = before.at(1, 7);

    SnapshotPayload snapshot = codec.pack(1, codec.encodeSnapshot(Snapshots.of(before)));
    Replica replica = new Replica(codec);
    replica.onSnapshot(10, manifest(snapshot), snapshot.bytes());

    JobUpdateDetails details = replica.durable().updates().get(key).details();
    assertThat(details).isEqualTo(before.updates().get(key).details());
    assertThat(details.update().summary().metadata()).hasSize(4);
    assertThat(details.update().instructions().initialState())
        .isEqualTo(asked.instructions().initialState());
    assertThat(details.update().instructions().desiredState())
        .isEqualTo(asked.instructions().desiredState());
    assertThat(details.updateEvents()).hasSize(JobUpdateStatus.values().length);
    assertThat(details.instanceEvents()).hasSize(2 * JobUpdateAction.values().length);
  }

  @Test
  public void equalConfigurationsAreOneObjectAfterReading() throws Exception {
    Replica follower = new Replica(codec);
    for (int entry = 1; entry <= 3; entry++) {
      ScheduledTask task =
          Fixtures.task("t" + entry, Fixtures.config(Fixtures.JOB), entry, ScheduleStatus.RUNNING);
      follower.onEntry(entry, codec.encode(List.of(save(entry, task))));
    }
    TaskConfig first = follower.durable().tasks().get("t1").assignedTask().task();
    assertThat(follower.durable().tasks().get("t3").assignedTask().task()).isSameAs(first);
  }

  @Test
  public void theNameOfAHostIsOneObjectForAllItsTasksAfterReading() throws Exception {
    Replica follower = new Replica(codec);
    for (int entry = 1; entry <= 2; entry++) {
      ScheduledTask task =
          Fixtures.task("t" + entry, Fixtures.config(Fixtures.JOB), entry, ScheduleStatus.RUNNING);
      ScheduledTask placed =
          task.toBuilder()
              .assignedTask(task.assignedTask().toBuilder().slaveHost("host-1").build())
              .build();
      follower.onEntry(entry, codec.encode(List.of(save(entry, placed))));
    }
    String first = follower.durable().tasks().get("t1").assignedTask().slaveHost();
    assertThat(first).isEqualTo("host-1");
    assertThat(follower.durable().tasks().get("t2").assignedTask().slaveHost()).isSameAs(first);
  }

  @Test
  public void aThousandTasksOfOneConfigurationCarryItOnce() {
    TaskConfig config = Fixtures.config(Fixtures.JOB, "x".repeat(4000));
    List<Transaction> batch = new ArrayList<>();
    for (int i = 1; i <= 1000; i++) {
      batch.add(save(i, Fixtures.task("t" + i, config, i, ScheduleStatus.PENDING)));
    }
    assertThat(codec.encode(batch).bytes().length).isLessThan(100_000);
  }

  @Test
  public void aSnapshotOfAnotherDigestIsRefused() {
    byte[] bytes = codec.encodeSnapshot(Snapshots.of(State.EMPTY));
    SnapshotPayload snapshot = codec.pack(0, bytes);
    SnapshotManifest wrong = new SnapshotManifest(1, 1, 1, 0, "sha256:00", 1, 1, 1, 0);
    Replica replica = new Replica(codec);
    assertThatThrownBy(() -> replica.onSnapshot(1, wrong, snapshot.bytes()))
        .hasMessageContaining("digest");
  }

  @Test
  public void anOperationOfALaterReleaseIsNeverSkipped() throws Exception {
    // A union with field 2000: a byte for STRUCT, the id, an empty struct, the stop.
    byte[] plain =
        java.util.HexFormat.of().parseHex("0f00020c000000010f00010c000000010c07d000000000");
    Replica replica = new Replica(codec);
    assertThatThrownBy(() -> replica.onEntry(1, new EntryPayload(1, 1, 0, plain)))
        .hasMessageContaining("2000");
  }

  @Test
  public void locksOfOldReleasesAreIgnored() {
    State state = State.EMPTY.apply(new Op.RemoveLock(new RemoveLock(null)));
    assertThat(state).isSameAs(State.EMPTY);
  }

  private static Transaction save(long number, ScheduledTask task) {
    return Transaction.builder()
        .number(number)
        .stampMs(number)
        .ops(
            ImmutableList.of(
                new Op.SaveTasks(new io.borealis.api.storage.SaveTasks(ImmutableSet.of(task)))))
        .build();
  }

  private static SnapshotManifest manifest(SnapshotPayload snapshot) {
    return new SnapshotManifest(
        1,
        10,
        1,
        snapshot.lastTransaction(),
        snapshot.digest(),
        snapshot.codec(),
        1,
        snapshot.bytes().length,
        0);
  }

  /** Random but legal changes. */
  private static final class History {
    private static final ImmutableList<ScheduleStatus> STATUSES =
        ImmutableList.copyOf(ScheduleStatus.values());

    private final Random random;
    private long number;

    History(long seed) {
      random = new Random(seed);
    }

    Transaction next(State state) {
      ImmutableList.Builder<Op> ops = ImmutableList.builder();
      for (int i = 0; i <= random.nextInt(4); i++) {
        ops.add(op(state));
      }
      number++;
      return Transaction.builder().number(number).stampMs(1000 + number).ops(ops.build()).build();
    }

    private Op op(State state) {
      JobKey job = new JobKey("role" + random.nextInt(3), "prod", "job" + random.nextInt(3));
      JobUpdateKey update = new JobUpdateKey(job, "u" + random.nextInt(3));
      boolean exists = state.updates().get(update) != null;
      return switch (random.nextInt(exists ? 14 : 7)) {
        case 0, 1, 2 ->
            new Op.SaveTasks(
                new io.borealis.api.storage.SaveTasks(
                    ImmutableSet.copyOf(List.of(task(job), another(job)))));
        case 3 ->
            new Op.RemoveTasks(
                new io.borealis.api.storage.RemoveTasks(ImmutableSet.of("t" + random.nextInt(40))));
        case 4 ->
            new Op.SaveHostAttributes(
                new SaveHostAttributes(
                    HostAttributes.builder()
                        .host("h" + random.nextInt(3))
                        .slaveId("s" + random.nextInt(3))
                        .build()));
        case 5 ->
            new Op.SaveJobUpdate(
                new SaveJobUpdate(
                    Fixtures.update(
                        update.id(),
                        config(job),
                        config(job),
                        random.nextInt(6),
                        JobUpdateSettings.builder().updateGroupSize(1).build())));
        case 6 ->
            random.nextBoolean()
                ? new Op.SaveQuota(
                    new SaveQuota(
                        job.role(),
                        new ResourceAggregate(ImmutableSet.of(new Resource.RamMb(number)))))
                : new Op.SaveFrameworkId(new SaveFrameworkId("f" + number));
        case 7 ->
            new Op.SaveJobUpdateEvent(
                new SaveJobUpdateEvent(
                    JobUpdateEvent.builder()
                        .status(pick(JobUpdateStatus.values()))
                        .timestampMs(number)
                        .build(),
                    update));
        case 8 ->
            new Op.SaveJobInstanceUpdateEvent(
                new SaveJobInstanceUpdateEvent(
                    new JobInstanceUpdateEvent(
                        random.nextInt(5), number, pick(JobUpdateAction.values()), null),
                    update));
        case 9 ->
            new Op.SaveInstanceProgress(
                new SaveInstanceProgress(
                    update,
                    ImmutableList.of(
                        new InstanceProgress(
                            random.nextInt(5), pick(InstanceProgressState.values()), 1, number))));
        case 10 ->
            new Op.SaveUpdateProgress(
                new SaveUpdateProgress(
                    update,
                    UpdateProgress.builder().started(random.nextInt(5)).lockToken("t").build(),
                    random.nextBoolean()));
        case 11 -> new Op.SaveRequestDigest(new SaveRequestDigest(update, "digest-" + number));
        case 12 ->
            random.nextBoolean()
                ? new Op.SavePulses(new SavePulses(ImmutableList.of(new PulseTime(update, number))))
                : new Op.RemoveJobUpdate(new RemoveJobUpdates(ImmutableSet.of(update)));
        default ->
            random.nextBoolean()
                ? new Op.SaveJobLock(
                    new SaveJobLock(new Lock(new LockKey.Job(job), "t", "u", number, null)))
                : new Op.RemoveJobLock(new RemoveJobLock(job));
      };
    }

    private <T> T pick(T[] values) {
      return values[random.nextInt(values.length)];
    }

    private ScheduledTask another(JobKey job) {
      return task(job);
    }

    private ScheduledTask task(JobKey job) {
      return Fixtures.task(
          "t" + random.nextInt(40),
          config(job),
          random.nextInt(10),
          STATUSES.get(random.nextInt(STATUSES.size())));
    }

    /** Equal configurations whose sets are in different orders, among others. */
    private TaskConfig config(JobKey job) {
      TaskConfig config = Fixtures.config(job, "v" + random.nextInt(2));
      return random.nextBoolean()
          ? config
          : config.toBuilder()
              .resources(ImmutableList.copyOf(config.resources()).reverse())
              .build();
    }
  }
}
