package io.borealis.scheduler.task;

import static io.borealis.api.ScheduleStatus.ASSIGNED;
import static io.borealis.api.ScheduleStatus.DRAINING;
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
import static io.borealis.scheduler.task.TestTasks.partitioned;
import static io.borealis.scheduler.task.TestTasks.service;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.PartitionPolicy;
import io.borealis.api.ScheduleStatus;
import io.borealis.scheduler.store.Fixtures;
import io.borealis.scheduler.store.Reaction;
import io.borealis.scheduler.store.TaskChange;
import io.borealis.scheduler.store.WriteClass;
import io.borealis.scheduler.store.WriteTransaction;
import io.borealis.scheduler.store.Writer;
import io.borealis.scheduler.task.TaskLifecycle.Result;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.Test;

/** What moves tasks when nobody else does: task rules, sections 6.4, 7, 8 and 10.1. */
public class TaskTimersTest {
  private static final Duration TIMEOUT = TaskPolicy.DEFAULT.transientTimeout();
  private static final Duration MS = Duration.ofMillis(1);

  private final TestTasks tasks = new TestTasks();
  private final TaskTimers timers = tasks.startTimers();

  @Test
  public void aTaskStuckInAPassingStateIsLost() {
    for (ScheduleStatus stuck :
        new ScheduleStatus[] {ASSIGNED, PREEMPTING, RESTARTING, DRAINING, KILLING}) {
      String id = tasks.have(service(), stuck == ASSIGNED ? PENDING : RUNNING);
      tasks.go(id, stuck);

      tasks.advance(TIMEOUT.minus(MS));
      assertThat(tasks.task(id).status()).isEqualTo(stuck);
      tasks.advance(MS);

      assertThat(tasks.task(id).status()).as("%s", stuck).isEqualTo(LOST);
      assertThat(tasks.message(id)).isEqualTo("Task timed out");
      assertThat(tasks.successors(id)).hasSize(stuck == KILLING ? 0 : 1);
    }
    assertThat(tasks.meters.counter("timed_out_tasks").count()).isEqualTo(5);
  }

  @Test
  public void aTaskMayStayInOtherStatesForEver() {
    List<String> ids =
        List.of(
            tasks.have(service(), PENDING),
            tasks.have(service(), STARTING),
            tasks.have(service(), RUNNING));
    tasks.advance(Duration.ofDays(100));
    assertThat(ids)
        .extracting(id -> tasks.task(id).status())
        .containsExactly(PENDING, STARTING, RUNNING);
    assertThat(tasks.store.runtimes().pending()).isEmpty();
  }

  @Test
  public void aTaskThatMovedOnInTimeIsNotLost() {
    String id = tasks.have(service(), PENDING);
    tasks.go(id, ASSIGNED);
    tasks.advance(TIMEOUT.minus(MS));
    tasks.go(id, RUNNING);
    tasks.advance(TIMEOUT);
    assertThat(tasks.task(id).status()).isEqualTo(RUNNING);
    assertThat(tasks.store.runtimes().pending()).isEmpty();
  }

  @Test
  public void aTaskThatCameBackToAStateHasTheWholeTimeAgain() {
    String id = tasks.have(partitioned(new PartitionPolicy(false, null)), PENDING);
    tasks.go(id, ASSIGNED);
    tasks.advance(Duration.ofMinutes(4));
    tasks.go(id, RUNNING, PARTITIONED, ASSIGNED);

    tasks.advance(TIMEOUT.minus(MS));
    assertThat(tasks.task(id).status()).isEqualTo(ASSIGNED);
    tasks.advance(MS);
    assertThat(tasks.task(id).status()).isEqualTo(LOST);
  }

  @Test
  public void aTimerThatWasOvertakenDoesNothing() {
    String id = tasks.have(partitioned(new PartitionPolicy(false, null)), PENDING);
    tasks.go(id, ASSIGNED);
    tasks.advance(TIMEOUT.minus(MS));
    tasks.store.hold();
    for (int i = 0; i < Writer.Limits.DEFAULT.appendsInFlight(); i++) {
      submit(WriteClass.STATUS, tx -> tx.save(Fixtures.task("other", service(), 0, RUNNING)));
      tasks.store.runtimes().runReady();
    }
    submit(
        WriteClass.RPC,
        tx -> {
          for (ScheduleStatus to : new ScheduleStatus[] {RUNNING, PARTITIONED, ASSIGNED}) {
            assertThat(tasks.lifecycle.changeState(tx, id, null, to, null))
                .isEqualTo(Result.SUCCESS);
          }
        });
    tasks.advance(MS);
    tasks.store.release();

    assertThat(tasks.history(id))
        .containsExactly(PENDING, ASSIGNED, RUNNING, PARTITIONED, ASSIGNED);
    tasks.advance(TIMEOUT);
    assertThat(tasks.task(id).status()).isEqualTo(LOST);
  }

  private void submit(WriteClass writeClass, Consumer<WriteTransaction> work) {
    var unused =
        tasks
            .store
            .writer()
            .submit(
                writeClass,
                Long.MAX_VALUE,
                tx -> {
                  work.accept(tx);
                  return true;
                });
  }

  @Test
  public void aThrottledTaskIsPendingAfterThePenaltyOfItsAncestors() {
    String id = tasks.throttled();
    // Two ancestors that flapped: 45 s, then half as much again.
    tasks.advance(Duration.ofMillis(67_499));
    assertThat(tasks.task(id).status()).isEqualTo(THROTTLED);
    tasks.advance(MS);
    assertThat(tasks.history(id)).containsExactly(THROTTLED, PENDING);
    assertThat(tasks.message(id)).isNull();
    tasks.advance(Duration.ofHours(1));
    assertThat(tasks.store.runtimes().pending()).isEmpty();
  }

  @Test
  public void aThrottledTaskThatIsKilledWaitsForNothing() {
    String id = tasks.throttled();
    tasks.go(id, KILLING);
    tasks.advance(Duration.ofSeconds(1));
    assertThat(tasks.store.runtimes().pending()).isEmpty();
  }

  @Test
  public void aPartitionedTaskWithoutAPolicyIsLostAtOnce() {
    String id = tasks.have(service(), RUNNING);
    tasks.go(id, PARTITIONED);
    assertThat(tasks.history(id)).containsExactly(RUNNING, PARTITIONED, LOST);
    assertThat(tasks.message(id)).isEqualTo("Task partitioned for too long.");
    assertThat(tasks.successor(id).status()).isEqualTo(PENDING);
    assertThat(tasks.killed).containsExactly(id);
  }

  @Test
  public void aPartitionedTaskIsLostWhenItsPolicySaysSo() {
    String id = tasks.have(partitioned(new PartitionPolicy(true, 60L)), RUNNING);
    tasks.go(id, PARTITIONED);
    tasks.advance(Duration.ofSeconds(59));
    tasks.go(id, RUNNING, PARTITIONED);
    tasks.advance(Duration.ofSeconds(59));
    assertThat(tasks.task(id).status()).isEqualTo(PARTITIONED);
    tasks.advance(Duration.ofSeconds(1));
    assertThat(tasks.task(id).status()).isEqualTo(LOST);
  }

  @Test
  public void aPolicyWithoutADelayMeansAtOnceAndOneAgainstItNever() {
    String atOnce = tasks.have(partitioned(new PartitionPolicy(true, null)), RUNNING);
    String never = tasks.have(partitioned(new PartitionPolicy(false, 1L)), RUNNING);
    tasks.go(never, PARTITIONED);
    tasks.go(atOnce, PARTITIONED);
    assertThat(tasks.task(atOnce).status()).isEqualTo(LOST);
    tasks.advance(Duration.ofDays(100));
    assertThat(tasks.task(never).status()).isEqualTo(PARTITIONED);
    assertThat(tasks.meters.counter("timed_out_tasks").count()).isZero();
  }

  @Test
  public void delaysBeyondAllReasonDoNoHarm() {
    for (long seconds : new long[] {Long.MIN_VALUE, -1}) {
      String id = tasks.have(partitioned(new PartitionPolicy(true, seconds)), RUNNING);
      tasks.go(id, PARTITIONED);
      assertThat(tasks.task(id).status()).isEqualTo(LOST);
    }
    for (long seconds : new long[] {Long.MAX_VALUE, Long.MAX_VALUE / 1000, 1L << 40}) {
      String id = tasks.have(partitioned(new PartitionPolicy(true, seconds)), RUNNING);
      tasks.go(id, PARTITIONED);
      tasks.advance(Duration.ofDays(1000));
      assertThat(tasks.task(id).status()).isEqualTo(PARTITIONED);
      tasks.go(id, RUNNING);
    }
  }

  @Test
  public void aTimerThatWasOvertakenDoesNothingThoughTheWallClockStands() {
    String id = tasks.have(partitioned(new PartitionPolicy(true, 60L)), RUNNING);
    tasks.go(id, PARTITIONED, RUNNING);
    // All that happens from now on has one and the same time.
    tasks.store.runtimes().stepWallClock(Duration.ofDays(-1));
    tasks.go(id, PARTITIONED);
    tasks.advance(Duration.ofSeconds(60).minus(MS));
    tasks.store.hold();
    for (int i = 0; i < Writer.Limits.DEFAULT.appendsInFlight(); i++) {
      submit(WriteClass.STATUS, tx -> tx.save(Fixtures.task("other", service(), 0, RUNNING)));
      tasks.store.runtimes().runReady();
    }
    submit(
        WriteClass.RPC,
        tx -> {
          for (ScheduleStatus to : new ScheduleStatus[] {RUNNING, PARTITIONED}) {
            assertThat(tasks.lifecycle.changeState(tx, id, null, to, null))
                .isEqualTo(Result.SUCCESS);
          }
        });
    tasks.advance(MS);
    tasks.store.release();
    assertThat(tasks.task(id).status()).isEqualTo(PARTITIONED);
    tasks.advance(Duration.ofSeconds(60));
    assertThat(tasks.task(id).status()).isEqualTo(LOST);
  }

  @Test
  public void aKillIsAskedForAgainAndAgain() {
    String id = tasks.have(service(), RUNNING);
    tasks.go(id, KILLING);
    assertThat(tasks.killed).containsExactly(id);
    // 15 s and half of it, then each time half as long again.
    long[] times = {22_500, 33_750, 50_625, 75_938};
    for (int i = 0; i < times.length; i++) {
      tasks.advance(Duration.ofMillis(times[i]).minus(MS));
      assertThat(tasks.killed).hasSize(1 + i);
      tasks.advance(MS);
      assertThat(tasks.killed).hasSize(2 + i).containsOnly(id);
      assertThat(tasks.meters.counter("task_kill_retries").count()).isEqualTo(1 + i);
    }
  }

  @Test
  public void noKillIsAskedForOnceTheTaskHasEnded() {
    String id = tasks.have(service(), RUNNING);
    tasks.go(id, KILLING);
    tasks.advance(Duration.ofSeconds(23));
    tasks.go(id, KILLED);
    tasks.advance(Duration.ofHours(1));
    assertThat(tasks.killed).containsExactly(id, id);
    assertThat(tasks.store.runtimes().pending()).isEmpty();
  }

  @Test
  public void onlyAKillIsRepeated() {
    for (ScheduleStatus leaving : new ScheduleStatus[] {PREEMPTING, RESTARTING, DRAINING}) {
      String id = tasks.have(service(), RUNNING);
      tasks.go(id, leaving);
      tasks.advance(TIMEOUT.minus(MS));
      assertThat(tasks.killed).as("%s", leaving).containsOnlyOnce(id);
    }
  }

  @Test
  public void aDeletedTaskHasNoTimers() {
    String id = tasks.have(service(), RUNNING);
    tasks.go(id, KILLING);
    tasks.store.change(tx -> tasks.lifecycle.delete(tx, ImmutableSet.of(id)));
    tasks.advance(Duration.ofSeconds(1));
    assertThat(tasks.store.runtimes().pending()).isEmpty();
  }

  @Test
  public void aTransitionThatWasDiscardedStartsNothing() {
    String id = tasks.have(service(), PENDING);
    try {
      tasks.store.change(
          tx -> {
            assertThat(tasks.lifecycle.changeState(tx, id, null, ASSIGNED, null))
                .isEqualTo(Result.SUCCESS);
            throw new IllegalStateException("discarded");
          });
    } catch (IllegalStateException discarded) {
      assertThat(discarded).hasMessage("discarded");
    }
    tasks.advance(TIMEOUT.multipliedBy(2));
    assertThat(tasks.history(id)).containsExactly(PENDING);
  }

  @Test
  public void aWriteThatFailsIsTriedAgain() {
    Refusal refusal = new Refusal();
    tasks.store.react(refusal);
    String id = tasks.have(service(), PENDING);
    tasks.go(id, ASSIGNED);
    refusal.refuses = true;
    tasks.advance(TIMEOUT.plusSeconds(1));
    assertThat(tasks.task(id).status()).isEqualTo(ASSIGNED);
    refusal.refuses = false;
    tasks.advance(Duration.ofSeconds(4));
    assertThat(tasks.task(id).status()).isEqualTo(LOST);
  }

  @Test
  public void afterTheEndNothingFires() {
    String id = tasks.have(service(), RUNNING);
    tasks.go(id, KILLING);
    String throttled = tasks.throttled();
    timers.close();
    tasks.advance(Duration.ofHours(1));
    assertThat(tasks.task(id).status()).isEqualTo(KILLING);
    assertThat(tasks.task(throttled).status()).isEqualTo(THROTTLED);
    assertThat(tasks.killed).containsOnlyOnce(id);
  }

  /** Refuses every change while it is told to. */
  private static final class Refusal implements Reaction {
    boolean refuses;

    @Override
    public void onTaskChange(WriteTransaction transaction, TaskChange change) {
      if (refuses) {
        throw new IllegalStateException("refused");
      }
    }

    @Override
    public void onFailure(
        WriteTransaction transaction, TaskChange change, RuntimeException failure) {
      throw failure;
    }
  }
}
