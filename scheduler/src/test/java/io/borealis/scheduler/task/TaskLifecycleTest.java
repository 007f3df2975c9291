package io.borealis.scheduler.task;

import static io.borealis.api.ScheduleStatus.ASSIGNED;
import static io.borealis.api.ScheduleStatus.DRAINING;
import static io.borealis.api.ScheduleStatus.FAILED;
import static io.borealis.api.ScheduleStatus.FINISHED;
import static io.borealis.api.ScheduleStatus.KILLED;
import static io.borealis.api.ScheduleStatus.KILLING;
import static io.borealis.api.ScheduleStatus.LOST;
import static io.borealis.api.ScheduleStatus.PARTITIONED;
import static io.borealis.api.ScheduleStatus.PENDING;
import static io.borealis.api.ScheduleStatus.PREEMPTING;
import static io.borealis.api.ScheduleStatus.RESTARTING;
import static io.borealis.api.ScheduleStatus.RUNNING;
import static io.borealis.api.ScheduleStatus.STARTING;
import static io.borealis.api.ScheduleStatus.THROTTLED;
import static io.borealis.scheduler.task.TestTasks.oneOff;
import static io.borealis.scheduler.task.TestTasks.service;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.Iterables;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskEvent;
import io.borealis.scheduler.store.WriteClass;
import io.borealis.scheduler.task.TaskLifecycle.Result;
import java.time.Duration;
import org.junit.Test;

/** Transitions on the real store: what is recorded, when effects leave, compound cases. */
public class TaskLifecycleTest {
  private final TestTasks tasks = new TestTasks();

  @Test
  public void aTransitionIsRecordedWithItsTimeMessageAndScheduler() {
    String id = tasks.have(service(), ASSIGNED);
    tasks.advance(Duration.ofSeconds(7));
    long now = tasks.store.clock().wallMillis();

    assertThat(tasks.change(id, null, STARTING, "hello")).isEqualTo(Result.SUCCESS);

    assertThat(tasks.task(id).status()).isEqualTo(STARTING);
    assertThat(tasks.task(id).taskEvents())
        .hasSize(2)
        .endsWith(new TaskEvent(now, STARTING, "hello", TestTasks.SCHEDULER));
  }

  @Test
  public void timesOfEventsNeverRunBackwards() {
    String id = tasks.have(service(), ASSIGNED);
    long before = Iterables.getLast(tasks.task(id).taskEvents()).timestamp();
    tasks.store.runtimes().stepWallClock(Duration.ofHours(-1));

    tasks.go(id, STARTING, RUNNING);

    assertThat(tasks.task(id).taskEvents())
        .extracting(TaskEvent::timestamp)
        .containsExactly(before, before, before);
  }

  @Test
  public void aTransitionKeepsWhatItDoesNotConcern() {
    String id = tasks.have(service(), STARTING);
    ScheduledTask before = tasks.task(id);

    tasks.go(id, RUNNING);

    assertThat(tasks.task(id))
        .isEqualTo(
            before.toBuilder().status(RUNNING).taskEvents(tasks.task(id).taskEvents()).build());
    assertThat(tasks.task(id).taskEvents()).startsWith(before.taskEvents().get(0));
  }

  @Test
  public void anotherStateThanTheExpectedOneIsInvalidAndDoesNothing() {
    String id = tasks.have(service(), RUNNING);
    int entries = tasks.store.entries();

    assertThat(tasks.change(id, ASSIGNED, LOST, null)).isEqualTo(Result.INVALID_CAS_STATE);
    assertThat(tasks.change("nobody", RUNNING, LOST, null)).isEqualTo(Result.INVALID_CAS_STATE);
    assertThat(tasks.change(id, PENDING, RUNNING, null)).isEqualTo(Result.INVALID_CAS_STATE);

    assertThat(tasks.history(id)).containsExactly(RUNNING);
    assertThat(tasks.killed).isEmpty();
    assertThat(tasks.store.entries()).isEqualTo(entries);
  }

  @Test
  public void theExpectedStateIsNoObstacle() {
    String id = tasks.have(service(), ASSIGNED);
    assertThat(tasks.change(id, ASSIGNED, LOST, "Task timed out")).isEqualTo(Result.SUCCESS);
    assertThat(tasks.message(id)).isEqualTo("Task timed out");
  }

  @Test
  public void aKillLeavesOnlyWhenTheTransitionIsDurable() {
    String id = tasks.have(service(), RUNNING);
    tasks.store.hold();
    var reply =
        tasks
            .store
            .writer()
            .submit(
                WriteClass.RPC,
                Long.MAX_VALUE,
                tx -> tasks.lifecycle.changeState(tx, id, null, KILLING, null));
    tasks.store.runtimes().runReady();
    assertThat(reply).isNotDone();
    assertThat(tasks.killed).isEmpty();
    assertThat(tasks.task(id).status()).isEqualTo(RUNNING);

    tasks.store.release();

    assertThat(reply).isCompletedWithValue(Result.SUCCESS);
    assertThat(tasks.killed).containsExactly(id);
    assertThat(tasks.task(id).status()).isEqualTo(KILLING);
  }

  @Test
  public void aTransitionThatWasNeverDurableHasNoEffect() {
    String id = tasks.have(service(), RUNNING);
    tasks.store.hold();
    var unused =
        tasks
            .store
            .writer()
            .submit(
                WriteClass.RPC,
                Long.MAX_VALUE,
                tx -> tasks.lifecycle.changeState(tx, id, null, KILLING, null));
    tasks.store.runtimes().runReady();

    TestTasks next = tasks.failover();

    assertThat(next.task(id).status()).isEqualTo(RUNNING);
    assertThat(tasks.killed).isEmpty();
    assertThat(next.killed).isEmpty();
  }

  @Test
  public void anEffectWithoutATransitionWaitsForWhatItWasBuiltOn() {
    String id = tasks.have(service(), RUNNING);
    tasks.store.hold();
    for (ScheduleStatus target : new ScheduleStatus[] {LOST, RUNNING}) {
      var unused =
          tasks
              .store
              .writer()
              .submit(
                  WriteClass.STATUS,
                  Long.MAX_VALUE,
                  tx -> tasks.lifecycle.changeState(tx, id, null, target, null));
    }
    tasks.store.runtimes().runReady();
    assertThat(tasks.killed).isEmpty();

    tasks.store.release();
    assertThat(tasks.killed).containsExactly(id);
  }

  @Test
  public void aKilledTaskThatWasNeverPlacedVanishes() {
    for (ScheduleStatus waiting : new ScheduleStatus[] {PENDING, THROTTLED}) {
      String id = tasks.have(service(), waiting);

      assertThat(tasks.change(id, null, KILLING, "Killed by ann")).isEqualTo(Result.SUCCESS);

      assertThat(tasks.find(id)).isNull();
      assertThat(tasks.change(id, KILLING)).isEqualTo(Result.ILLEGAL);
    }
    assertThat(tasks.store.state().tasks().size()).isZero();
    assertThat(tasks.killed).isEmpty();
  }

  @Test
  public void aTaskThatLeavesAndIsPartitionedIsLostAtOnceAndReplaced() {
    for (ScheduleStatus leaving : new ScheduleStatus[] {PREEMPTING, RESTARTING, DRAINING}) {
      TestTasks each = new TestTasks();
      String id = each.have(service(), leaving);

      each.go(id, PARTITIONED);

      assertThat(each.history(id)).containsExactly(leaving, PARTITIONED, LOST);
      assertThat(each.message(id))
          .isEqualTo("Action performed on partitioned task, marking as LOST.");
      assertThat(each.successor(id).status()).isEqualTo(PENDING);
      assertThat(each.killed).containsExactly(id);
    }
  }

  @Test
  public void aTaskBeingKilledThatIsPartitionedIsLostForGood() {
    String id = tasks.have(service(), KILLING);
    tasks.go(id, PARTITIONED);
    assertThat(tasks.history(id)).containsExactly(KILLING, PARTITIONED, LOST);
    assertThat(tasks.successors(id)).isEmpty();
    assertThat(tasks.killed).containsExactly(id);
  }

  @Test
  public void aKilledPartitionedTaskIsLostAndKilledWhenItReturns() {
    String id = tasks.have(service(), RUNNING, PARTITIONED);

    assertThat(tasks.change(id, null, KILLING, "Killed by ann")).isEqualTo(Result.SUCCESS);
    assertThat(tasks.history(id)).containsExactly(RUNNING, PARTITIONED, KILLING, LOST);
    assertThat(tasks.task(id).taskEvents().get(2).message()).isEqualTo("Killed by ann");
    assertThat(tasks.successors(id)).isEmpty();
    assertThat(tasks.killed).isEmpty();

    assertThat(tasks.change(id, RUNNING)).isEqualTo(Result.ILLEGAL_WITH_SIDE_EFFECTS);
    assertThat(tasks.killed).containsExactly(id);
    assertThat(tasks.task(id).status()).isEqualTo(LOST);
  }

  @Test
  public void aPartitionedTaskThatIsSentAwayIsLostReplacedAndKilled() {
    for (ScheduleStatus leaving : new ScheduleStatus[] {PREEMPTING, RESTARTING, DRAINING}) {
      TestTasks each = new TestTasks();
      String id = each.have(service(), RUNNING, PARTITIONED);

      each.go(id, leaving);

      assertThat(each.history(id)).containsExactly(RUNNING, PARTITIONED, leaving, LOST);
      assertThat(each.successor(id).status()).isEqualTo(PENDING);
      assertThat(each.killed).containsExactly(id);
    }
  }

  @Test
  public void aTaskThatComesAndGoesKeepsAShortHistory() {
    String id = tasks.have(service(), ASSIGNED, RUNNING);
    long firstRunning = tasks.task(id).taskEvents().get(1).timestamp();
    for (int i = 0; i < 5; i++) {
      tasks.advance(Duration.ofMinutes(1));
      tasks.go(id, PARTITIONED, RUNNING);
    }
    tasks.advance(Duration.ofMinutes(1));
    tasks.go(id, PARTITIONED);

    assertThat(tasks.history(id)).containsExactly(ASSIGNED, RUNNING, PARTITIONED);
    assertThat(tasks.task(id).timesPartitioned()).isEqualTo(6);
    assertThat(tasks.task(id).taskEvents().get(1).timestamp()).isEqualTo(firstRunning);
    assertThat(tasks.task(id).taskEvents().get(2).timestamp())
        .isEqualTo(firstRunning + Duration.ofMinutes(6).toMillis());
  }

  @Test
  public void aTaskThatReturnsInAnotherStateKeepsItsHistory() {
    String id = tasks.have(service(), STARTING);
    tasks.go(id, PARTITIONED, RUNNING, PARTITIONED);
    assertThat(tasks.history(id)).containsExactly(STARTING, PARTITIONED, RUNNING, PARTITIONED);
    assertThat(tasks.task(id).timesPartitioned()).isEqualTo(2);
  }

  @Test
  public void aPartitionedTaskThatEndsWellIsNotReplacedEvenIfAService() {
    String id = tasks.have(service(), RUNNING, PARTITIONED);
    tasks.go(id, FINISHED);
    assertThat(tasks.successors(id)).isEmpty();
  }

  @Test
  public void aTaskKilledFromOutsideComesBackWithoutACountedFailure() {
    String id = tasks.have(oneOff(1), RUNNING);
    tasks.go(id, KILLED);
    assertThat(tasks.task(id).failureCount()).isZero();
    assertThat(tasks.successor(id).status()).isEqualTo(PENDING);
  }

  @Test
  public void aTaskThatFailsOnItsWayOutHasNotFailed() {
    String id = tasks.have(oneOff(1), DRAINING);
    tasks.go(id, FAILED);
    assertThat(tasks.task(id).failureCount()).isZero();
    assertThat(tasks.successor(id).failureCount()).isZero();
  }
}
