package io.borealis.scheduler.task;

import static io.borealis.api.ScheduleStatus.ASSIGNED;
import static io.borealis.api.ScheduleStatus.DRAINING;
import static io.borealis.api.ScheduleStatus.FAILED;
import static io.borealis.api.ScheduleStatus.FINISHED;
import static io.borealis.api.ScheduleStatus.KILLED;
import static io.borealis.api.ScheduleStatus.LOST;
import static io.borealis.api.ScheduleStatus.PARTITIONED;
import static io.borealis.api.ScheduleStatus.PENDING;
import static io.borealis.api.ScheduleStatus.PREEMPTING;
import static io.borealis.api.ScheduleStatus.RESTARTING;
import static io.borealis.api.ScheduleStatus.RUNNING;
import static io.borealis.api.ScheduleStatus.THROTTLED;
import static io.borealis.scheduler.task.TestTasks.oneOff;
import static io.borealis.scheduler.task.TestTasks.service;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.Iterables;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskEvent;
import java.time.Duration;
import java.util.List;
import org.junit.Test;

/** Who comes after a task that ended, and how long it waits: task rules, sections 1.3, 3.3, 6. */
public class TaskSuccessionTest {
  private static final Duration LONG = TaskPolicy.DEFAULT.flappingThreshold();
  private static final Duration SHORT = LONG.minusMillis(1);

  private final TestTasks tasks = new TestTasks();

  @Test
  public void theSuccessorIsANewTaskOfTheSameInstance() {
    String id = tasks.have(service(), RUNNING, PARTITIONED, RUNNING);
    tasks.advance(Duration.ofSeconds(5));
    tasks.go(id, LOST);

    ScheduledTask next = tasks.successor(id);
    assertThat(next.assignedTask().taskId()).isNotEqualTo(id);
    assertThat(next.ancestorId()).isEqualTo(id);
    assertThat(next.status()).isEqualTo(PENDING);
    assertThat(next.timesPartitioned()).isZero();
    assertThat(next.assignedTask().task()).isSameAs(tasks.task(id).assignedTask().task());
    assertThat(next.assignedTask().instanceId()).isEqualTo(3);
    assertThat(next.assignedTask().slaveHost()).isNull();
    assertThat(next.assignedTask().slaveId()).isNull();
    assertThat(next.assignedTask().assignedPorts()).isEmpty();
    assertThat(next.taskEvents())
        .containsExactly(
            new TaskEvent(
                tasks.store.clock().wallMillis(), PENDING, "Rescheduled", TestTasks.SCHEDULER));
  }

  @Test
  public void theSuccessorIsTheActiveTaskOfItsInstance() {
    String id = tasks.have(service(), RUNNING);
    tasks.go(id, LOST);
    assertThat(tasks.store.state().tasks().activeOf(service().job(), 3))
        .isEqualTo(tasks.successor(id));
    assertThat(tasks.store.state().tasks().pending())
        .containsOnlyKeys(tasks.successor(id).assignedTask().taskId());
  }

  @Test
  public void theTaskAndItsSuccessorBecomeDurableTogether() {
    String id = tasks.have(service(), RUNNING);
    int entries = tasks.store.entries();
    tasks.go(id, FINISHED);
    assertThat(tasks.store.entries()).isEqualTo(entries + 1);
  }

  @Test
  public void aTaskMayFailSoManyTimesOverAllItsLives() {
    assertThat(livesThatFail(oneOff(0), 5)).isEqualTo(1);
    assertThat(livesThatFail(oneOff(1), 5)).isEqualTo(1);
    assertThat(livesThatFail(oneOff(2), 5)).isEqualTo(2);
    assertThat(livesThatFail(oneOff(4), 5)).isEqualTo(4);
    assertThat(livesThatFail(oneOff(-1), 5)).isEqualTo(5);
    assertThat(livesThatFail(service(), 5)).isEqualTo(5);
  }

  /** How many lives end in failure before there is no successor, or the most that are tried. */
  private static int livesThatFail(TaskConfig config, int most) {
    TestTasks tasks = new TestTasks();
    String id = tasks.have(config, RUNNING);
    for (int life = 1; ; life++) {
      if (life > 1) {
        run(tasks, id);
      }
      tasks.advance(LONG);
      tasks.go(id, FAILED);
      assertThat(tasks.task(id).failureCount()).isEqualTo(life);
      List<ScheduledTask> next = tasks.successors(id);
      if (next.isEmpty() || life == most) {
        return life;
      }
      assertThat(next.get(0).failureCount()).isEqualTo(life);
      id = next.get(0).assignedTask().taskId();
    }
  }

  @Test
  public void otherEndsThanFailureDoNotUseUpWhatIsAllowed() {
    String id = tasks.have(oneOff(2), RUNNING);
    for (ScheduleStatus end : new ScheduleStatus[] {LOST, KILLED, LOST}) {
      tasks.advance(LONG);
      tasks.go(id, end);
      id = tasks.successor(id).assignedTask().taskId();
      run(tasks, id);
    }
    tasks.go(id, FAILED);
    assertThat(tasks.successor(id).failureCount()).isEqualTo(1);
  }

  @Test
  public void theFirstSuccessorOfATaskThatEndedSoonWaitsForNothing() {
    String id = tasks.have(service(), RUNNING);
    assertThat(endAndFollow(id, FAILED).status()).isEqualTo(PENDING);
  }

  @Test
  public void laterSuccessorsWaitLongerEachTime() {
    ScheduledTask second = endAndFollow(tasks.have(service(), RUNNING), FAILED);
    ScheduledTask third = endSoon(second, FAILED);
    assertThat(third.status()).isEqualTo(THROTTLED);
    assertThat(firstMessage(third)).isEqualTo("Rescheduled, penalized for 45000 ms for flapping");
    ScheduledTask fourth = endSoon(third, LOST);
    assertThat(firstMessage(fourth)).isEqualTo("Rescheduled, penalized for 67500 ms for flapping");
  }

  @Test
  public void thePenaltyHasAMaximum() {
    ScheduledTask task = tasks.task(tasks.have(service(), RUNNING));
    for (int i = 0; i < 12; i++) {
      task = i == 0 ? endAndFollow(task.assignedTask().taskId(), LOST) : endSoon(task, LOST);
    }
    assertThat(firstMessage(task)).isEqualTo("Rescheduled, penalized for 300000 ms for flapping");
  }

  @Test
  public void aLongLifeForgivesTheOnesBefore() {
    ScheduledTask second = endAndFollow(tasks.have(service(), RUNNING), FAILED);
    String id = run(tasks, second.assignedTask().taskId());
    tasks.advance(LONG);
    ScheduledTask third = endAndFollow(id, FAILED);
    ScheduledTask fourth = endSoon(third, FAILED);
    assertThat(fourth.status()).isEqualTo(PENDING);
  }

  @Test
  public void aLifeIsMeasuredFromItsLastActiveState() {
    ScheduledTask second = endAndFollow(lateInLife(SHORT), FAILED);
    assertThat(endSoon(second, FAILED).status()).isEqualTo(THROTTLED);
    ScheduledTask other = endAndFollow(lateInLife(LONG), FAILED);
    assertThat(endSoon(other, FAILED).status()).isEqualTo(PENDING);
  }

  /** A task that waited for an hour and then ran for this time. */
  private String lateInLife(Duration running) {
    String id = tasks.have(service(), PENDING);
    tasks.advance(Duration.ofHours(1));
    run(tasks, id);
    tasks.advance(running);
    return id;
  }

  @Test
  public void whatSomebodyEndedDidNotFlap() {
    for (ScheduleStatus leaving : new ScheduleStatus[] {RESTARTING, DRAINING}) {
      String id = tasks.have(service(), RUNNING, leaving);
      ScheduledTask second = endAndFollow(id, KILLED);
      assertThat(endSoon(second, FAILED).status()).as("%s", leaving).isEqualTo(PENDING);
    }
  }

  @Test
  public void whatWasPreemptedPartitionedOrLostSoonDidFlap() {
    for (ScheduleStatus leaving : new ScheduleStatus[] {PREEMPTING, PARTITIONED, ASSIGNED}) {
      String id = tasks.have(service(), leaving);
      ScheduledTask second = endAndFollow(id, LOST);
      assertThat(endSoon(second, FAILED).status()).as("%s", leaving).isEqualTo(THROTTLED);
    }
  }

  @Test
  public void anAncestorThatIsForgottenCountsForNothing() {
    String first = tasks.have(service(), RUNNING);
    ScheduledTask second = endAndFollow(first, FAILED);
    tasks.store.change(tx -> tasks.lifecycle.delete(tx, List.of(first)));
    assertThat(endSoon(second, FAILED).status()).isEqualTo(PENDING);
  }

  /** Places a waiting task and has it run. */
  private static String run(TestTasks tasks, String id) {
    if (tasks.task(id).status() == THROTTLED) {
      tasks.go(id, PENDING);
    }
    tasks.go(id, ASSIGNED, RUNNING);
    return id;
  }

  private ScheduledTask endSoon(ScheduledTask task, ScheduleStatus end) {
    return endAndFollow(run(tasks, task.assignedTask().taskId()), end);
  }

  private ScheduledTask endAndFollow(String id, ScheduleStatus end) {
    tasks.go(id, end);
    return tasks.successor(id);
  }

  private static String firstMessage(ScheduledTask task) {
    return Iterables.get(task.taskEvents(), 0).message();
  }
}
