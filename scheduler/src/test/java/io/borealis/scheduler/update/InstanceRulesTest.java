package io.borealis.scheduler.update;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import io.borealis.api.AuroraConstants;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskEvent;
import io.borealis.scheduler.store.Fixtures;
import io.borealis.scheduler.task.TaskStates;
import io.borealis.scheduler.update.InstanceRules.Step;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.Test;

/**
 * Every row of the decision table (update rules, sections 5.2 and 9.7). The rules see only active
 * tasks: one that has ended and did not come back is no task.
 */
public class InstanceRulesTest {
  private static final TaskConfig OLD = Fixtures.config(Fixtures.JOB, "old");
  private static final TaskConfig NEW = Fixtures.config(Fixtures.JOB, "new");
  private static final long NOW = 100_000;
  private static final long WAIT = 2_000;
  private static final Set<ScheduleStatus> ACTIVE =
      EnumSet.of(
          ScheduleStatus.THROTTLED,
          ScheduleStatus.PENDING,
          ScheduleStatus.ASSIGNED,
          ScheduleStatus.STARTING,
          ScheduleStatus.RUNNING,
          ScheduleStatus.KILLING,
          ScheduleStatus.PREEMPTING,
          ScheduleStatus.RESTARTING,
          ScheduleStatus.DRAINING,
          ScheduleStatus.PARTITIONED);

  private static ScheduledTask task(TaskConfig config, ScheduleStatus status, long sinceMs) {
    return history(config, NOW - 50_000, status, sinceMs);
  }

  /** A task with the status it was created with, and the statuses since, a ms apart. */
  private static ScheduledTask history(
      TaskConfig config,
      long createdMs,
      ScheduleStatus status,
      long sinceMs,
      ScheduleStatus... between) {
    ImmutableList.Builder<TaskEvent> events = ImmutableList.builder();
    events.add(TaskEvent.builder().timestamp(createdMs).status(ScheduleStatus.PENDING).build());
    for (ScheduleStatus passed : between) {
      events.add(TaskEvent.builder().timestamp(createdMs).status(passed).build());
    }
    events.add(TaskEvent.builder().timestamp(sinceMs).status(status).build());
    return Fixtures.task("t", config, 0, status).toBuilder().taskEvents(events.build()).build();
  }

  private static Step decide(@Nullable TaskConfig target, @Nullable ScheduledTask task) {
    return InstanceRules.decide(target, task, WAIT, NOW);
  }

  private static boolean fails(@Nullable TaskConfig target, ScheduledTask task, long sinceMs) {
    return InstanceRules.isFailure(target, task, sinceMs, false);
  }

  /** D-7 and D-8: rows 1 and 4. */
  @Test
  public void whatIsGoneIsDoneOrAdded() {
    assertThat(decide(null, null)).isEqualTo(new Step.Done());
    assertThat(decide(NEW, null)).isEqualTo(new Step.Add(NEW));
  }

  /** Rows 2, 3, 10, 11, 12 and 13. */
  @Test
  public void whatShallNotBeIsKilledOnce() {
    for (ScheduleStatus status : ACTIVE) {
      Step expected = status == ScheduleStatus.KILLING ? new Step.Await() : new Step.Kill("t");
      assertThat(decide(null, task(OLD, status, 1))).as("%s", status).isEqualTo(expected);
      assertThat(decide(NEW, task(OLD, status, 1))).as("%s", status).isEqualTo(expected);
    }
  }

  /** Row 9. */
  @Test
  public void whatShallBeButDoesNotRunYetIsWaitedFor() {
    for (ScheduleStatus status : ACTIVE) {
      if (status != ScheduleStatus.RUNNING) {
        assertThat(decide(NEW, task(NEW, status, 1))).as("%s", status).isEqualTo(new Step.Await());
      }
    }
  }

  /** Rows 6 and 7. */
  @Test
  public void whatRunsIsWatchedUntilItIsOldEnough() {
    assertThat(decide(NEW, task(NEW, ScheduleStatus.RUNNING, NOW)))
        .isEqualTo(new Step.Watch(NOW + WAIT));
    assertThat(decide(NEW, task(NEW, ScheduleStatus.RUNNING, NOW - WAIT + 1)))
        .isEqualTo(new Step.Watch(NOW + 1));
    assertThat(decide(NEW, task(NEW, ScheduleStatus.RUNNING, NOW - WAIT)))
        .isEqualTo(new Step.Done());
    assertThat(InstanceRules.decide(NEW, task(NEW, ScheduleStatus.RUNNING, NOW), 0, NOW))
        .isEqualTo(new Step.Done());
  }

  /** D-13: row 5. */
  @Test
  public void aTaskWithoutAHistoryCannotBeWatched() {
    ScheduledTask none =
        task(NEW, ScheduleStatus.RUNNING, 1).toBuilder().taskEvents(ImmutableList.of()).build();
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> decide(NEW, none))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Row 8 and section 5.2's remark on causes. */
  @Test
  public void everyEndOfANewTaskFailsUnlessItWasKilled() {
    for (ScheduleStatus status : ScheduleStatus.values()) {
      if (status == ScheduleStatus.INIT) {
        continue;
      }
      boolean ended = TaskStates.isTerminal(status);
      assertThat(fails(NEW, history(NEW, NOW, status, NOW), NOW)).as("%s", status).isEqualTo(ended);
      for (ScheduleStatus passed :
          EnumSet.of(
              ScheduleStatus.RESTARTING, ScheduleStatus.DRAINING, ScheduleStatus.PREEMPTING)) {
        assertThat(fails(NEW, history(NEW, NOW, status, NOW, passed), NOW)).isEqualTo(ended);
      }
      assertThat(fails(NEW, history(NEW, NOW, status, NOW, ScheduleStatus.KILLING), NOW)).isFalse();
    }
  }

  @Test
  public void theEndOfAnotherTaskIsNoFailure() {
    ScheduledTask old = history(OLD, NOW, ScheduleStatus.FAILED, NOW);
    assertThat(fails(NEW, old, NOW)).isFalse();
    assertThat(fails(null, old, NOW)).isFalse();
  }

  /** W-1. */
  @Test
  public void tasksFromBeforeTheInstanceWasBegunAreNoFailures() {
    ScheduledTask before = history(NEW, NOW - 1, ScheduleStatus.FAILED, NOW);
    assertThat(fails(NEW, before, NOW)).isFalse();
    assertThat(fails(NEW, before, NOW - 1)).isTrue();
  }

  /** W-4. */
  @Test
  public void toWhoIsTolerantATaskThatWasTakenAwayIsNoFailure() {
    for (ScheduleStatus end : AuroraConstants.TERMINAL_STATES) {
      assertThat(InstanceRules.isFailure(NEW, history(NEW, NOW, end, NOW), NOW, true))
          .as("%s", end)
          .isEqualTo(end != ScheduleStatus.LOST);
      for (ScheduleStatus passed :
          EnumSet.of(
              ScheduleStatus.RESTARTING, ScheduleStatus.DRAINING, ScheduleStatus.PREEMPTING)) {
        assertThat(InstanceRules.isFailure(NEW, history(NEW, NOW, end, NOW, passed), NOW, true))
            .as("%s after %s", end, passed)
            .isFalse();
      }
    }
    ScheduledTask cameBack =
        history(NEW, NOW, ScheduleStatus.FAILED, NOW, ScheduleStatus.PARTITIONED);
    assertThat(InstanceRules.isFailure(NEW, cameBack, NOW, true)).isTrue();
  }
}
