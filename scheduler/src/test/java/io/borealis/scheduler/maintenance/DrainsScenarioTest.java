package io.borealis.scheduler.maintenance;

import static io.borealis.api.MaintenanceMode.DRAINED;
import static io.borealis.api.MaintenanceMode.DRAINING;
import static io.borealis.api.MaintenanceMode.NONE;
import static io.borealis.api.MaintenanceMode.SCHEDULED;
import static io.borealis.scheduler.maintenance.DrainScenario.INTERVAL;
import static io.borealis.scheduler.maintenance.DrainScenario.inBatchesOf;
import static io.borealis.scheduler.maintenance.DrainScenario.scenario;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.Iterables;
import io.borealis.api.CoordinatorSlaPolicy;
import io.borealis.api.CountSlaPolicy;
import io.borealis.api.HostMaintenanceRequest;
import io.borealis.api.HostStatus;
import io.borealis.api.PercentageSlaPolicy;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.SlaPolicy;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveHostMaintenanceRequest;
import io.borealis.scheduler.store.Snapshots;
import java.time.Duration;
import org.junit.Test;

public class DrainsScenarioTest {
  private static final long HOUR = 3600;
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private static SlaPolicy count(long count, long secs) {
    return new SlaPolicy.CountSlaPolicy(new CountSlaPolicy(count, secs));
  }

  private static SlaPolicy percentage(double percentage) {
    return new SlaPolicy.PercentageSlaPolicy(new PercentageSlaPolicy(percentage, 0));
  }

  private static SlaPolicy coordinator() {
    return new SlaPolicy.CoordinatorSlaPolicy(new CoordinatorSlaPolicy("http://c/", null));
  }

  // ---- Modes -----------------------------------------------------------------------------------

  @Test
  public void hostsThatAreNotKnownAreLeftOutOfEverything() {
    DrainScenario s = scenario().host("a");
    assertThat(s.schedule("a", "b", "")).containsExactly(new HostStatus("a", SCHEDULED));
    assertThat(s.drain("b", "a")).containsExactly(new HostStatus("a", DRAINED));
    assertThat(s.slaDrain(null, HOUR, "b")).isEmpty();
    assertThat(s.end("b", "a")).containsExactly(new HostStatus("a", NONE));
    assertThat(s.state().maintenance().isEmpty()).isTrue();
    assertThat(s.state().hosts().size()).isEqualTo(1);
  }

  @Test
  public void aHostWithoutTasksIsDrainedAtOnceAndOthersWhenTheirLastTaskLeaves() {
    DrainScenario s =
        scenario().host("a", "b").running("j", 0, "b", null).running("j", 1, "b", null);
    assertThat(s.drain("a", "b"))
        .containsExactly(new HostStatus("a", DRAINED), new HostStatus("b", DRAINING));
    assertThat(s.request("a")).isNull();
    assertThat(s.request("b").timeoutSecs()).isZero();
    assertThat(s.request("b").defaultSlaPolicy()).isEqualTo(percentage(0));
    assertThat(s.tasksIn(ScheduleStatus.DRAINING)).containsExactly("j-0", "j-1");
    assertThat(Iterables.getLast(s.state().tasks().get("j-0").taskEvents()).message())
        .isEqualTo("Draining machine for maintenance.");
    s.goes("j-0", ScheduleStatus.KILLED);
    assertThat(s.mode("b")).isEqualTo(DRAINING);
    s.goes("j-1", ScheduleStatus.LOST);
    assertThat(s.mode("b")).isEqualTo(DRAINED);
    assertThat(s.request("b")).isNull();
    assertThat(s.count(ScheduleStatus.PENDING)).isEqualTo(2);
  }

  @Test
  public void aPlainDrainDoesNotCareForPoliciesNotEvenInTheFirstMillisecond() {
    DrainScenario s = scenario().host("a").running("j", 0, "a", count(1, 0));
    s.running("k", 0, "a", coordinator());
    s.drain("a");
    assertThat(s.count(ScheduleStatus.DRAINING)).isEqualTo(2);
    assertThat(s.asked).isEmpty();
  }

  @Test
  public void aTransactionDrainsSoManyTasksAndTheOthersFollow() {
    DrainScenario s = inBatchesOf(2).host("a");
    for (int i = 0; i < 7; i++) {
      s.running("j", i, "a", null);
    }
    int entries = s.store().entries();
    s.drain("a");
    assertThat(s.count(ScheduleStatus.DRAINING)).isEqualTo(7);
    assertThat(s.store().transactionsSince(entries).size()).isEqualTo(4);
  }

  @Test
  public void aTaskThatIsPartitionedIsLostAndThatMayBeTheLast() {
    DrainScenario s =
        scenario()
            .host("a")
            .task("j", 0, "a", ScheduleStatus.PARTITIONED, Duration.ofHours(1), null);
    s.drain("a");
    assertThat(s.status("j-0")).isEqualTo(ScheduleStatus.LOST);
    assertThat(s.mode("a")).isEqualTo(DRAINED);
  }

  /** Those that run when it is asked are waited for as long as the policy wants, not for longer. */
  @Test
  public void youngTasksHoldADrainUpJustUntilTheyHaveRunForLongEnough() {
    DrainScenario s = scenario().host("a", "b");
    for (int i = 0; i < 4; i++) {
      s.task(
          "j", i, i < 2 ? "a" : "b", ScheduleStatus.RUNNING, Duration.ofSeconds(2), count(3, 10));
    }
    s.slaDrain(null, HOUR, "a");
    s.passes(Duration.ofSeconds(8));
    assertThat(s.count(ScheduleStatus.DRAINING)).isZero();
    s.passes(Duration.ofMillis(2));
    assertThat(s.count(ScheduleStatus.DRAINING)).isEqualTo(1);
  }

  @Test
  public void tasksOnTheirWayOutAreWaitedFor() {
    DrainScenario s =
        scenario()
            .host("a")
            .task("j", 0, "a", ScheduleStatus.KILLING, MINUTE, null)
            .task("j", 1, "a", ScheduleStatus.FINISHED, MINUTE, null);
    assertThat(s.drain("a")).containsExactly(new HostStatus("a", DRAINING));
    assertThat(s.status("j-0")).isEqualTo(ScheduleStatus.KILLING);
    s.goes("j-0", ScheduleStatus.KILLED);
    assertThat(s.mode("a")).isEqualTo(DRAINED);
  }

  // ---- Policies --------------------------------------------------------------------------------

  @Test
  public void withoutAPolicyTasksGoAtOnceAndAHostWithoutTasksIsDrained() {
    DrainScenario s = scenario().host("a", "b").running("j", 0, "a", null);
    assertThat(s.slaDrain(null, HOUR, "a", "b"))
        .containsExactly(new HostStatus("a", DRAINING), new HostStatus("b", DRAINING));
    assertThat(s.mode("b")).isEqualTo(DRAINED);
    assertThat(s.request("b")).isNull();
    assertThat(s.status("j-0")).isEqualTo(ScheduleStatus.DRAINING);
    s.goes("j-0", ScheduleStatus.KILLED);
    assertThat(s.mode("a")).isEqualTo(DRAINED);
  }

  @Test
  public void twoTasksOfAJobAreNotDrainedOnTheStrengthOfTheSameSpareOne() {
    DrainScenario s = scenario().host("a", "b", "c");
    s.running("j", 0, "a", null).running("j", 1, "b", null).running("j", 2, "c", null);
    s.slaDrain(count(2, 0), HOUR, "a", "b");
    assertThat(s.count(ScheduleStatus.DRAINING)).isEqualTo(1);
    assertThat(s.waits()).hasSize(1);
    assertThat(s.waits().get(0).reason()).isEqualTo("2 of 3 needed RUNNING, 1 are");
    String first = s.tasksIn(ScheduleStatus.DRAINING).get(0);
    s.goes(first, ScheduleStatus.KILLED);
    s.passes(INTERVAL.multipliedBy(3));
    assertThat(s.count(ScheduleStatus.DRAINING)).isZero();
    // The next one may go as soon as one more runs, without a wait for the interval.
    s.replaced("j", 0, "c").passes(Duration.ofMillis(2));
    assertThat(s.count(ScheduleStatus.DRAINING)).isEqualTo(1);
    assertThat(s.waits()).isEmpty();
  }

  @Test
  public void theTasksOwnPolicyComesBeforeTheOneOfTheRequest() {
    DrainScenario s = scenario().host("a", "b");
    s.running("own", 0, "a", count(2, 0)).running("own", 1, "b", count(2, 0));
    s.running("own", 2, "b", count(2, 0));
    s.running("none", 0, "a", null).running("none", 1, "b", null);
    s.slaDrain(count(1, 7200), HOUR, "a");
    assertThat(s.tasksIn(ScheduleStatus.DRAINING)).containsExactly("none-0", "own-0");
    s.slaDrain(percentage(100), HOUR, "b");
    // Two of three must run and only two do; of the other job none is left to let it go.
    assertThat(s.tasksIn(ScheduleStatus.DRAINING)).containsExactly("none-0", "own-0");
  }

  @Test
  public void whatIsLeftGoesWhenTheTimeIsOverAndItsGaugeWithIt() {
    DrainScenario s = scenario().host("a", "b");
    s.running("j", 0, "a", count(2, 0)).running("j", 1, "b", count(2, 0));
    s.task("j", 2, "b", ScheduleStatus.STARTING, MINUTE, count(2, 0));
    s.slaDrain(null, 150, "a");
    assertThat(s.countdowns()).hasSize(1);
    s.passes(Duration.ofSeconds(50));
    assertThat(s.countdownMs("j/0")).isEqualTo(100_000);
    s.passes(Duration.ofSeconds(99));
    assertThat(s.status("j-0")).isEqualTo(ScheduleStatus.RUNNING);
    s.passes(Duration.ofSeconds(1));
    assertThat(s.status("j-0")).isEqualTo(ScheduleStatus.DRAINING);
    assertThat(s.countdowns()).isEmpty();
    assertThat(s.waits()).isEmpty();
  }

  @Test
  public void theLongestTimeIsNoProblem() {
    DrainScenario s = scenario().host("a").running("j", 0, "a", count(1, 0));
    s.running("j", 1, "a", count(1, 0));
    s.slaDrain(null, Requests.LONGEST_TIMEOUT_SECS, "a");
    s.passes(Duration.ofDays(2));
    assertThat(s.count(ScheduleStatus.RUNNING)).isEqualTo(1);
    assertThat(s.waits().get(0).forcedAtMs())
        .isEqualTo(s.request("a").createdTimestampMs() + Requests.LONGEST_TIMEOUT_SECS * 1000);
  }

  @Test
  public void aTaskThatComesWhileTheHostIsDrainedIsDrainedToo() {
    DrainScenario s = scenario().host("a").running("j", 0, "a", null);
    s.drain("a");
    s.task("k", 0, "a", ScheduleStatus.ASSIGNED, Duration.ZERO, null);
    assertThat(s.status("k-0")).isEqualTo(ScheduleStatus.DRAINING);
    s.goes("j-0", ScheduleStatus.KILLED);
    assertThat(s.mode("a")).isEqualTo(DRAINING);
    s.goes("k-0", ScheduleStatus.KILLED);
    assertThat(s.mode("a")).isEqualTo(DRAINED);
  }

  @Test
  public void aTaskThatIsDeletedWasTheLastToo() {
    DrainScenario s = scenario().host("a").running("j", 0, "a", null);
    s.drain("a");
    s.write(tx -> tx.removeTask("j-0"));
    assertThat(s.mode("a")).isEqualTo(DRAINED);
    assertThat(s.request("a")).isNull();
  }

  @Test
  public void withoutARequestTasksStayAndThatIsCounted() {
    DrainScenario s = scenario().host("a").running("j", 0, "a", count(1, 0));
    s.running("j", 1, "a", count(1, 0)).slaDrain(null, HOUR, "a");
    s.loseRequest("a").mode("a", DRAINING).passes(INTERVAL.multipliedBy(2));
    assertThat(s.count(ScheduleStatus.RUNNING)).isEqualTo(1);
    assertThat(s.meters.counter("missing_maintenance_request").count()).isGreaterThan(0);
    assertThat(s.waits().get(0).reason())
        .isEqualTo("nothing is stored about how the host is to be drained");
    assertThat(s.countdowns()).isEmpty();
    s.drain("a");
    assertThat(s.count(ScheduleStatus.DRAINING)).isEqualTo(2);
  }

  // ---- Coordinators ----------------------------------------------------------------------------

  @Test
  public void aCoordinatorIsToldTheTimeAndItsYesDrains() {
    DrainScenario s = scenario().host("a").running("j", 0, "a", coordinator());
    s.slaDrain(null, HOUR, "a");
    assertThat(s.asked).hasSize(1);
    assertThat(s.asked.get(0))
        .contains("\"task\":\"west/www-data/prod/j/0\"")
        .contains("\"forceMaintenanceCountdownMs\":\"3600000\"");
    assertThat(s.status("j-0")).isEqualTo(ScheduleStatus.RUNNING);
    s.coordinatorSays(true);
    assertThat(s.status("j-0")).isEqualTo(ScheduleStatus.DRAINING);
  }

  @Test
  public void aCoordinatorThatSaysNoIsAskedAgainAfterTheInterval() {
    DrainScenario s = scenario().host("a").running("j", 0, "a", coordinator());
    s.slaDrain(null, HOUR, "a");
    s.coordinatorSays(false).passes(INTERVAL.minusMillis(1));
    assertThat(s.asked).hasSize(1);
    s.passes(Duration.ofMillis(1));
    assertThat(s.asked).hasSize(2);
    assertThat(s.asked.get(1)).contains("\"forceMaintenanceCountdownMs\":\"3540000\"");
  }

  @Test
  public void aYesForAHostThatIsBackInServiceDoesNothing() {
    DrainScenario s = scenario().host("a").running("j", 0, "a", coordinator());
    s.slaDrain(null, HOUR, "a");
    s.end("a");
    assertThat(s.countdowns()).isEmpty();
    s.coordinatorSays(true).passes(INTERVAL.multipliedBy(5));
    assertThat(s.status("j-0")).isEqualTo(ScheduleStatus.RUNNING);
    assertThat(s.asked).hasSize(1);
    assertThat(s.mode("a")).isEqualTo(NONE);
  }

  @Test
  public void aYesToAnEarlierRequestDoesNotAnswerTheNext() {
    DrainScenario s = scenario().host("a").running("j", 0, "a", coordinator());
    s.slaDrain(null, HOUR, "a");
    s.passes(Duration.ofSeconds(1)).slaDrain(null, 2 * HOUR, "a");
    // The one who is asked already is not asked again at the same time.
    s.coordinatorSays(true);
    assertThat(s.status("j-0")).isEqualTo(ScheduleStatus.RUNNING);
    assertThat(s.asked).hasSize(2);
    s.coordinatorSays(true);
    assertThat(s.status("j-0")).isEqualTo(ScheduleStatus.DRAINING);
  }

  @Test
  public void theTimeIsOverEvenWhileACoordinatorIsAsked() {
    DrainScenario s = scenario().host("a").running("j", 0, "a", coordinator());
    s.slaDrain(null, 30, "a");
    s.passes(Duration.ofSeconds(30));
    assertThat(s.status("j-0")).isEqualTo(ScheduleStatus.DRAINING);
    s.coordinatorSays(true);
    assertThat(s.state().tasks().get("j-0").taskEvents()).hasSize(3);
  }

  @Test
  public void aCoordinatorIsAskedAboutOneTaskAfterTheOther() {
    DrainScenario s = scenario().host("a").running("j", 0, "a", coordinator());
    s.running("j", 1, "a", coordinator()).running("j", 2, "a", coordinator());
    s.slaDrain(null, HOUR, "a");
    assertThat(s.asked).hasSize(1);
    assertThat(s.meters.counter("sla_coordinator_lock_starvation").count()).isEqualTo(2);
    s.coordinatorSays(true);
    assertThat(s.count(ScheduleStatus.DRAINING)).isEqualTo(1);
    assertThat(s.asked).hasSize(2);
    s.coordinatorSays(false);
    assertThat(s.asked).hasSize(3);
    s.coordinatorSays(true);
    assertThat(s.count(ScheduleStatus.DRAINING)).isEqualTo(2);
    // The one that must stay is asked about again after the interval.
    s.passes(INTERVAL.minusMillis(1));
    assertThat(s.asked).hasSize(3);
    s.passes(Duration.ofMillis(1));
    assertThat(s.asked).hasSize(4);
  }

  @Test
  public void whoFindsTooManyCoordinatorsBusyAsksAsSoonAsOneOfThemIsNot() {
    DrainScenario s = scenario().host("a");
    for (int i = 0; i < 12; i++) {
      CoordinatorSlaPolicy own = new CoordinatorSlaPolicy("http://coordinator-" + i, "drain");
      s.running("j" + i, 0, "a", new SlaPolicy.CoordinatorSlaPolicy(own));
    }
    s.slaDrain(null, HOUR, "a");
    assertThat(s.asked).hasSize(10);
    assertThat(s.waits())
        .filteredOn(wait -> wait.reason().contains("fewer than 10 others are being asked"))
        .hasSize(2);

    s.coordinatorSays(false);
    assertThat(s.asked).hasSize(11);
    s.coordinatorSays(true);
    assertThat(s.asked).hasSize(12);
  }

  @Test
  public void aTaskThatNeedNotBeAskedAboutAnyMoreLetsTheNextHaveItsTurn() {
    DrainScenario s = scenario().host("a").running("j", 0, "a", coordinator());
    s.running("j", 1, "a", coordinator()).running("j", 2, "a", coordinator());
    s.slaDrain(null, HOUR, "a");
    String first = s.asked.get(0);
    for (int i = 0; i < 3; i++) {
      if (!first.contains("www-data/prod/j/" + i + "\"")) {
        s.goes("j-" + i, ScheduleStatus.FAILED);
        break;
      }
    }
    s.coordinatorSays(false);
    assertThat(s.asked).hasSize(2);
  }

  // ---- Back into service -----------------------------------------------------------------------

  @Test
  public void endingMaintenanceForgetsTheRequestAndLeavesTheTasks() {
    DrainScenario s = scenario().host("a").running("j", 0, "a", count(1, 0));
    s.running("j", 1, "a", count(1, 0)).slaDrain(null, 60, "a");
    assertThat(s.end("a")).containsExactly(new HostStatus("a", NONE));
    s.passes(Duration.ofHours(1));
    assertThat(s.request("a")).isNull();
    assertThat(s.count(ScheduleStatus.RUNNING)).isEqualTo(1);
    assertThat(s.waits()).isEmpty();
  }

  @Test
  public void askingAgainOverwritesTheRequestAndADrainedHostIsDrainedAgain() {
    DrainScenario s = scenario().host("a").running("j", 0, "a", count(1, 0));
    s.running("j", 1, "a", count(1, 0)).slaDrain(null, 100, "a");
    s.passes(Duration.ofSeconds(90)).slaDrain(null, 100, "a");
    s.passes(Duration.ofSeconds(90));
    assertThat(s.count(ScheduleStatus.RUNNING)).isEqualTo(1);
    s.drain("a");
    assertThat(s.count(ScheduleStatus.RUNNING)).isZero();
    s.goes("j-0", ScheduleStatus.KILLED).goes("j-1", ScheduleStatus.KILLED);
    assertThat(s.mode("a")).isEqualTo(DRAINED);
    assertThat(s.slaDrain(null, 5, "a")).containsExactly(new HostStatus("a", DRAINING));
    assertThat(s.mode("a")).isEqualTo(DRAINED);
  }

  // ---- Failover --------------------------------------------------------------------------------

  @Test
  public void theNextLeaderGoesOnWithWhatIsLeftOfTheTime() {
    DrainScenario s = scenario().host("a").running("j", 0, "a", count(1, 0));
    s.running("j", 1, "a", count(1, 0)).slaDrain(null, 600, "a");
    s.passes(Duration.ofSeconds(200)).failover();
    assertThat(s.waits()).hasSize(1);
    s.passes(Duration.ofSeconds(399));
    assertThat(s.count(ScheduleStatus.RUNNING)).isEqualTo(1);
    s.passes(Duration.ofSeconds(1));
    assertThat(s.count(ScheduleStatus.RUNNING)).isZero();
  }

  @Test
  public void aClockThatWasSetBackGivesNoMoreThanTheWholeTime() {
    DrainScenario s = scenario().host("a").running("j", 0, "a", count(1, 0));
    s.running("j", 1, "a", count(1, 0)).slaDrain(null, 600, "a");
    s.stepWallClock(Duration.ofDays(-3)).failover();
    s.passes(Duration.ofMinutes(10));
    assertThat(s.count(ScheduleStatus.RUNNING)).isZero();
  }

  @Test
  public void aWallClockThatIsSetDoesNotChangeWhatIsUnderWay() {
    DrainScenario s = scenario().host("a").running("j", 0, "a", count(1, 0));
    s.running("j", 1, "a", count(1, 0)).slaDrain(null, 600, "a");
    s.stepWallClock(Duration.ofDays(3)).passes(Duration.ofSeconds(599));
    assertThat(s.count(ScheduleStatus.RUNNING)).isEqualTo(1);
    s.passes(Duration.ofSeconds(1));
    assertThat(s.count(ScheduleStatus.RUNNING)).isZero();
  }

  @Test
  public void theNextLeaderForcesWhatIsOverdueAndAsksCoordinatorsAgain() {
    DrainScenario s = scenario().host("a", "b").running("j", 0, "a", coordinator());
    s.running("k", 0, "b", coordinator());
    s.slaDrain(null, 60, "a");
    s.slaDrain(null, HOUR, "b");
    s.passes(Duration.ofSeconds(30));
    s.store().hold();
    s.passes(Duration.ofSeconds(50)).failover();
    assertThat(s.status("j-0")).isEqualTo(ScheduleStatus.DRAINING);
    assertThat(s.status("k-0")).isEqualTo(ScheduleStatus.RUNNING);
    s.coordinatorSays(true);
    assertThat(s.status("k-0")).isEqualTo(ScheduleStatus.DRAINING);
  }

  @Test
  public void aHostWhoseLastTaskLeftWithoutALeaderIsDrainedByTheNext() {
    DrainScenario s = scenario().host("a").running("j", 0, "a", null);
    s.drain("a");
    s.failover();
    s.goes("j-0", ScheduleStatus.KILLED);
    assertThat(s.mode("a")).isEqualTo(DRAINED);
    // Such as a backup may have it.
    s.mode("a", DRAINING);
    s.write(
        tx ->
            tx.change(
                new Op.SaveHostMaintenanceRequest(
                    new SaveHostMaintenanceRequest(
                        new HostMaintenanceRequest("a", null, Long.MAX_VALUE, Long.MAX_VALUE)))));
    s.failover();
    assertThat(s.mode("a")).isEqualTo(DRAINED);
    assertThat(s.request("a")).isNull();
  }

  @Test
  public void aPlainDrainThatWasCutIsFinishedByTheNextLeader() {
    DrainScenario s = inBatchesOf(2).host("a");
    for (int i = 0; i < 5; i++) {
      s.running("j", i, "a", null);
    }
    s.close().drain("a");
    assertThat(s.count(ScheduleStatus.DRAINING)).isEqualTo(2);
    s.failover();
    assertThat(s.count(ScheduleStatus.DRAINING)).isEqualTo(5);
  }

  @Test
  public void theSweepFindsAHostNobodySpokeOf() {
    DrainScenario s = scenario().host("a").running("j", 0, "a", null);
    s.mode("a", DRAINING);
    s.write(
        tx ->
            tx.change(
                new Op.SaveHostMaintenanceRequest(
                    new SaveHostMaintenanceRequest(
                        new HostMaintenanceRequest("a", percentage(0), HOUR, tx.nowMs())))));
    assertThat(s.status("j-0")).isEqualTo(ScheduleStatus.RUNNING);
    s.passes(INTERVAL);
    assertThat(s.status("j-0")).isEqualTo(ScheduleStatus.DRAINING);
  }

  @Test
  public void modesAndRequestsAreInSnapshots() {
    DrainScenario s = scenario().host("a", "b").running("j", 0, "a", count(1, 0));
    s.running("j", 1, "a", count(1, 0)).slaDrain(count(1, 2), 60, "a");
    s.schedule("b");
    assertThat(Snapshots.of(Snapshots.toState(Snapshots.of(s.state()))))
        .isEqualTo(Snapshots.of(s.state()));
    assertThat(Snapshots.toState(Snapshots.of(s.state())).maintenance().get("a"))
        .isEqualTo(s.request("a"));
  }

  @Test
  public void aLeaderThatStopsLeavesNoGaugesAndNoTimers() {
    DrainScenario s = scenario().host("a").running("j", 0, "a", count(1, 0));
    s.running("j", 1, "a", count(1, 0)).slaDrain(null, 60, "a");
    assertThat(s.countdowns()).hasSize(1);
    s.close().passes(Duration.ofHours(1));
    assertThat(s.countdowns()).isEmpty();
    assertThat(s.count(ScheduleStatus.RUNNING)).isEqualTo(1);
    assertThat(s.store().runtimes().pending()).isEmpty();
  }
}
