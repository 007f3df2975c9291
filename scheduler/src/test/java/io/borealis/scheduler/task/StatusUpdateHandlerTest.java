package io.borealis.scheduler.task;

import static io.borealis.api.ScheduleStatus.ASSIGNED;
import static io.borealis.api.ScheduleStatus.FAILED;
import static io.borealis.api.ScheduleStatus.FINISHED;
import static io.borealis.api.ScheduleStatus.KILLED;
import static io.borealis.api.ScheduleStatus.LOST;
import static io.borealis.api.ScheduleStatus.PARTITIONED;
import static io.borealis.api.ScheduleStatus.PENDING;
import static io.borealis.api.ScheduleStatus.RUNNING;
import static io.borealis.api.ScheduleStatus.STARTING;
import static io.borealis.scheduler.task.TestTasks.oneOff;
import static io.borealis.scheduler.task.TestTasks.partitioned;
import static io.borealis.scheduler.task.TestTasks.service;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import com.google.common.collect.Maps;
import io.borealis.api.PartitionPolicy;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.scheduler.cluster.ClusterDriver;
import io.borealis.scheduler.cluster.ClusterListener;
import io.borealis.scheduler.cluster.ClusterTaskState;
import io.borealis.scheduler.cluster.StatusUpdate;
import io.borealis.scheduler.cluster.TaskRef;
import io.borealis.scheduler.store.Reaction;
import io.borealis.scheduler.store.TaskChange;
import io.borealis.scheduler.store.WriteTransaction;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.Test;

/** What the cluster's reports do, and when they are confirmed: task rules, section 5. */
public class StatusUpdateHandlerTest {
  private static final ImmutableMap<ClusterTaskState, ScheduleStatus> STATES =
      Maps.immutableEnumMap(
          ImmutableMap.<ClusterTaskState, ScheduleStatus>builder()
              .put(ClusterTaskState.TASK_STAGING, ASSIGNED)
              .put(ClusterTaskState.TASK_STARTING, STARTING)
              .put(ClusterTaskState.TASK_RUNNING, RUNNING)
              .put(ClusterTaskState.TASK_FINISHED, FINISHED)
              .put(ClusterTaskState.TASK_FAILED, FAILED)
              .put(ClusterTaskState.TASK_KILLED, KILLED)
              .put(ClusterTaskState.TASK_KILLING, KILLED)
              .put(ClusterTaskState.TASK_LOST, LOST)
              .put(ClusterTaskState.TASK_ERROR, LOST)
              .put(ClusterTaskState.TASK_DROPPED, LOST)
              .put(ClusterTaskState.TASK_GONE, LOST)
              .put(ClusterTaskState.TASK_GONE_BY_OPERATOR, LOST)
              .put(ClusterTaskState.TASK_UNREACHABLE, PARTITIONED)
              .put(ClusterTaskState.TASK_UNKNOWN, PARTITIONED)
              .buildOrThrow());

  private static final ImmutableSet<ClusterTaskState> ALIVE =
      ImmutableSet.of(
          ClusterTaskState.TASK_STAGING,
          ClusterTaskState.TASK_STARTING,
          ClusterTaskState.TASK_RUNNING);

  private final TestTasks tasks = new TestTasks();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final Confirmations driver = new Confirmations();
  private final StatusUpdateHandler handler =
      new StatusUpdateHandler(
          tasks.store.writer(),
          tasks.store::state,
          tasks.lifecycle,
          driver,
          tasks.store.clock(),
          meters);

  private int updates;

  @Test
  public void everyStateOfTheClusterHasItsStatus() {
    assertThat(STATES).containsOnlyKeys(ClusterTaskState.values());
    STATES.forEach(
        (state, status) -> {
          boolean lived = status == PARTITIONED || status == ASSIGNED;
          String id =
              tasks.have(oneOff(1), status == ASSIGNED ? PARTITIONED : lived ? RUNNING : ASSIGNED);
          StatusUpdate update = report(id, state);
          assertThat(tasks.task(id).status()).as("%s", state).isEqualTo(status);
          assertThat(driver.confirmed).endsWith(update);
        });
  }

  @Test
  public void thatTheClusterHasNotBegunYetIsNoProgress() {
    String id = tasks.have(service(), ASSIGNED);
    StatusUpdate update =
        send(update(id, ClusterTaskState.TASK_STAGING, null, "REASON_RECONCILIATION"));
    assertThat(tasks.history(id)).containsExactly(ASSIGNED);
    assertThat(driver.confirmed).containsExactly(update);
    assertThat(meters.counter("status_update_REASON_RECONCILIATION_NOOP").count()).isEqualTo(1);
  }

  /** A new leader asks about all tasks; the writer is not to be busy with what it knows. */
  @Test
  public void anAnswerThatTellsWhatIsStoredWaitsForNoTransaction() {
    String id = tasks.have(service(), RUNNING);
    tasks.store.hold();
    for (int i = 0; i < 100_000; i++) {
      handler.handle(
          new StatusUpdate(
              id,
              "agent-1",
              ClusterTaskState.TASK_RUNNING,
              null,
              "REASON_RECONCILIATION",
              null,
              0));
    }
    assertThat(meters.counter("status_update_REASON_RECONCILIATION_NOOP").count())
        .isEqualTo(100_000);
    tasks.store.release();
    assertThat(driver.confirmed).isEmpty();
  }

  @Test
  public void aTaskThatNobodyPlacedIsNotPlacedByAReport() {
    String id = tasks.have(service(), PENDING);
    for (ClusterTaskState state : ClusterTaskState.values()) {
      StatusUpdate unused = report(id, state);
    }
    assertThat(tasks.history(id)).containsExactly(PENDING);
    assertThat(tasks.killed).isEmpty();
  }

  @Test
  public void anUnknownTaskThatLivesIsKilled() {
    for (ClusterTaskState state : ClusterTaskState.values()) {
      tasks.killed.clear();
      StatusUpdate update = report("nobody-" + state, state);
      assertThat(tasks.killed)
          .as("%s", state)
          .isEqualTo(ALIVE.contains(state) ? List.of("nobody-" + state) : List.of());
      assertThat(driver.confirmed).endsWith(update);
    }
    assertThat(tasks.store.entries()).isZero();
  }

  @Test
  public void anEndedTaskThatLivesIsKilledAndStaysEnded() {
    String id = tasks.have(service(), LOST);
    StatusUpdate update = report(id, ClusterTaskState.TASK_RUNNING);
    assertThat(tasks.killed).containsExactly(id);
    assertThat(tasks.history(id)).containsExactly(LOST);
    assertThat(driver.confirmed).containsExactly(update);
  }

  @Test
  public void aReportIsConfirmedOnlyWhenItIsDurable() {
    String id = tasks.have(service(), STARTING);
    tasks.store.hold();
    StatusUpdate update = report(id, ClusterTaskState.TASK_RUNNING);
    assertThat(driver.confirmed).isEmpty();
    assertThat(tasks.task(id).status()).isEqualTo(STARTING);

    tasks.store.release();
    assertThat(driver.confirmed).containsExactly(update);
    assertThat(tasks.task(id).status()).isEqualTo(RUNNING);
  }

  @Test
  public void aRepeatedReportWaitsForTheFirstToBeDurable() {
    String id = tasks.have(service(), STARTING);
    tasks.store.hold();
    StatusUpdate first = report(id, ClusterTaskState.TASK_RUNNING);
    handler.handle(first);
    tasks.store.runtimes().runReady();
    assertThat(driver.confirmed).isEmpty();

    tasks.store.release();
    assertThat(driver.confirmed).containsExactly(first, first);
  }

  @Test
  public void aReportLostWithItsLeaderIsNotConfirmedAndTakenAgain() {
    String id = tasks.have(service(), STARTING);
    tasks.store.hold();
    StatusUpdate update = report(id, ClusterTaskState.TASK_RUNNING);
    TestTasks next = tasks.failover();
    assertThat(driver.confirmed).isEmpty();

    new StatusUpdateHandler(
            next.store.writer(),
            next.store::state,
            next.lifecycle,
            driver,
            next.store.clock(),
            meters)
        .handle(update);
    next.store.runtimes().runReady();
    assertThat(next.task(id).status()).isEqualTo(RUNNING);
    assertThat(driver.confirmed).containsExactly(update);
  }

  @Test
  public void aRepeatedReportIsConfirmedAndChangesNothing() {
    for (ClusterTaskState state : ClusterTaskState.values()) {
      String id = tasks.have(service(), STATES.get(state) == PARTITIONED ? RUNNING : ASSIGNED);
      StatusUpdate update = report(id, state);
      ScheduledTask after = tasks.task(id);
      int size = tasks.store.state().tasks().size();

      tasks.advance(Duration.ofSeconds(3));
      handler.handle(update);
      tasks.store.runtimes().runReady();

      assertThat(tasks.task(id)).as("%s", state).isEqualTo(after);
      assertThat(tasks.store.state().tasks().size()).as("%s", state).isEqualTo(size);
      assertThat(driver.confirmed).endsWith(update, update);
    }
  }

  @Test
  public void aReportOutOfOrderIsConfirmedAndChangesNothing() {
    String id = tasks.have(service(), ASSIGNED, RUNNING);
    StatusUpdate update = report(id, ClusterTaskState.TASK_STARTING);
    assertThat(tasks.history(id)).containsExactly(ASSIGNED, RUNNING);
    assertThat(driver.confirmed).containsExactly(update);
  }

  @Test
  public void aReportThatNobodyExpectsToBeConfirmedIsNot() {
    String id = tasks.have(service(), STARTING);
    handler.handle(
        new StatusUpdate(
            id, null, ClusterTaskState.TASK_RUNNING, null, "REASON_RECONCILIATION", null, 0));
    tasks.store.runtimes().runReady();
    assertThat(tasks.task(id).status()).isEqualTo(RUNNING);
    assertThat(driver.confirmed).isEmpty();
  }

  @Test
  public void aReportThatCannotBeStoredHarmsNoOther() {
    String bad = tasks.have(service(), STARTING);
    String good = tasks.have(service(), STARTING);
    tasks.store.react(new Refusal(bad));
    long before = tasks.store.state().transaction();

    StatusUpdate refused = update(bad, ClusterTaskState.TASK_RUNNING, null, null);
    StatusUpdate taken = update(good, ClusterTaskState.TASK_RUNNING, null, null);
    StatusUpdate last = update(good, ClusterTaskState.TASK_FINISHED, null, null);
    ImmutableList.of(refused, taken, last).forEach(handler::handle);
    tasks.store.runtimes().runReady();

    assertThat(driver.confirmed).containsExactly(taken, last);
    assertThat(tasks.task(bad).status()).isEqualTo(STARTING);
    assertThat(tasks.history(good)).containsExactly(STARTING, RUNNING, FINISHED);
    assertThat(tasks.store.state().transaction()).isEqualTo(before + 2);
  }

  @Test
  public void aLeaderThatStopsConfirmsNothing() {
    String id = tasks.have(service(), STARTING);
    tasks.store.writer().close();
    StatusUpdate unused = report(id, ClusterTaskState.TASK_RUNNING);
    assertThat(driver.confirmed).isEmpty();
    assertThat(tasks.task(id).status()).isEqualTo(STARTING);
  }

  @Test
  public void theMessageOfTheReportIsKept() {
    assertThat(recorded("Disk broke", null)).isEqualTo("Disk broke");
    assertThat(recorded(null, null)).isNull();
    assertThat(recorded(null, "REASON_COMMAND_EXECUTOR_FAILED")).isNull();
  }

  @Test
  public void aTaskThatUsedTooMuchIsToldSo() {
    assertThat(recorded(null, "REASON_CONTAINER_LIMITATION_MEMORY"))
        .isEqualTo("Task used more memory than requested.");
    assertThat(recorded(null, "REASON_CONTAINER_LIMITATION_DISK"))
        .isEqualTo("Task used more disk than requested.");
    assertThat(recorded("5 GB", "REASON_CONTAINER_LIMITATION_MEMORY")).isEqualTo("5 GB");
    assertThat(recorded("5 GB", "REASON_CONTAINER_LIMITATION_DISK")).isEqualTo("5 GB");
  }

  @Test
  public void whatIsSaidOfAnUnregisteredExecutorIsDropped() {
    assertThat(recorded("Executor gone", "REASON_EXECUTOR_UNREGISTERED")).isNull();
  }

  @Test
  public void reportsWithAReasonAreCountedByReasonAndResult() {
    String id = tasks.have(service(), STARTING);
    String reason = "REASON_RECONCILIATION";
    for (int i = 0; i < 3; i++) {
      send(update(id, ClusterTaskState.TASK_RUNNING, null, reason));
    }
    send(update("nobody", ClusterTaskState.TASK_RUNNING, null, reason));
    send(update(id, ClusterTaskState.TASK_STARTING, null, null));

    assertThat(meters.counter("status_update_" + reason + "_SUCCESS").count()).isEqualTo(1);
    assertThat(meters.counter("status_update_" + reason + "_NOOP").count()).isEqualTo(2);
    assertThat(meters.counter("status_update_" + reason + "_ILLEGAL_WITH_SIDE_EFFECTS").count())
        .isEqualTo(1);
    assertThat(meters.getMeters())
        .extracting(meter -> meter.getId().getName())
        .filteredOn(name -> name.startsWith("status_update_"))
        .hasSize(3);
    assertThat(meters.counter("task_exit_" + reason).count()).isEqualTo(4);
    assertThat(meters.counter("scheduler_status_update").count()).isEqualTo(5);
  }

  @Test
  public void lostTasksAreCountedByWhoSaysSoAndTheDelayOfReportsIsMeasured() {
    String id = tasks.have(oneOff(1), RUNNING);
    long now = tasks.store.clock().wallMillis();
    for (String source : new String[] {"SOURCE_MASTER", "SOURCE_AGENT", "what? \n"}) {
      send(
          new StatusUpdate(
              id, "agent-1", ClusterTaskState.TASK_LOST, null, null, source, "u", now - 250));
    }
    send(
        new StatusUpdate(
            id, null, ClusterTaskState.TASK_RUNNING, null, null, "SOURCE_AGENT", "u", now + 1));
    assertThat(meters.counter("task_lost_SOURCE_MASTER").count()).isEqualTo(1);
    assertThat(meters.counter("task_lost_SOURCE_AGENT").count()).isEqualTo(1);
    assertThat(meters.counter("task_lost_SOURCE_UNKNOWN").count()).isEqualTo(1);
    assertThat(meters.timer("task_delivery_delay_SOURCE_AGENT").count())
        .as("what comes from the future has no delay")
        .isEqualTo(1);
    assertThat(meters.timer("task_delivery_delay_SOURCE_AGENT").totalTime(TimeUnit.MILLISECONDS))
        .isEqualTo(250);
  }

  @Test
  public void reasonsNobodyKnowsDoNoHarmAndMakeNoNames() {
    String id = tasks.have(service(), STARTING);
    for (int i = 0; i < 100; i++) {
      send(update(id, ClusterTaskState.TASK_RUNNING, null, "new reason " + i));
    }
    send(update(id, ClusterTaskState.TASK_RUNNING, null, "REASON_OF_A_LATER_RELEASE"));
    assertThat(tasks.task(id).status()).isEqualTo(RUNNING);
    assertThat(driver.confirmed).hasSize(101);
    assertThat(meters.counter("task_exit_REASON_UNKNOWN").count()).isEqualTo(100);
    assertThat(meters.counter("status_update_REASON_OF_A_LATER_RELEASE_NOOP").count()).isEqualTo(1);
    assertThat(meters.getMeters().size()).isLessThan(10);
  }

  @Test
  public void howManyReportsWaitIsShown() {
    String id = tasks.have(service(), STARTING);
    tasks.store.hold();
    StatusUpdate unused = report(id, ClusterTaskState.TASK_RUNNING);
    unused = report(id, ClusterTaskState.TASK_FINISHED);
    assertThat(meters.get("status_updates_queue_size").gauge().value()).isEqualTo(2);
    tasks.store.release();
    assertThat(meters.get("status_updates_queue_size").gauge().value()).isZero();
    tasks.store.writer().close();
    unused = report(id, ClusterTaskState.TASK_LOST);
    assertThat(meters.get("status_updates_queue_size").gauge().value()).isZero();
  }

  @Test
  public void ofATaskThatEndedOutOfSightTheClusterIsAskedAgain() {
    String id = tasks.have(partitioned(new PartitionPolicy(false, null)), RUNNING, PARTITIONED);
    StatusUpdate killed = report(id, ClusterTaskState.TASK_KILLED);
    assertThat(tasks.history(id)).as("the table does not allow it").endsWith(PARTITIONED);
    assertThat(driver.confirmed).containsExactly(killed);
    assertThat(driver.asked).containsExactly(List.of(new TaskRef(id, "agent-1")));

    // What a cluster says of a task it has no more; nothing is asked again for answers.
    for (ClusterTaskState answer :
        new ClusterTaskState[] {ClusterTaskState.TASK_KILLED, ClusterTaskState.TASK_LOST}) {
      handler.handle(
          new StatusUpdate(id, "agent-1", answer, null, "REASON_RECONCILIATION", null, 0));
      tasks.store.runtimes().runReady();
    }
    assertThat(driver.asked).hasSize(1);
    assertThat(tasks.task(id).status()).isEqualTo(LOST);
    assertThat(tasks.successor(id).status()).isEqualTo(PENDING);
  }

  private @Nullable String recorded(@Nullable String message, @Nullable String reason) {
    String id = tasks.have(oneOff(1), RUNNING);
    send(update(id, ClusterTaskState.TASK_FAILED, message, reason));
    assertThat(tasks.task(id).status()).isEqualTo(FAILED);
    return Iterables.getLast(tasks.task(id).taskEvents()).message();
  }

  private StatusUpdate report(String id, ClusterTaskState state) {
    return send(update(id, state, null, null));
  }

  private StatusUpdate send(StatusUpdate update) {
    handler.handle(update);
    tasks.store.runtimes().runReady();
    return update;
  }

  private StatusUpdate update(
      String id, ClusterTaskState state, @Nullable String message, @Nullable String reason) {
    return new StatusUpdate(id, "agent-1", state, message, reason, "uuid-" + ++updates, 0);
  }

  /** Refuses every change of one task. */
  private record Refusal(String id) implements Reaction {
    @Override
    public void onTaskChange(WriteTransaction transaction, TaskChange change) {
      if (change.task().assignedTask().taskId().equals(id)) {
        throw new IllegalStateException("refused");
      }
    }

    @Override
    public void onFailure(
        WriteTransaction transaction, TaskChange change, RuntimeException failure) {
      throw failure;
    }
  }

  /** A cluster that notes what is confirmed. */
  private static final class Confirmations implements ClusterDriver {
    final List<StatusUpdate> confirmed = new ArrayList<>();
    final List<List<TaskRef>> asked = new ArrayList<>();

    @Override
    public void acknowledge(StatusUpdate update) {
      confirmed.add(update);
    }

    @Override
    public void start(ClusterListener listener, long epoch, Iterable<ScheduledTask> known) {}

    @Override
    public void launch(String offerId, ImmutableList<ScheduledTask> assigned) {}

    @Override
    public void decline(String offerId, Duration refuse) {}

    @Override
    public void kill(String taskId) {}

    @Override
    public void reconcile(Iterable<TaskRef> tasks) {
      asked.add(ImmutableList.copyOf(tasks));
    }

    @Override
    public void close() {}
  }
}
