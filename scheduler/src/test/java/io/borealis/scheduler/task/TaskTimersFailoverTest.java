package io.borealis.scheduler.task;

import static io.borealis.api.ScheduleStatus.ASSIGNED;
import static io.borealis.api.ScheduleStatus.DRAINING;
import static io.borealis.api.ScheduleStatus.FAILED;
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

import com.google.common.collect.ImmutableList;
import io.borealis.api.PartitionPolicy;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskEvent;
import io.borealis.scheduler.store.Fixtures;
import java.time.Duration;
import org.junit.Test;

/** What the next leader knows of the timers of tasks. */
public class TaskTimersFailoverTest {
  private static final Duration TIMEOUT = TaskPolicy.DEFAULT.transientTimeout();
  private static final Duration MS = Duration.ofMillis(1);

  private TestTasks tasks = new TestTasks();

  public TaskTimersFailoverTest() {
    var unused = tasks.startTimers();
  }

  @Test
  public void aPassingStateLastsAsLongAsUnderOneLeader() {
    for (ScheduleStatus stuck :
        new ScheduleStatus[] {ASSIGNED, PREEMPTING, RESTARTING, DRAINING, KILLING}) {
      String id = tasks.have(service(), stuck == ASSIGNED ? PENDING : RUNNING);
      tasks.go(id, stuck);
      tasks.advance(Duration.ofMinutes(2));
      failOver();

      assertTurns(id, stuck, LOST, TIMEOUT.minusMinutes(2));
    }
  }

  @Test
  public void aPenaltyLastsAsLongAsUnderOneLeader() {
    String id = tasks.throttled();
    tasks.advance(Duration.ofSeconds(60));
    failOver();
    assertTurns(id, THROTTLED, PENDING, Duration.ofMillis(7_500));
  }

  @Test
  public void aPartitionLastsAsLongAsUnderOneLeader() {
    String id = tasks.have(partitioned(new PartitionPolicy(true, 60L)), RUNNING);
    tasks.go(id, PARTITIONED);
    tasks.advance(Duration.ofSeconds(45));
    failOver();
    assertTurns(id, PARTITIONED, LOST, Duration.ofSeconds(15));
    assertThat(tasks.message(id)).isEqualTo("Task partitioned for too long.");
  }

  @Test
  public void aPartitionThatIsNotToEndDoesNot() {
    String id = tasks.have(partitioned(new PartitionPolicy(false, 60L)), RUNNING);
    tasks.go(id, PARTITIONED);
    failOver();
    tasks.advance(Duration.ofDays(100));
    assertThat(tasks.task(id).status()).isEqualTo(PARTITIONED);
  }

  @Test
  public void timeInWhichNobodyLedDoesNotCount() {
    String id = tasks.have(service(), PENDING);
    tasks.go(id, ASSIGNED);
    tasks.advance(Duration.ofMinutes(1));
    write();
    tasks = tasks.failover();
    tasks.advance(Duration.ofDays(1));
    var unused = tasks.startTimers();

    assertTurns(id, ASSIGNED, LOST, TIMEOUT.minusMinutes(1));
  }

  @Test
  public void whatWasOverdueHappensAtOnce() {
    tasks = new TestTasks();
    String stuck = tasks.have(service(), PENDING);
    tasks.go(stuck, ASSIGNED);
    String throttled = tasks.throttled();
    String partitioned = tasks.have(partitioned(new PartitionPolicy(true, 60L)), RUNNING);
    tasks.go(partitioned, PARTITIONED);
    tasks.advance(Duration.ofHours(1));
    failOver();

    assertThat(tasks.task(stuck).status()).isEqualTo(LOST);
    assertThat(tasks.task(throttled).status()).isEqualTo(PENDING);
    assertThat(tasks.task(partitioned).status()).isEqualTo(LOST);
  }

  @Test
  public void aClockThatIsWrongMakesNoTimerLongerThanItWas() {
    String id = tasks.have(service(), PENDING);
    tasks.go(id, ASSIGNED);
    tasks.store.runtimes().stepWallClock(Duration.ofDays(-1));
    failOver();
    assertTurns(id, ASSIGNED, LOST, TIMEOUT);
  }

  @Test
  public void anEventFromTheFutureMakesNoTimerLongerThanItWas() {
    tasks.store.runtimes().stepWallClock(Duration.ofDays(1));
    long future = tasks.store.clock().wallMillis();
    tasks.store.runtimes().stepWallClock(Duration.ofDays(-1));
    ScheduledTask task = Fixtures.task("imported", service(), 0, ASSIGNED);
    TaskEvent event = TaskEvent.builder().timestamp(future).status(ASSIGNED).build();
    tasks.store.change(tx -> tx.save(task.toBuilder().taskEvents(ImmutableList.of(event)).build()));
    failOver();
    assertTurns("imported", ASSIGNED, LOST, TIMEOUT);
  }

  @Test
  public void killsAreRepeatedFromTheFirstIntervalOn() {
    String id = tasks.have(service(), RUNNING);
    tasks.go(id, KILLING);
    tasks.advance(Duration.ofMinutes(2));
    failOver();
    assertThat(tasks.killed).isEmpty();

    tasks.advance(Duration.ofMillis(22_500).minus(MS));
    assertThat(tasks.killed).isEmpty();
    tasks.advance(MS);
    assertThat(tasks.killed).containsExactly(id);
    tasks.advance(Duration.ofMillis(33_750));
    assertThat(tasks.killed).containsExactly(id, id);
  }

  @Test
  public void tasksThatStayWhereTheyAreHaveNoTimers() {
    for (ScheduleStatus status : new ScheduleStatus[] {PENDING, STARTING, RUNNING, LOST, FAILED}) {
      String unused = tasks.have(service(), status);
    }
    failOver();
    tasks.advance(Duration.ofSeconds(1));
    assertThat(tasks.store.runtimes().pending()).isEmpty();
  }

  /** The leader dies just after a write; the next one begins at once. */
  private void failOver() {
    write();
    tasks = tasks.failover();
    var unused = tasks.startTimers();
  }

  /** Any write: the time of the last one is what the next leader knows. */
  private void write() {
    String unused = tasks.have(TestTasks.oneOff(1), LOST);
  }

  private void assertTurns(String id, ScheduleStatus from, ScheduleStatus to, Duration after) {
    tasks.advance(after.minus(MS));
    assertThat(tasks.task(id).status()).as("just before").isEqualTo(from);
    tasks.advance(MS);
    assertThat(tasks.task(id).status()).as("from %s", from).isEqualTo(to);
  }
}
