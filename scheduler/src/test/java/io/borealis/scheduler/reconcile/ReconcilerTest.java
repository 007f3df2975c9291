package io.borealis.scheduler.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.ScheduleStatus;
import io.borealis.scheduler.cluster.TaskRef;
import io.borealis.scheduler.store.Fixtures;
import io.borealis.scheduler.store.TestStore;
import io.borealis.scheduler.task.TaskStates;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.Test;

/** When the cluster is asked for what (task rules, section 11). */
public class ReconcilerTest {
  private static final Duration MS = Duration.ofMillis(1);
  private static final ReconcilePolicy POLICY =
      new ReconcilePolicy(
          Duration.ofMillis(1500),
          Duration.ofMillis(20_500),
          Duration.ofSeconds(33),
          Duration.ofMillis(700),
          2,
          Duration.ofMillis(250));

  private final TestStore store = TestStore.create();
  private final MeterRegistry meters = new SimpleMeterRegistry();
  private final List<List<TaskRef>> asked = new ArrayList<>();
  private final List<Long> askedAtMs = new ArrayList<>();
  private final long beginMs = store.clock().wallMillis();
  private final Reconciler reconciler =
      new Reconciler(
          POLICY,
          store::state,
          refs -> {
            asked.add(refs);
            askedAtMs.add(store.clock().wallMillis() - beginMs);
          },
          store.loop(),
          store.runtimes().newPool("looking", 1),
          meters);

  private void start() {
    store.loop().execute(reconciler::start);
    store.runtimes().runReady();
  }

  private void have(String id, ScheduleStatus status) {
    store.change(
        tx -> {
          var task = Fixtures.task(id, Fixtures.config(Fixtures.JOB), asked.size(), status);
          tx.save(
              task.toBuilder()
                  .assignedTask(
                      task.assignedTask().toBuilder()
                          .instanceId(id.hashCode())
                          .slaveId("agent of " + id)
                          .slaveHost("host-1")
                          .build())
                  .build());
        });
  }

  private Set<String> ids() {
    Set<String> ids = new HashSet<>();
    asked.forEach(batch -> batch.forEach(ref -> ids.add(ref.taskId())));
    return ids;
  }

  @Test
  public void bothKindsAreAskedAgainAndAgainToTheMillisecond() {
    have("t", ScheduleStatus.RUNNING);
    start();
    store.runtimes().advance(Duration.ofSeconds(75));
    assertThat(askedAtMs)
        .containsExactly(1_500L, 2_200L, 22_000L, 35_200L, 42_500L, 63_000L, 68_200L);
    assertThat(asked.stream().map(List::size)).containsExactly(1, 0, 1, 0, 1, 1, 0);
    assertThat(meters.counter("reconciliation_explicit_runs").count()).isEqualTo(4);
    assertThat(meters.counter("reconciliation_implicit_runs").count()).isEqualTo(3);
  }

  @Test
  public void everyTaskWithAnAgentIsAskedForAndNoOther() {
    Set<String> assigned = new HashSet<>();
    for (ScheduleStatus status : ScheduleStatus.values()) {
      if (status != ScheduleStatus.INIT) {
        have(status.name(), status);
        if (TaskStates.isAssigned(status)) {
          assigned.add(status.name());
        }
      }
    }
    reconciler.explicitly(Integer.MAX_VALUE);
    store.runtimes().runReady();
    assertThat(ids()).isEqualTo(assigned);
    assertThat(asked.get(0)).allMatch(ref -> ("agent of " + ref.taskId()).equals(ref.agentId()));
  }

  @Test
  public void manyAreAskedForInBatchesThatAreSpaced() {
    for (int i = 0; i < 5; i++) {
      have("t" + i, ScheduleStatus.RUNNING);
    }
    reconciler.explicitly();
    store.runtimes().advance(Duration.ofSeconds(1));
    assertThat(askedAtMs).containsExactly(0L, 250L, 500L);
    assertThat(asked.stream().map(List::size)).containsExactly(2, 2, 1);
    assertThat(ids()).hasSize(5);
    assertThat(store.runtimes().pending()).isEmpty();
  }

  @Test
  public void aTaskThatEndsBeforeItsBatchIsNotAskedFor() {
    have("a", ScheduleStatus.RUNNING);
    have("b", ScheduleStatus.RUNNING);
    reconciler.explicitly(1);
    store.runtimes().runReady();
    String other = ids().contains("a") ? "b" : "a";
    have(other, ScheduleStatus.FINISHED);
    store.runtimes().advance(Duration.ofSeconds(1));
    assertThat(asked).as("an empty question would be one for all tasks").hasSize(1);
  }

  @Test
  public void nothingIsAskedWhereThereIsNothing() {
    reconciler.explicitly(1);
    store.runtimes().advance(Duration.ofSeconds(1));
    assertThat(asked).isEmpty();
    assertThat(meters.counter("reconciliation_explicit_runs").count()).isEqualTo(1);
  }

  @Test
  public void ofTooManyRunsTheOldestEnds() {
    for (int i = 0; i < 100; i++) {
      have("t" + i, ScheduleStatus.RUNNING);
    }
    for (int i = 0; i < 3 * Reconciler.MOST_RUNS; i++) {
      reconciler.explicitly(1);
    }
    store.runtimes().advance(Duration.ofSeconds(1));
    assertThat(store.runtimes().pending()).hasSize(Reconciler.MOST_RUNS);
    store.runtimes().advance(Duration.ofSeconds(30));
    assertThat(ids()).hasSize(100);
  }

  @Test
  public void whoIsClosedAsksNoMore() {
    have("a", ScheduleStatus.RUNNING);
    have("b", ScheduleStatus.RUNNING);
    start();
    reconciler.explicitly(1);
    store.runtimes().runReady();
    reconciler.close();
    reconciler.explicitly(1);
    store.runtimes().advance(Duration.ofHours(1).plus(MS));
    assertThat(asked).hasSize(1);
    assertThat(store.runtimes().pending()).isEmpty();
  }
}
