package io.borealis.scheduler.preemption;

import static io.borealis.api.ScheduleStatus.DRAINING;
import static io.borealis.api.ScheduleStatus.KILLED;
import static io.borealis.api.ScheduleStatus.PENDING;
import static io.borealis.api.ScheduleStatus.PREEMPTING;
import static io.borealis.api.ScheduleStatus.RUNNING;
import static io.borealis.scheduler.preemption.PreemptionStory.DELAY;
import static io.borealis.scheduler.preemption.PreemptionStory.config;
import static io.borealis.scheduler.preemption.PreemptionStory.fated;
import static io.borealis.scheduler.preemption.PreemptionStory.preemptible;
import static io.borealis.scheduler.preemption.PreemptionStory.preferred;
import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.MaintenanceMode;
import io.borealis.api.TaskConfig;
import io.borealis.scheduler.cluster.ClusterTaskState;
import java.time.Duration;
import org.junit.Test;

/** Tasks that take the place of others, on virtual time (scheduling rules, section 7). */
public class PreemptionScenarioTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  /** Old enough, and the next search is over. */
  private static final Duration SEARCHED =
      DELAY.plus(PreemptionSettings.DEFAULT.interval()).plus(SECOND);

  private static final TaskConfig GUEST = preemptible("guest", 4);
  private static final TaskConfig HOST = preferred("shop", 4);

  @Test
  public void aPreferredJobOnAFullClusterTakesTheRoomOfOthers() {
    PreemptionStory story = PreemptionStory.of(2).job(GUEST, 8).has(GUEST, RUNNING, 8);
    story.insert(HOST, 3).advance(DELAY.minus(SECOND));
    story.has(HOST, PENDING, 3).displaced(0);

    story.advance(Duration.ofSeconds(3)).displaced(2);
    story.has(HOST, RUNNING, 2); // One on each agent, in each search.
    story.advance(Duration.ofMinutes(1));
    story.has(HOST, RUNNING, 3).has(GUEST, RUNNING, 5).has(GUEST, PENDING, 3);
    assertThat(story.displaced())
        .hasSize(3)
        .allSatisfy(
            line ->
                assertThat(line).startsWith("guest: Preempting in favor of www-data-prod-shop-"));
    assertThat(story.displaced().stream().distinct()).as("each for another").hasSize(3);
    assertThat(story.claims.all()).isEmpty();
  }

  @Test
  public void theCountersTellTheStory() {
    PreemptionStory story = PreemptionStory.of(1).job(GUEST, 4).job(HOST, 1);
    story.job(preferred("giant", 99), 2).advance(SEARCHED);
    story.has(HOST, RUNNING, 1);

    assertThat(story.count("preemptor_tasks_preempted_non_prod")).isEqualTo(1);
    assertThat(story.count("preemptor_tasks_preempted_prod")).isZero();
    assertThat(story.count("preemptor_tasks_preempted_guests/prod/guest")).isEqualTo(1);
    assertThat(story.count("preemptor_task_preemptor_www-data/prod/shop")).isEqualTo(1);
    assertThat(story.count("preemptor_slot_search_successful_for_prod")).isEqualTo(1);
    assertThat(story.count("preemptor_slot_search_successful_for_www-data/prod/shop")).isEqualTo(1);
    assertThat(story.count("preemption_slot_search_attempts_for_www-data/prod/shop")).isEqualTo(1);
    assertThat(story.count("preemptor_slot_validation_successful")).isEqualTo(1);
    assertThat(story.count("preemptor_slot_validation_successful_for_www-data/prod/shop"))
        .isEqualTo(1);
    assertThat(story.count("preemptor_slot_validation_failed")).isZero();
    assertThat(story.count("preemptor_slot_search_failed_for_www-data/prod/giant")).isPositive();
    assertThat(story.count("preemptor_unmatched_tasks")).isPositive();
    assertThat(story.count("preemptor_task_processor_runs")).isPositive();
    assertThat(story.count("reservation_cache_removals")).isEqualTo(1);
    assertThat(story.count("reservation_cache_explicit_removals")).isEqualTo(1);
    assertThat(story.count("preemption_slot_cache_removals")).isEqualTo(1);
    assertThat(story.meters.get("reservation_cache_size").gauge().value()).isZero();
    assertThat(story.meters.get("preemption_slot_cache_size").gauge().value()).isZero();
  }

  @Test
  public void preemptibleTasksNeverTakeTheRoomOfOthersWhoAreNot() {
    PreemptionStory story = PreemptionStory.of(1).job(HOST, 4);
    story.job(config("www-data", "eager", "preemptible", 1000, 4), 1);
    story.advance(Duration.ofHours(1)).displaced(0);
    assertThat(story.count("preemptor_slot_search_failed_for_non_prod")).isPositive();
  }

  @Test
  public void amongThoseWhoCountAsMuchPrioritiesDecideWithinARole() {
    TaskConfig low = config("www-data", "low", "preferred", 1, 4);
    TaskConfig high = config("www-data", "high", "preferred", 2, 4);
    TaskConfig stranger = config("other", "stranger", "preferred", 9, 4);
    PreemptionStory story = PreemptionStory.of(1).job(low, 4).job(stranger, 1).job(high, 1);
    story.advance(SEARCHED);
    story.has(high, RUNNING, 1).has(low, RUNNING, 3).has(stranger, PENDING, 1).displaced(1);

    story.advance(Duration.ofHours(1));
    story.has(stranger, PENDING, 1).has(low, PENDING, 1).displaced(1);
  }

  @Test
  public void aChainOfDisplacementsEnds() {
    TaskConfig low = config("a", "low", "preemptible", 1, 16);
    TaskConfig middle = config("a", "middle", "preemptible", 2, 16);
    TaskConfig high = config("a", "high", "preferred", 0, 16);
    PreemptionStory story = PreemptionStory.of(2).job(middle, 1).job(low, 1).job(high, 1);
    assertThat(story.hostOf(middle)).isEqualTo("host-1");
    story.advance(SEARCHED).has(high, RUNNING, 1).has(middle, PENDING, 1).displaced(1);

    story.advance(SEARCHED).has(high, RUNNING, 1).has(middle, RUNNING, 1).displaced(2);
    story.advance(Duration.ofHours(5)).has(low, PENDING, 1).displaced(2);
  }

  @Test
  public void whoFitsIntoWhatIsFreeDisplacesNobody() {
    PreemptionStory story = PreemptionStory.of(2).job(GUEST, 7);
    story.job(HOST, 1).has(HOST, RUNNING, 1);
    story.advance(Duration.ofHours(1)).displaced(0);
  }

  @Test
  public void whatIsFreeCounts() {
    PreemptionStory story = PreemptionStory.of(1).job(preemptible("one", 5), 1);
    story.job(preemptible("two", 5), 1).job(preemptible("three", 4), 1);
    story.job(preferred("big", 7), 1).advance(SEARCHED);
    assertThat(story.displaced()).hasSize(1);
    story.has(preferred("big", 7), RUNNING, 1);
  }

  @Test
  public void onlyTasksThatAreNeededHaveToLeave() {
    TaskConfig large = preemptible("large", 6);
    TaskConfig ramConfig =
        preemptible("ram", 5).toBuilder()
            .resources(
                com.google.common.collect.ImmutableSet.of(
                    new io.borealis.api.Resource.NumCpus(5),
                    new io.borealis.api.Resource.RamMb(16_000),
                    new io.borealis.api.Resource.DiskMb(16)))
            .build();
    TaskConfig needsRam =
        ramConfig.toBuilder()
            .job(new io.borealis.api.JobKey("www-data", "prod", "needs"))
            .tier("preferred")
            .production(true)
            .build();
    PreemptionStory story = PreemptionStory.of(1).job(large, 1).job(ramConfig, 1);
    story.job(needsRam, 1).advance(SEARCHED);
    story.has(needsRam, RUNNING, 1).has(large, RUNNING, 1);
    assertThat(story.displaced()).singleElement().asString().startsWith("ram: ");
  }

  @Test
  public void theRoomOfThoseWhoLeaveIsForTheTaskItWasMadeFor() {
    TaskConfig big = preferred("big", 16);
    PreemptionStory story = PreemptionStory.of(1).job(fated(preemptible("one", 8), "runs"), 1);
    story.job(preemptible("two", 8), 1);
    // Small ones that would take every bit of what is freed.
    story.job(preemptible("crumbs", 1), 30).job(big, 1).advance(SEARCHED);
    story.has(big, RUNNING, 1).displaced(2);
  }

  @Test
  public void twoGroupsGetTheirShareByTurns() {
    TaskConfig first = preferred("first", 4);
    TaskConfig second = preferred("second", 4);
    PreemptionStory story = PreemptionStory.of(10).job(preemptible("all", 16), 10);
    story.insert(first, 9).insert(second, 3).advance(SEARCHED);
    // Each agent is cleared for one of them, and the rest of it is open to all afterwards.
    story.advance(Duration.ofMinutes(5));
    story.has(first, RUNNING, 9).has(second, RUNNING, 3);
    assertThat(story.displaced().size()).isLessThanOrEqualTo(10);
  }

  @Test
  public void noMoreHaveToLeaveThanPendingTasksNeed() {
    PreemptionStory story = PreemptionStory.of(20).job(preemptible("all", 4), 80);
    story.job(HOST, 13).advance(DELAY.plus(Duration.ofMinutes(10)));
    story.has(HOST, RUNNING, 13).displaced(13);
  }

  @Test
  public void onlySoManyAgentsAreClearedForAGroupAtATime() {
    TaskConfig stubborn = fated(preemptible("stubborn", 16), "nokill");
    PreemptionStory story = PreemptionStory.of(12).job(stubborn, 12);
    story.job(HOST, 12).advance(DELAY.plus(SECOND));
    story.has(stubborn, PREEMPTING, 5).displaced(5);
    assertThat(story.meters.get("preemption_slot_cache_size").gauge().value()).isEqualTo(7);
    assertThat(story.meters.get("reservation_cache_size").gauge().value()).isEqualTo(5);
  }

  @Test
  public void slotsThatAreNotUsedInTimeExpire() {
    TaskConfig stubborn = fated(preemptible("stubborn", 16), "nokill");
    PreemptionStory story =
        PreemptionStory.of(
            8,
            new PreemptionSettings(
                true,
                DELAY,
                Duration.ofSeconds(30),
                DELAY,
                Duration.ofMinutes(1),
                5,
                Duration.ofSeconds(45)));
    story.job(stubborn, 8).job(HOST, 8).advance(DELAY.plus(SECOND)).displaced(5);
    // The agents are open again, but the slots are too old.
    story.advance(Duration.ofSeconds(50)).displaced(5);
    assertThat(story.count("preemption_slot_cache_expiration_removals")).isEqualTo(3);
    assertThat(story.count("reservation_cache_expiration_removals")).isEqualTo(5);
    // The next search finds that five tasks will have room, and three more need some.
    story.advance(Duration.ofMinutes(1)).displaced(8);
  }

  @Test
  public void durationsBelowAMinuteAreExact() {
    PreemptionStory story =
        PreemptionStory.of(
            1,
            new PreemptionSettings(
                true,
                Duration.ofSeconds(7),
                Duration.ofSeconds(30),
                Duration.ofSeconds(2),
                Duration.ofSeconds(1),
                5,
                Duration.ofSeconds(20)));
    TaskConfig stubborn = fated(preemptible("stubborn", 16), "nokill");
    story.job(stubborn, 1).insert(HOST, 1).advance(Duration.ofMillis(6_999)).displaced(0);
    story.advance(Duration.ofMillis(1)).displaced(1);
    assertThat(story.claims.all()).hasSize(1);
    story.advance(Duration.ofMillis(19_999));
    assertThat(story.claims.all()).hasSize(1);
    story.advance(Duration.ofMillis(1));
    assertThat(story.claims.all()).isEmpty();
  }

  @Test
  public void victimsThatEndByThemselvesAreNotToldToLeave() {
    PreemptionStory story = PreemptionStory.of(2).job(GUEST, 8).job(HOST, 1);
    story.advance(DELAY.minus(Duration.ofSeconds(10)));
    story.store.hold();
    story.advance(Duration.ofSeconds(11)); // The search is over; the room is being made.
    story.cluster.endTask(
        story.tasks(GUEST, RUNNING).get(0).assignedTask().taskId(),
        ClusterTaskState.TASK_FAILED,
        "by itself");
    story.store.release();
    story.advance(Duration.ofSeconds(5));
    story.has(HOST, RUNNING, 1);
    assertThat(story.displaced().size()).isLessThanOrEqualTo(1);
  }

  @Test
  public void aTaskThatIsKilledMeanwhileIsNoReasonToClearAnything() {
    PreemptionStory story = PreemptionStory.of(1).job(GUEST, 4).job(HOST, 1);
    story.advance(DELAY.minusSeconds(2)).killJob(HOST).advance(Duration.ofMinutes(10)).displaced(0);
    assertThat(story.claims.all()).isEmpty();
  }

  @Test
  public void whenNobodyNeedsTheAgentAnyMoreItIsOpenAtOnce() {
    TaskConfig stubborn = fated(preemptible("stubborn", 16), "nokill");
    PreemptionStory story = PreemptionStory.of(1).job(stubborn, 1).job(HOST, 1);
    story.advance(DELAY);
    assertThat(story.claims.all()).hasSize(1);
    story.killJob(HOST).advance(Duration.ofMillis(10));
    assertThat(story.claims.all()).isEmpty();
  }

  @Test
  public void anAgentThatIsLostIsNotKept() {
    TaskConfig stubborn = fated(preemptible("stubborn", 16), "nokill");
    PreemptionStory story = PreemptionStory.of(1).job(stubborn, 1).job(HOST, 1);
    story.advance(DELAY);
    assertThat(story.claims.all()).hasSize(1);
    story.cluster.loseHost("host-1");
    story.advance(SECOND);
    assertThat(story.claims.all()).isEmpty();
    story.cluster.returnHost("host-1");
    story.advance(Duration.ofMinutes(2)).has(HOST, RUNNING, 1);
  }

  @Test
  public void nobodyHasToLeaveAHostInMaintenanceInFavorOfAnybody() {
    PreemptionStory story = PreemptionStory.of(1).job(GUEST, 4).job(HOST, 1);
    story.mode("host-1", MaintenanceMode.DRAINING).advance(Duration.ofMinutes(10)).displaced(0);
    story.mode("host-1", MaintenanceMode.NONE).advance(Duration.ofMinutes(2)).displaced(1);
    story.has(HOST, RUNNING, 1);
  }

  @Test
  public void anInstanceWithAPlaceOfItsOwnDisplacesNobodyElsewhere() {
    PreemptionStory story = PreemptionStory.of(2).job(preferred("all", 16), 1).job(GUEST, 4);
    story.keep(HOST, 0, "agent-1").job(HOST, 1).advance(Duration.ofMinutes(10)).displaced(0);
    story.advance(Duration.ofHours(1)).has(HOST, RUNNING, 1).displaced(1);
  }

  @Test
  public void nobodyHasToLeaveAnAgentThatIsKeptForAnInstance() {
    PreemptionStory story = PreemptionStory.of(1).job(GUEST, 4);
    story.keep(preferred("other", 1), 0, "agent-1").job(HOST, 1);
    story.advance(Duration.ofMinutes(30)).displaced(0);
  }

  @Test
  public void tasksOnTheirWayOutAreNotDisplaced() {
    TaskConfig stubborn = fated(preemptible("stubborn", 16), "nokill");
    PreemptionStory story = PreemptionStory.of(1).job(stubborn, 1).killJob(stubborn).job(HOST, 1);
    story.advance(DELAY.plus(Duration.ofSeconds(30))).displaced(0);
    assertThat(story.tasks(stubborn, DRAINING)).isEmpty();
  }

  @Test
  public void withoutPreemptionNobodyHasToLeave() {
    PreemptionStory story =
        PreemptionStory.of(
            1,
            PreemptionStory.with(
                usual ->
                    new PreemptionSettings(
                        false,
                        usual.delay(),
                        usual.slotHold(),
                        usual.initialDelay(),
                        usual.interval(),
                        usual.batch(),
                        usual.reservation())));
    story.job(GUEST, 4).job(HOST, 1).advance(Duration.ofHours(3)).displaced(0);
  }

  @Test
  public void whatIsDisplacedComesBackWhenThereIsRoom() {
    PreemptionStory story = PreemptionStory.of(1).job(GUEST, 4).job(HOST, 1);
    story.advance(DELAY.plus(SECOND)).has(GUEST, KILLED, 1).has(GUEST, PENDING, 1);
    story.killJob(HOST).advance(Duration.ofSeconds(2)).has(GUEST, RUNNING, 4);
  }

  @Test
  public void afterTheEndNothingWaits() {
    PreemptionStory story = PreemptionStory.of(1).job(GUEST, 4).job(HOST, 1);
    story.preemptor.close();
    story.advance(Duration.ofHours(1)).displaced(0);
  }
}
