package io.borealis.scheduler.sla;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.CoordinatorSlaPolicy;
import io.borealis.api.CountSlaPolicy;
import io.borealis.api.PercentageSlaPolicy;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.SlaPolicy;
import io.borealis.api.TaskEvent;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveTasks;
import io.borealis.scheduler.store.Fixtures;
import io.borealis.scheduler.store.State;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.Test;

/** The check of count and percentage policies (update rules, section 7.5). */
public class SlaCheckTest {
  private static final long NOW = 1_000_000_000L;
  private static final SlaSettings STRICT = settings(0, true);
  private static final SlaAnswer ALLOWED = new SlaAnswer.Allowed();

  private State state = State.EMPTY;
  private SlaSettings settings = STRICT;
  private boolean production;

  private static SlaSettings settings(int minInstances, boolean nonProduction) {
    SlaSettings all = SlaSettings.DEFAULT;
    return new SlaSettings(
        minInstances,
        nonProduction,
        all.coordinatorTimeout(),
        all.maxCoordinated(),
        all.minRetry(),
        all.maxRetry(),
        all.batchSize());
  }

  private static SlaPolicy count(long count, long seconds) {
    return new SlaPolicy.CountSlaPolicy(new CountSlaPolicy(count, seconds));
  }

  private static SlaPolicy percentage(double percentage, long seconds) {
    return new SlaPolicy.PercentageSlaPolicy(new PercentageSlaPolicy(percentage, seconds));
  }

  private void running(long ageMs, int... instances) {
    for (int instance : instances) {
      save(instance, ScheduleStatus.RUNNING, event(ageMs, ScheduleStatus.RUNNING));
    }
  }

  private void have(ScheduleStatus status, int... instances) {
    for (int instance : instances) {
      save(instance, status, event(60_000, ScheduleStatus.RUNNING), event(30_000, status));
    }
  }

  private void save(int instance, ScheduleStatus status, TaskEvent... events) {
    ScheduledTask task =
        Fixtures.task("t" + instance, Fixtures.config(Fixtures.JOB), instance, status).toBuilder()
            .taskEvents(ImmutableList.copyOf(events))
            .build();
    state = state.apply(new Op.SaveTasks(new SaveTasks(ImmutableSet.of(task))));
  }

  private static TaskEvent event(long ageMs, ScheduleStatus status) {
    return TaskEvent.builder().timestamp(NOW - ageMs).status(status).build();
  }

  private ScheduledTask task(int instance) {
    return state.tasks().activeOf(Fixtures.JOB, instance);
  }

  private SlaCheck check() {
    return new SlaCheck(settings, config -> production, NOW);
  }

  private SlaPolicy asked;

  private SlaAnswer ask(SlaPolicy policy, int instance) {
    asked = policy;
    return check().check(policy, task(instance), state.tasks());
  }

  /** What is denied under the policy asked about last. */
  private SlaAnswer denied(int needed, int running, int total) {
    return denied(needed, running, total, -1);
  }

  private SlaAnswer denied(int needed, int running, int total, long enoughInMs) {
    long secs =
        asked instanceof SlaPolicy.CountSlaPolicy count
            ? count.value().durationSecs()
            : ((SlaPolicy.PercentageSlaPolicy) asked).value().durationSecs();
    return new SlaAnswer.Denied(
        new SlaDenial.NotEnoughRunning(needed, running, total, secs, enoughInMs));
  }

  /** SLA-12. */
  @Test
  public void aCountIsOfTheOthersThatRun() {
    running(60_000, 0, 1, 2);
    assertThat(ask(count(2, 0), 0)).isEqualTo(ALLOWED);

    have(ScheduleStatus.PENDING, 2);
    assertThat(ask(count(2, 0), 0)).isEqualTo(denied(2, 1, 3));
  }

  /** SLA-12: a policy that would let no task go protects all but one. */
  @Test
  public void aCountOfAllIsRelaxedToAllButOne() {
    running(60_000, 0, 1, 2);
    assertThat(ask(count(3, 0), 0)).isEqualTo(ALLOWED);
    assertThat(ask(count(Long.MAX_VALUE, 0), 0)).isEqualTo(ALLOWED);

    have(ScheduleStatus.PENDING, 2);
    assertThat(ask(count(3, 0), 0)).isEqualTo(denied(2, 1, 3));
  }

  @Test
  public void aNegativeCountProtectsNothing() {
    have(ScheduleStatus.STARTING, 0, 1);
    assertThat(ask(count(Long.MIN_VALUE, 0), 0)).isEqualTo(ALLOWED);
  }

  /** SLA-13. */
  @Test
  public void aPercentageIsOfAllTasksAndRelaxedToAllButOne() {
    running(60_000, 0, 1, 2);
    assertThat(ask(percentage(66, 0), 0)).isEqualTo(ALLOWED);
    assertThat(ask(percentage(67, 0), 0)).isEqualTo(ALLOWED);
    assertThat(ask(percentage(100, 0), 0)).isEqualTo(ALLOWED);
    assertThat(ask(percentage(Double.NaN, 0), 0)).isEqualTo(ALLOWED);

    have(ScheduleStatus.KILLING, 1);
    assertThat(ask(percentage(66, 0), 0)).isEqualTo(denied(2, 1, 3));
    assertThat(ask(percentage(67, 0), 0)).isEqualTo(denied(2, 1, 3));
    assertThat(ask(percentage(33, 0), 0)).isEqualTo(ALLOWED);
  }

  /** The least number that satisfies the percentage is the one the rule as written accepts. */
  @Test
  public void theNumberNeededIsExactlyWhatThePercentageSays() {
    for (int total : new int[] {1, 3, 7, 20, 33}) {
      state = State.EMPTY;
      running(60_000, IntStream.range(0, total).toArray());
      for (int up = total; up > 0; up--) {
        for (double percentage = 0; percentage <= 100; percentage += 0.25) {
          boolean relaxed = Math.floor((1 - percentage / 100) * total) < 1;
          boolean passes = relaxed ? up - 1 >= total - 1 : 100.0 * (up - 1) / total >= percentage;
          assertThat(ask(percentage(percentage, 0), 0).equals(ALLOWED))
              .as("%s of %s up, %s %%", up - 1, total, percentage)
              .isEqualTo(passes);
        }
        have(ScheduleStatus.STARTING, up - 1);
      }
    }
  }

  /** SLA-14. */
  @Test
  public void onlyTasksThatRanForLongerThanTheDurationCount() {
    running(60_000, 0, 1);
    running(10_000, 2);
    assertThat(ask(count(2, 10), 0)).isEqualTo(denied(2, 1, 3, 1));
    running(10_001, 2);
    assertThat(ask(count(2, 10), 0)).isEqualTo(ALLOWED);
    assertThat(ask(count(2, Long.MAX_VALUE), 0))
        .isEqualTo(denied(2, 0, 3, Long.MAX_VALUE - 10_000));
  }

  /** The latest start counts, not the first. */
  @Test
  public void aTaskThatCameBackIsYoung() {
    running(60_000, 0, 1);
    save(
        2,
        ScheduleStatus.RUNNING,
        event(60_000, ScheduleStatus.RUNNING),
        event(9_000, ScheduleStatus.PARTITIONED),
        event(8_000, ScheduleStatus.RUNNING));
    assertThat(ask(count(2, 10), 0)).isEqualTo(denied(2, 1, 3, 2_001));
  }

  /** SLA-15. */
  @Test
  public void smallJobsAndOtherTiersAreNotProtected() {
    running(60_000, 0);
    have(ScheduleStatus.STARTING, 1, 2);
    settings = settings(3, true);
    assertThat(ask(count(2, 0), 0)).isEqualTo(denied(2, 0, 3));
    settings = settings(4, true);
    assertThat(ask(count(2, 0), 0)).isEqualTo(ALLOWED);
    assertThat(ask(percentage(90, 0), 0)).isEqualTo(ALLOWED);
    settings = settings(3, false);
    assertThat(ask(count(2, 0), 0)).isEqualTo(ALLOWED);
    production = true;
    assertThat(ask(count(2, 0), 0)).isEqualTo(denied(2, 0, 3));
  }

  /** SLA-9. */
  @Test
  public void whatWasNotPlacedMayAlwaysGo() {
    have(ScheduleStatus.STARTING, 1, 2);
    have(ScheduleStatus.PENDING, 0);
    assertThat(ask(count(2, 0), 0)).isEqualTo(ALLOWED);
    assertThat(ask(coordinator(), 0)).isEqualTo(ALLOWED);
    have(ScheduleStatus.THROTTLED, 0);
    assertThat(ask(count(2, 0), 0)).isEqualTo(ALLOWED);
  }

  private static SlaPolicy coordinator() {
    return new SlaPolicy.CoordinatorSlaPolicy(new CoordinatorSlaPolicy("http://x", "drain"));
  }

  @Test
  public void aCoordinatorIsAskedWhateverTheTierOrTheJobSize() {
    running(60_000, 0);
    settings = SlaSettings.DEFAULT;
    assertThat(ask(coordinator(), 0))
        .isEqualTo(new SlaAnswer.AskCoordinator(new CoordinatorSlaPolicy("http://x", "drain")));
  }

  /** What the transaction took down before is not up any more, announced or not. */
  @Test
  public void whatWasTakenDownInTheSameTransactionCounts() {
    for (boolean announced : new boolean[] {true, false}) {
      running(60_000, 0, 1, 2, 3);
      SlaCheck check = check();
      Set<Integer> down = new LinkedHashSet<>();
      for (int instance : List.of(0, 1, 2, 3)) {
        ScheduledTask victim = task(instance);
        if (check.check(count(2, 0), victim, state.tasks()).equals(ALLOWED)) {
          down.add(instance);
          have(ScheduleStatus.KILLING, instance);
          if (announced) {
            check.tookDown(victim, state.tasks());
          }
        }
      }
      assertThat(down).containsExactly(0, 1);
      assertThat(check.check(count(2, 0), task(3), state.tasks()))
          .isEqualTo(new SlaAnswer.Denied(new SlaDenial.NotEnoughRunning(2, 1, 4, 0, -1)));
    }
  }

  @Test
  public void aDenialSaysHowFarItIs() {
    assertThat(new SlaDenial.NotEnoughRunning(18, 17, 20, 30, -1).text())
        .isEqualTo("18 of 20 needed RUNNING for 30 s, 17 are");
    assertThat(new SlaDenial.NotEnoughRunning(18, 17, 20, 0, -1).text())
        .isEqualTo("18 of 20 needed RUNNING, 17 are");
  }
}
