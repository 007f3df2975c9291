package io.borealis.scheduler.prune;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import com.google.common.collect.Streams;
import io.borealis.api.JobKey;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskEvent;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.RemoveTasks;
import io.borealis.scheduler.store.Fixtures;
import io.borealis.scheduler.store.Snapshots;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.TestStore;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import org.junit.Test;

/** Which tasks that have ended are forgotten, and when (task rules, section 12). */
public class TaskPrunerTest {
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration MS = Duration.ofMillis(1);
  private static final JobKey OTHER = new JobKey("www-data", "prod", "other");
  private static final PrunePolicy POLICY = new PrunePolicy(DAY, 3, HOUR, 10);

  private final MeterRegistry meters = new SimpleMeterRegistry();
  private TestStore store = TestStore.create();
  private TaskPruner pruner = start(POLICY);

  private TaskPruner start(PrunePolicy policy) {
    TaskPruner next =
        new TaskPruner(
            policy,
            store::state,
            store.writer(),
            store.loop(),
            store.runtimes().newPool("looking", 1),
            store.clock(),
            meters);
    store.react(next);
    State begin = store.state();
    store.loop().execute(() -> next.start(begin));
    store.runtimes().runReady();
    return next;
  }

  private void failOver(PrunePolicy policy) {
    store = store.failover();
    pruner = start(policy);
  }

  private void advance(Duration time) {
    store.runtimes().advance(time);
  }

  /** The task enters a status now. */
  private void task(String id, JobKey job, ScheduleStatus status) {
    store.change(
        tx ->
            tx.save(
                Fixtures.task(id, Fixtures.config(job), 0, status).toBuilder()
                    .taskEvents(
                        ImmutableList.of(
                            TaskEvent.builder().timestamp(tx.nowMs()).status(status).build()))
                    .build()));
  }

  private void ends(String... ids) {
    for (String id : ids) {
      task(id, Fixtures.JOB, ScheduleStatus.RUNNING);
      task(id, Fixtures.JOB, ScheduleStatus.FAILED);
    }
  }

  private List<String> kept() {
    return Streams.stream(store.state().tasks().all())
        .map(task -> task.assignedTask().taskId())
        .sorted()
        .toList();
  }

  @Test
  public void aTaskIsForgottenWhenItEndedLongAgo() {
    ends("a");
    advance(HOUR);
    ends("b");
    advance(DAY.minus(HOUR).minus(MS));
    assertThat(kept()).containsExactly("a", "b");
    advance(MS);
    assertThat(kept()).containsExactly("b");
    advance(HOUR);
    assertThat(kept()).isEmpty();
    assertThat(meters.counter("tasks_pruned").count()).isEqualTo(2);
    advance(Duration.ofSeconds(1));
    assertThat(store.runtimes().pending()).isEmpty();
  }

  @Test
  public void everyEndCountsAndNothingElseDoes() {
    for (ScheduleStatus status : ScheduleStatus.values()) {
      if (status != ScheduleStatus.INIT) {
        task(status.name(), new JobKey("r", "prod", status.name()), status);
      }
    }
    advance(Duration.ofDays(100));
    assertThat(kept())
        .doesNotContain("FAILED", "FINISHED", "KILLED", "LOST")
        .hasSize(ScheduleStatus.values().length - 5);
  }

  @Test
  public void ofEachJobTheNewestAreKeptButNoneIsForgottenTooSoon() {
    ends("a1", "a2");
    advance(Duration.ofMinutes(30));
    ends("a3");
    task("other", OTHER, ScheduleStatus.LOST);
    advance(Duration.ofMinutes(10));
    ends("a4", "a5");
    assertThat(kept()).containsExactly("a1", "a2", "a3", "a4", "a5", "other");
    advance(Duration.ofMinutes(20).minus(MS));
    assertThat(kept()).contains("a1", "a2");
    advance(MS);
    assertThat(kept()).as("two too many").containsExactly("a3", "a4", "a5", "other");
    advance(HOUR);
    assertThat(kept()).containsExactly("a3", "a4", "a5", "other");

    ends("a6");
    assertThat(kept()).as("old enough to go at once").containsExactly("a4", "a5", "a6", "other");
  }

  @Test
  public void retentionWinsOverAShorterThreshold() {
    failOver(new PrunePolicy(Duration.ofMinutes(5), 3, HOUR, 10));
    ends("a");
    advance(HOUR.minus(MS));
    assertThat(kept()).containsExactly("a");
    advance(MS);
    assertThat(kept()).isEmpty();
  }

  @Test
  public void whoKeepsNoneForgetsAllAfterTheRetention() {
    failOver(new PrunePolicy(DAY, 0, Duration.ZERO, 10));
    ends("a");
    assertThat(kept()).isEmpty();
  }

  @Test
  public void theNextLeaderForgetsAtTheSameTime() {
    ends("a");
    advance(HOUR);
    ends("b");
    failOver(POLICY);
    advance(DAY.minus(HOUR).minus(MS));
    assertThat(kept()).containsExactly("a", "b");
    advance(MS);
    assertThat(kept()).containsExactly("b");
    advance(HOUR);
    assertThat(kept()).isEmpty();
  }

  @Test
  public void whatIsOverdueOrTooManyIsForgottenAtTheTakeover() {
    pruner.close();
    ends("old");
    advance(DAY);
    ends("b", "c", "d");
    advance(HOUR);
    ends("e", "f");
    assertThat(kept()).hasSize(6);
    failOver(POLICY);
    assertThat(kept()).containsExactly("d", "e", "f");
  }

  @Test
  public void whatIsForgottenStaysSoWithOrWithoutASnapshot() {
    ends("a");
    advance(DAY);
    ends("b");
    failOver(POLICY);
    assertThat(kept()).containsExactly("b");
    State restored = Snapshots.toState(Snapshots.of(store.state()));
    assertThat(restored.tasks().all()).hasSize(1);
    assertThat(restored.tasks().count(ScheduleStatus.FAILED)).isEqualTo(1);
    assertThat(store.state().tasks().count(ScheduleStatus.FAILED)).isEqualTo(1);
  }

  @Test
  public void manyAreForgottenInTransactionsOfBoundedSize() {
    for (int i = 0; i < 25; i++) {
      ends("a" + i);
    }
    int before = store.entries();
    advance(HOUR);
    assertThat(kept()).hasSize(3);
    assertThat(
            store.transactionsSince(before).stream()
                .flatMap(each -> each.ops().stream())
                .map(op -> ((Op.RemoveTasks) op).value().taskIds().size()))
        .containsExactly(10, 10, 2);
    assertThat(meters.counter("tasks_pruned").count()).isEqualTo(22);
  }

  @Test
  public void whatHappensDuringTheLookIsNotMissed() {
    pruner.close();
    ends("a", "b", "c", "d");
    advance(HOUR);
    store = store.failover();
    TaskPruner next =
        new TaskPruner(
            POLICY,
            store::state,
            store.writer(),
            store.loop(),
            action -> {
              // The look begins only after these, and of the State from before them.
              ends("e");
              store.change(
                  tx -> tx.change(new Op.RemoveTasks(new RemoveTasks(ImmutableSet.of("a")))));
              action.run();
            },
            store.clock(),
            meters);
    store.react(next);
    next.start(store.state());
    store.runtimes().runReady();
    assertThat(kept()).as("a had gone, so only one is too many").containsExactly("c", "d", "e");
  }

  @Test
  public void moreJobsThanAreTakenOverAtOnceAreAllLookedAfter() {
    pruner.close();
    int jobs = 2 * TaskPruner.JOBS_AT_ONCE + 1;
    store.change(
        tx -> {
          for (int i = 0; i < jobs; i++) {
            JobKey job = new JobKey("r", "prod", "j" + i);
            tx.save(Fixtures.task("t" + i, Fixtures.config(job), 0, ScheduleStatus.LOST));
          }
        });
    failOver(POLICY);
    assertThat(kept()).as("ended in 1970").isEmpty();
  }

  @Test
  public void aTaskThatAnAdministratorRemovedCountsNoMore() {
    ends("a", "b", "c");
    store.change(tx -> tx.removeTask("b"));
    ends("d");
    advance(HOUR.multipliedBy(2));
    assertThat(kept()).containsExactly("a", "c", "d");
  }

  @Test
  public void theWallClockOfALeaderIsOfNoConcern() {
    ends("a");
    store.runtimes().stepWallClock(Duration.ofDays(300));
    ends("b");
    store.runtimes().stepWallClock(Duration.ofDays(-600));
    advance(DAY.minus(MS));
    assertThat(kept()).containsExactly("a", "b");
    advance(MS);
    assertThat(kept()).isEmpty();
  }

  @Test
  public void aTaskFromTheFutureIsKeptNoLongerThanAnother() {
    ScheduledTask future =
        Fixtures.task("future", Fixtures.config(Fixtures.JOB), 0, ScheduleStatus.LOST).toBuilder()
            .taskEvents(
                ImmutableList.of(
                    TaskEvent.builder()
                        .timestamp(Long.MAX_VALUE)
                        .status(ScheduleStatus.LOST)
                        .build()))
            .build();
    store.change(tx -> tx.save(future));
    failOver(POLICY);
    advance(DAY.minus(MS));
    assertThat(kept()).containsExactly("future");
    advance(MS);
    assertThat(kept()).isEmpty();
  }

  @Test
  public void aTaskWithoutAHistoryEndedLongAgo() {
    pruner.close();
    ScheduledTask blank =
        Fixtures.task("blank", Fixtures.config(Fixtures.JOB), 0, ScheduleStatus.LOST).toBuilder()
            .taskEvents(ImmutableList.of())
            .build();
    store.change(tx -> tx.save(blank));
    failOver(POLICY);
    assertThat(kept()).isEmpty();
  }

  @Test
  public void whoIsClosedForgetsNothing() {
    ends("a");
    pruner.close();
    advance(DAY.multipliedBy(2));
    assertThat(kept()).containsExactly("a");
  }

  @Test
  public void aJobThatIsAllForgottenIsInNoIndex() {
    ends("a");
    advance(DAY);
    assertThat(store.state().tasks().jobs()).isEmpty();
    assertThat(Iterables.isEmpty(store.state().tasks().roles())).isTrue();
  }
}
