package io.borealis.scheduler.update;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import io.borealis.api.AuroraConstants;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateEvent;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateSettings;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.TaskConfig;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveCronJob;
import io.borealis.api.storage.SaveJobUpdate;
import io.borealis.api.storage.SaveJobUpdateEvent;
import io.borealis.scheduler.store.Fixtures;
import io.borealis.scheduler.store.Snapshots;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.TestStore;
import io.borealis.scheduler.store.UpdateRecord;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.Test;

/** Which updates are forgotten, and that they are for good (update rules, sections 8.1, 9.10). */
public class UpdatePrunerTest {
  private static final Duration INTERVAL = Duration.ofMinutes(15);
  private static final Duration DAY = Duration.ofDays(1);
  private static final JobKey OTHER = new JobKey("www-data", "prod", "other");

  private final MeterRegistry meters = new SimpleMeterRegistry();
  private TestStore store = TestStore.create();

  private static UpdatePolicy policy(int keptPerJob) {
    return new UpdatePolicy(INTERVAL, DAY, keptPerJob, false, INTERVAL);
  }

  private UpdatePruner pruner(UpdatePolicy policy) {
    return new UpdatePruner(
        policy, store::state, store.writer(), store.loop(), store.loop(), store.clock(), meters);
  }

  private void start(UpdatePolicy policy) {
    UpdatePruner pruner = pruner(policy);
    store.loop().execute(pruner::start);
    store.runtimes().runReady();
  }

  /** Puts a task of the job there, so that its updates are no orphans. */
  private void task(JobKey job, ScheduleStatus status) {
    store.change(tx -> tx.save(Fixtures.task("of " + job.name(), Fixtures.config(job), 0, status)));
  }

  /** Puts an update there, created now, and a millisecond later in this status. */
  private void update(JobKey job, String id, JobUpdateStatus status) {
    TaskConfig config = Fixtures.config(job);
    JobUpdateKey key = new JobUpdateKey(job, id);
    store.change(
        tx -> {
          tx.change(
              new Op.SaveJobUpdate(
                  new SaveJobUpdate(
                      Fixtures.update(
                          id,
                          config,
                          config,
                          0,
                          JobUpdateSettings.builder().updateGroupSize(1).build()))));
          tx.change(event(key, JobUpdateStatus.ROLLING_FORWARD, tx.nowMs()));
          if (status != JobUpdateStatus.ROLLING_FORWARD) {
            tx.change(event(key, status, tx.nowMs() + 1));
          }
        });
    store.runtimes().advance(Duration.ofMillis(10));
  }

  private static Op event(JobUpdateKey key, JobUpdateStatus status, long atMs) {
    return new Op.SaveJobUpdateEvent(
        new SaveJobUpdateEvent(new JobUpdateEvent(status, atMs, null, null), key));
  }

  private void ended(String... ids) {
    for (String id : ids) {
      update(Fixtures.JOB, id, JobUpdateStatus.ROLLED_FORWARD);
    }
  }

  private List<String> forgettable(UpdatePolicy policy, long nowMs) {
    return UpdateHistory.forgettable(store.state(), policy, nowMs).stream()
        .map(JobUpdateKey::id)
        .sorted()
        .toList();
  }

  private List<String> forgettable(UpdatePolicy policy) {
    return forgettable(policy, store.clock().wallMillis());
  }

  private static List<String> ids(State state) {
    return StreamSupport.stream(state.updates().all().spliterator(), false)
        .map(update -> update.key().id())
        .sorted()
        .toList();
  }

  /** PR-1. */
  @Test
  public void updatesOfAJobWithoutTasksAreForgottenAtOnce() {
    task(Fixtures.JOB, ScheduleStatus.FINISHED);
    ended("kept");
    update(OTHER, "orphan", JobUpdateStatus.ABORTED);
    update(OTHER, "active", JobUpdateStatus.ROLLING_FORWARD);
    assertThat(forgettable(policy(10))).containsExactly("orphan");
  }

  @Test
  public void updatesOfACronJobWaitForItsTasks() {
    update(OTHER, "waits", JobUpdateStatus.ROLLED_FORWARD);
    store.change(
        tx ->
            tx.change(
                new Op.SaveCronJob(
                    new SaveCronJob(
                        JobConfiguration.builder()
                            .key(OTHER)
                            .cronSchedule("0 0 1 1 *")
                            .taskConfig(Fixtures.config(OTHER))
                            .build()))));
    assertThat(forgettable(policy(10))).isEmpty();
    assertThat(forgettable(policy(0))).containsExactly("waits");
  }

  /** PR-2. */
  @Test
  public void ofEachJobTheNewestStay() {
    task(Fixtures.JOB, ScheduleStatus.RUNNING);
    task(OTHER, ScheduleStatus.RUNNING);
    ended("c1", "b2", "a3");
    update(OTHER, "d", JobUpdateStatus.FAILED);
    for (JobUpdateStatus status : AuroraConstants.ACTIVE_JOB_UPDATE_STATES) {
      update(Fixtures.JOB, "e" + status, status);
    }
    assertThat(forgettable(policy(3))).isEmpty();
    assertThat(forgettable(policy(2))).containsExactly("c1");
    assertThat(forgettable(policy(1))).containsExactly("b2", "c1");
    assertThat(forgettable(policy(0))).containsExactly("a3", "b2", "c1", "d");
  }

  /** PR-3. */
  @Test
  public void updatesThatWereCreatedTooLongAgoAreForgotten() {
    task(Fixtures.JOB, ScheduleStatus.RUNNING);
    long createdMs = store.clock().wallMillis();
    ended("old");
    update(Fixtures.JOB, "active", JobUpdateStatus.ROLL_FORWARD_PAUSED);
    assertThat(forgettable(policy(10), createdMs + DAY.toMillis())).isEmpty();
    assertThat(forgettable(policy(10), createdMs + DAY.toMillis() + 1)).containsExactly("old");
  }

  @Test
  public void thoseThatAreTooOldDoNotCountAmongTheNewest() {
    task(Fixtures.JOB, ScheduleStatus.RUNNING);
    ended("old");
    store.runtimes().advance(DAY);
    ended("new1", "new2");
    assertThat(forgettable(policy(2))).containsExactly("old");
  }

  @Test
  public void anIntervalPassesBeforeTheFirstLookAndBetweenLooks() {
    task(Fixtures.JOB, ScheduleStatus.RUNNING);
    ended("u1", "u2");
    start(policy(1));
    store.runtimes().advance(INTERVAL.minusMillis(1));
    assertThat(ids(store.state())).containsExactly("u1", "u2");
    store.runtimes().advance(Duration.ofMillis(1));
    assertThat(ids(store.state())).containsExactly("u2");
    assertThat(meters.counter("job_updates_pruned").count()).isEqualTo(1);

    ended("u3");
    int entries = store.entries();
    store.runtimes().advance(INTERVAL);
    assertThat(ids(store.state())).containsExactly("u3");
    assertThat(meters.counter("job_updates_pruned").count()).isEqualTo(2);
    store.runtimes().advance(INTERVAL);
    assertThat(store.entries()).isEqualTo(entries + 1);
  }

  @Test
  public void whoIsClosedLooksNoMore() {
    task(Fixtures.JOB, ScheduleStatus.RUNNING);
    ended("u1");
    UpdatePruner pruner = pruner(policy(0));
    store.loop().execute(pruner::start);
    store.loop().execute(pruner::close);
    store.runtimes().advance(INTERVAL.multipliedBy(3));
    assertThat(ids(store.state())).containsExactly("u1");
  }

  @Test
  public void manyAreForgottenInSeveralTransactions() {
    task(Fixtures.JOB, ScheduleStatus.RUNNING);
    int many = 2 * UpdatePruner.BATCH + 1;
    TaskConfig config = Fixtures.config(Fixtures.JOB);
    store.change(
        tx -> {
          for (int i = 0; i < many; i++) {
            tx.change(
                new Op.SaveJobUpdate(
                    new SaveJobUpdate(
                        Fixtures.update(
                            "u" + i, config, config, 0, JobUpdateSettings.builder().build()))));
            tx.change(
                event(
                    new JobUpdateKey(Fixtures.JOB, "u" + i), JobUpdateStatus.ABORTED, tx.nowMs()));
          }
        });
    long before = store.state().transaction();
    start(policy(0));
    store.runtimes().advance(INTERVAL);
    assertThat(store.state().transaction()).isEqualTo(before + 3);
    assertThat(store.state().updates().size()).isZero();
    assertThat(meters.counter("job_updates_pruned").count()).isEqualTo(many);
  }

  /** PR-5, FO-15, W-3. */
  @Test
  public void whatIsForgottenStaysSoAfterARestartWithOrWithoutASnapshot() {
    task(Fixtures.JOB, ScheduleStatus.RUNNING);
    ended("u1", "u2");
    update(Fixtures.JOB, "active", JobUpdateStatus.ROLL_FORWARD_PAUSED);
    start(policy(1));
    store.runtimes().advance(INTERVAL);

    store = store.failover();
    assertIndexed(store.state());
    assertIndexed(Snapshots.toState(Snapshots.of(store.state())));
  }

  private static void assertIndexed(State state) {
    assertThat(ids(state)).containsExactly("active", "u2");
    assertThat(state.updates().size()).isEqualTo(2);
    assertThat(state.updates().ofJob(Fixtures.JOB))
        .extracting(update -> update.key().id())
        .containsExactlyInAnyOrder("active", "u2");
    assertThat(Iterables.transform(state.updates().activeOf(Fixtures.JOB), UpdateRecord::key))
        .containsExactly(new JobUpdateKey(Fixtures.JOB, "active"));
    assertThat(state.updates().isUpdating(Fixtures.JOB)).isTrue();
    assertThat(ImmutableSet.copyOf(state.updates().jobs())).containsExactly(Fixtures.JOB);
  }

  @Test
  public void aJobWhoseUpdatesAreAllForgottenIsInNoIndex() {
    ended("u1", "u2");
    start(policy(5));
    store.runtimes().advance(INTERVAL);
    assertThat(store.state().updates().size()).isZero();
    assertThat(store.state().updates().jobs()).isEmpty();
    assertThat(ids(store.state())).isEmpty();
    assertThat(store.state().updates().ofJob(Fixtures.JOB)).isEmpty();
    assertThat(store.state().updates().isUpdating(Fixtures.JOB)).isFalse();
  }
}
