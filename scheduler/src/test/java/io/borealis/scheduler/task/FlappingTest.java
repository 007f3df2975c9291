package io.borealis.scheduler.task;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskEvent;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveTasks;
import io.borealis.scheduler.store.Fixtures;
import io.borealis.scheduler.store.State;
import org.junit.Test;

/** Task rules, sections 6.1 to 6.3, row by row. */
public class FlappingTest {
  private static final long THRESHOLD = TaskPolicy.DEFAULT.flappingThreshold().toMillis();
  private final Flapping flapping = new Flapping(TaskPolicy.DEFAULT, () -> 0.5);
  private State state = State.EMPTY;

  @Test
  public void whichTasksFlapped() {
    // The last active event, the end, what else was there, and whether that is flapping.
    assertThat(flapped(THRESHOLD - 1, ScheduleStatus.RUNNING, ScheduleStatus.FAILED)).isTrue();
    assertThat(flapped(THRESHOLD, ScheduleStatus.RUNNING, ScheduleStatus.FAILED)).isFalse();
    assertThat(flapped(1, ScheduleStatus.ASSIGNED, ScheduleStatus.LOST)).isTrue();
    assertThat(flapped(1, ScheduleStatus.RUNNING, ScheduleStatus.FINISHED)).isTrue();
    assertThat(flapped(1, ScheduleStatus.PREEMPTING, ScheduleStatus.KILLED)).isTrue();
    assertThat(flapped(1, ScheduleStatus.PARTITIONED, ScheduleStatus.LOST)).isTrue();
    assertThat(flapped(1, ScheduleStatus.RESTARTING, ScheduleStatus.KILLED)).isFalse();
    assertThat(flapped(1, ScheduleStatus.KILLING, ScheduleStatus.KILLED)).isFalse();
    assertThat(flapped(1, ScheduleStatus.DRAINING, ScheduleStatus.KILLED)).isFalse();
    assertThat(flapped(1, ScheduleStatus.FAILED)).as("never active").isFalse();
    assertThat(flapped(1, ScheduleStatus.RUNNING)).as("not ended").isFalse();
    assertThat(flapped(1)).as("no events").isFalse();
  }

  @Test
  public void thePenaltyGrowsByHalfUpToItsLimitWithEachAncestorThatFlapped() {
    long[] expected = {0, 45_000, 67_500, 101_250, 151_875, 227_813, 300_000, 300_000};
    String ancestor = null;
    for (int i = 0; i < expected.length; i++) {
      ScheduledTask task = task("t" + i, ancestor, ScheduleStatus.RUNNING, ScheduleStatus.FAILED);
      assertThat(flapping.penaltyMs(state.tasks(), task)).isEqualTo(expected[i]);
      save(task);
      ancestor = "t" + i;
    }
  }

  @Test
  public void anAncestorThatIsGoneOrLivedLongEndsTheChain() {
    assertThat(flapping.penaltyMs(state.tasks(), task("a", "gone", ScheduleStatus.PENDING)))
        .isZero();
    save(task("killed", null, ScheduleStatus.KILLING, ScheduleStatus.KILLED));
    save(task("flapped", "killed", ScheduleStatus.RUNNING, ScheduleStatus.FAILED));
    assertThat(flapping.penaltyMs(state.tasks(), task("b", "flapped", ScheduleStatus.PENDING)))
        .isEqualTo(45_000);
  }

  @Test
  public void eachBackoffLiesBetweenOnceAndTwiceTheLast() {
    assertThat(new Backoff(30, 300, () -> 0).nextMs(0)).isEqualTo(30);
    assertThat(new Backoff(30, 300, () -> 0.999).nextMs(0)).isEqualTo(60);
    assertThat(new Backoff(30, 300, () -> 0).nextMs(100)).isEqualTo(100);
    assertThat(new Backoff(30, 300, () -> 0.5).nextMs(100)).isEqualTo(150);
    assertThat(new Backoff(30, 300, () -> 0.5).nextMs(290)).isEqualTo(300);
  }

  private boolean flapped(long livedMs, ScheduleStatus... statuses) {
    return flapping.flapped(events("x", null, livedMs, statuses));
  }

  private static ScheduledTask task(String id, String ancestor, ScheduleStatus... statuses) {
    return events(id, ancestor, 1000, statuses);
  }

  /** A task whose last event comes so long after the others. */
  private static ScheduledTask events(
      String id, String ancestor, long livedMs, ScheduleStatus... statuses) {
    ImmutableList.Builder<TaskEvent> events = ImmutableList.builder();
    for (int i = 0; i < statuses.length; i++) {
      boolean isLast = i == statuses.length - 1;
      events.add(new TaskEvent(isLast ? 1000 + livedMs : 1000, statuses[i], null, "s"));
    }
    return Fixtures.task(id, Fixtures.config(Fixtures.JOB), 0, ScheduleStatus.FAILED).toBuilder()
        .ancestorId(ancestor)
        .taskEvents(events.build())
        .build();
  }

  private void save(ScheduledTask task) {
    state = state.apply(new Op.SaveTasks(new SaveTasks(ImmutableSet.of(task))));
  }
}
