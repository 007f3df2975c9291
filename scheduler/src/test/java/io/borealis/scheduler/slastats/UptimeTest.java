package io.borealis.scheduler.slastats;

import static io.borealis.api.ScheduleStatus.ASSIGNED;
import static io.borealis.api.ScheduleStatus.DRAINING;
import static io.borealis.api.ScheduleStatus.FAILED;
import static io.borealis.api.ScheduleStatus.FINISHED;
import static io.borealis.api.ScheduleStatus.INIT;
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
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskEvent;
import io.borealis.scheduler.store.Fixtures;
import java.util.EnumSet;
import java.util.Set;
import org.junit.Test;

public class UptimeTest {
  private static final Uptime UP = new Uptime(100, 0);
  private static final Uptime DOWN = new Uptime(0, 100);
  private static final Uptime NEITHER = new Uptime(0, 0);

  /** A task to which this happened, as pairs of time and status. */
  private static ScheduledTask task(Object... history) {
    ImmutableList.Builder<TaskEvent> events = ImmutableList.builder();
    for (int i = 0; i < history.length; i += 2) {
      events.add(
          TaskEvent.builder()
              .timestamp((int) history[i])
              .status((ScheduleStatus) history[i + 1])
              .build());
    }
    return Fixtures.task("t", Fixtures.config(Fixtures.JOB), 0, RUNNING).toBuilder()
        .taskEvents(events.build())
        .build();
  }

  private static Uptime of(ScheduledTask... tasks) {
    return Uptime.of(ImmutableList.copyOf(tasks), 1000, 1100);
  }

  /** What a status means when it comes after a time of being up, down, or neither. */
  private static void means(ScheduleStatus status, Uptime afterUp, Uptime afterDown, Uptime else_) {
    assertThat(of(task(1, RUNNING, 1000, status))).as("%s after up", status).isEqualTo(afterUp);
    assertThat(of(task(1, LOST, 1000, status))).as("%s after down", status).isEqualTo(afterDown);
    assertThat(of(task(1, FINISHED, 1000, status))).as("%s else", status).isEqualTo(else_);
    assertThat(of(task(1000, status))).as("%s first", status).isEqualTo(else_);
  }

  @Test
  public void theTableOfStatuses() {
    Set<ScheduleStatus> seen = EnumSet.noneOf(ScheduleStatus.class);
    for (ScheduleStatus status : ImmutableSet.of(LOST, DRAINING, PREEMPTING)) {
      means(status, DOWN, DOWN, DOWN);
      seen.add(status);
    }
    for (ScheduleStatus status : ImmutableSet.of(PENDING, ASSIGNED, STARTING)) {
      means(status, NEITHER, DOWN, NEITHER);
      seen.add(status);
    }
    for (ScheduleStatus status :
        ImmutableSet.of(THROTTLED, FINISHED, RESTARTING, FAILED, KILLING)) {
      means(status, NEITHER, NEITHER, NEITHER);
      seen.add(status);
    }
    for (ScheduleStatus status : ImmutableSet.of(RUNNING, PARTITIONED)) {
      means(status, UP, UP, UP);
      seen.add(status);
    }
    means(KILLED, DOWN, DOWN, NEITHER);
    means(INIT, UP, DOWN, NEITHER);
    seen.add(KILLED);
    seen.add(INIT);
    assertThat(seen).containsExactlyInAnyOrder(ScheduleStatus.values());
  }

  @Test
  public void onlyTheWindowCounts() {
    assertThat(of(task(900, PENDING, 950, RUNNING))).isEqualTo(UP);
    assertThat(of(task(1020, RUNNING))).isEqualTo(new Uptime(80, 0));
    assertThat(of(task(1020, RUNNING, 1050, LOST))).isEqualTo(new Uptime(30, 50));
    assertThat(of(task(1100, RUNNING))).isEqualTo(NEITHER);
    assertThat(of(task(900, RUNNING, 1200, LOST))).isEqualTo(UP);
    assertThat(of(task())).isEqualTo(NEITHER);
  }

  @Test
  public void theTasksOfAnInstanceAreOneHistory() {
    ScheduledTask first = task(500, PENDING, 510, RUNNING, 1010, DRAINING, 1020, KILLED);
    ScheduledTask second = task(1020, PENDING, 1030, ASSIGNED, 1060, RUNNING);
    Uptime expected = new Uptime(10 + 40, 50);
    assertThat(of(first, second)).isEqualTo(expected);
    assertThat(of(second, first)).as("in any order").isEqualTo(expected);
  }

  @Test
  public void whatHappensAtTheSameTimeHappensToTheOldTaskFirst() {
    ScheduledTask old = task(500, RUNNING, 1010, KILLED);
    ScheduledTask next = task(1010, PENDING, 1050, RUNNING);
    assertThat(of(next, old)).isEqualTo(new Uptime(60, 40));
  }

  @Test
  public void anInstanceThatNeedNotRunIsUpAllTheTime() {
    assertThat(NEITHER.percentage()).isEqualTo(100.0);
    assertThat(new Uptime(30, 10).plus(new Uptime(0, 60)).percentage()).isEqualTo(30.0);
  }
}
