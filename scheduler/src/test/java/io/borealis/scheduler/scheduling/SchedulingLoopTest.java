package io.borealis.scheduler.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.Iterables;
import io.borealis.api.Attribute;
import io.borealis.api.HostAttributes;
import io.borealis.api.InstanceKey;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.MaintenanceMode;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveHostAttributes;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.cluster.ClusterListener;
import io.borealis.scheduler.cluster.ClusterTaskState;
import io.borealis.scheduler.cluster.Demand;
import io.borealis.scheduler.cluster.Offer;
import io.borealis.scheduler.cluster.ResourceVector;
import io.borealis.scheduler.cluster.SimulatedCluster;
import io.borealis.scheduler.cluster.SimulatedClusterSettings;
import io.borealis.scheduler.cluster.StatusUpdate;
import io.borealis.scheduler.store.NotAppliedException;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.TestStore;
import io.borealis.scheduler.store.WriteClass;
import io.borealis.scheduler.store.WriteTransaction;
import io.borealis.scheduler.store.Writes;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.Test;

public class SchedulingLoopTest {
  private static final Duration HOLD = Duration.ofMinutes(3);
  private static final SimulatedClusterSettings SETTINGS =
      SimulatedClusterSettings.DEFAULT.withDedicatedHost(false);

  private final Set<String> unassignable = new HashSet<>();
  private final Set<String> cursed = new HashSet<>();
  private final MeterRegistry meters = new SimpleMeterRegistry();
  private double heavyExecutor;
  private SchedulingSettings pace = SchedulingSettings.DEFAULT;
  private final PlayedClaims claims = new PlayedClaims();

  @Test
  public void placesPendingTasksAndLaunchesThem() {
    Leader leader = new Leader(TestStore.create(), SETTINGS);
    leader.start();
    leader.insert(Tasks.config("j", 1, 16), 20);
    leader.advance(Duration.ofSeconds(1));

    assertThat(leader.tasks(ScheduleStatus.RUNNING)).hasSize(20);
    assertThat(leader.tasksByHost()).containsExactly("host-1=16", "host-2=4");
    assertThat(leader.store.state().hosts().size()).isEqualTo(6);
  }

  @Test
  public void takesUpTasksThatWerePendingBeforeItBegan() {
    Leader leader = new Leader(TestStore.create(), SETTINGS);
    leader.insert(Tasks.config("j", 1, 16), 3);
    leader.start();
    leader.advance(Duration.ofSeconds(1));

    assertThat(leader.tasks(ScheduleStatus.RUNNING)).hasSize(3);
  }

  @Test
  public void aLargeJobStartsInFewTransactions() {
    Leader leader = new Leader(TestStore.create(), SETTINGS.withHosts(50));
    leader.start();
    leader.advance(Duration.ofSeconds(1));
    int before = leader.store.entries();
    leader.insert(Tasks.config("j", 0.1, 16), 2000);
    leader.advance(Duration.ofMillis(500));

    assertThat(leader.running).hasSize(2000);
    assertThat(leader.transactionsOfAssignments).hasSize(10);
    assertThat(leader.store.entries() - before).isGreaterThan(0);
  }

  @Test
  public void limitsHoldOverBatchesAndAreExplained() {
    Leader leader = new Leader(TestStore.create(), SETTINGS);
    leader.start();
    leader.insert(Tasks.config("j", 0.1, 16, Tasks.limit("rack", 2)), 8);
    leader.advance(Duration.ofMinutes(5));

    assertThat(leader.tasks(ScheduleStatus.RUNNING)).hasSize(6);
    assertThat(leader.reasons())
        .hasSize(2)
        .allSatisfy((id, reason) -> assertThat(reason).isEqualTo("Limit not satisfied: rack"));
  }

  @Test
  public void aLimitThatIsSatisfiedAgainLetsTheNextTaskIn() {
    Leader leader = new Leader(TestStore.create(), SETTINGS);
    leader.start();
    leader.insert(Tasks.config("j", 0.1, 16, Tasks.limit("rack", 1)), 4);
    leader.advance(Duration.ofMinutes(10));
    assertThat(leader.tasks(ScheduleStatus.RUNNING)).hasSize(3);

    ScheduledTask first = leader.tasks(ScheduleStatus.RUNNING).get(0);
    leader.cluster.endTask(first.assignedTask().taskId(), ClusterTaskState.TASK_FINISHED, "done");
    leader.advance(Duration.ofMillis(200));

    assertThat(leader.tasks(ScheduleStatus.RUNNING)).hasSize(3);
    assertThat(leader.tasks(ScheduleStatus.PENDING)).isEmpty();
  }

  /** H-7 and H-9. */
  @Test
  public void anAgentThatIsKeptIsForItsInstanceAlone() {
    Leader leader = new Leader(TestStore.create(), SETTINGS);
    leader.start();
    leader.advance(Duration.ofSeconds(1));
    leader.keep("wanted", 0, leader.agentOf("host-1"));
    leader.insert(Tasks.config("other", 1, 16), 1);
    leader.advance(Duration.ofSeconds(10));
    assertThat(leader.hostOf("other-0")).isEqualTo("host-2");

    leader.insert(Tasks.config("wanted", 1, 16), 1);
    leader.advance(Duration.ofSeconds(10));
    assertThat(leader.hostOf("wanted-0")).isEqualTo("host-1");
    leader.insert(Tasks.config("third", 1, 16), 1);
    leader.advance(Duration.ofSeconds(10));
    assertThat(leader.hostOf("third-0")).as("nothing is kept any more").isEqualTo("host-1");
  }

  @Test
  public void anInstanceWhoseAgentIsLostIsPlacedElsewhereAtOnce() {
    Leader leader = new Leader(TestStore.create(), SETTINGS);
    leader.start();
    leader.advance(Duration.ofSeconds(1));
    String agent = leader.agentOf("host-1");
    leader.keep("wanted", 0, "an agent that never offers anything");
    leader.keep("other", 0, agent);
    leader.insert(Tasks.config("wanted", 1, 16), 1);
    leader.advance(Duration.ofSeconds(10));
    assertThat(leader.tasks(ScheduleStatus.PENDING)).hasSize(1);

    leader.onAgentLost("an agent that never offers anything");
    leader.advance(Duration.ofMillis(200));
    assertThat(leader.hostOf("wanted-0")).isEqualTo("host-2");
    assertThat(leader.kept.isReserved(agent)).isTrue();
  }

  /** H-8. */
  @Test
  public void anInstanceWhoseAgentHasNoRoomWaitsForTheEndOfItsReservationOnly() {
    Leader leader = new Leader(TestStore.create(), SETTINGS);
    leader.start();
    leader.advance(Duration.ofSeconds(1));
    leader.keep("wanted", 0, "an agent that never offers anything");
    leader.insert(Tasks.config("wanted", 1, 16), 1);
    leader.advance(HOLD.minusMillis(1));
    assertThat(leader.tasks(ScheduleStatus.PENDING)).hasSize(1);

    leader.advance(Duration.ofSeconds(1));
    assertThat(leader.hostOf("wanted-0")).isEqualTo("host-1");
  }

  @Test
  public void whoWasKeptOffAnAgentTriesItOnceItIsFree() {
    Leader leader = new Leader(TestStore.create(), SETTINGS.withHosts(1));
    leader.start();
    leader.advance(Duration.ofSeconds(1));
    leader.keep("wanted", 0, leader.agentOf("host-1"));
    leader.insert(Tasks.config("other", 1, 16), 1);
    leader.advance(HOLD.minusMillis(1));
    assertThat(leader.tasks(ScheduleStatus.PENDING)).hasSize(1);

    leader.advance(Duration.ofSeconds(1));
    assertThat(leader.hostOf("other-0")).isEqualTo("host-1");
  }

  @Test
  public void aClaimedAgentIsForItsGroupAloneUntilOneOfItIsPlaced() {
    Leader leader = new Leader(TestStore.create(), SETTINGS.withHosts(1));
    leader.start();
    leader.advance(Duration.ofSeconds(1));
    claims.claim(leader.agentOf("host-1"), Tasks.config("wanted", 1, 16));
    leader.insert(Tasks.config("other", 1, 16), 1);
    leader.advance(Duration.ofMinutes(2));
    assertThat(leader.tasks(ScheduleStatus.PENDING)).hasSize(1);

    leader.insert(Tasks.config("wanted", 1, 16), 1);
    leader.advance(Duration.ofMillis(200));
    assertThat(leader.hostOf("wanted-0")).isEqualTo("host-1");
    assertThat(leader.hostOf("other-0")).isEqualTo("host-1");
    assertThat(claims.told).contains("placed on agent-1", "ended");
  }

  @Test
  public void anAgentThatIsOpenAgainIsTriedAtOnce() {
    Leader leader = new Leader(TestStore.create(), SETTINGS.withHosts(1));
    leader.start();
    leader.advance(Duration.ofSeconds(1));
    claims.claim(leader.agentOf("host-1"), Tasks.config("wanted", 1, 16));
    leader.insert(Tasks.config("other", 1, 16), 1);
    leader.advance(Duration.ofMinutes(2));

    claims.open(leader.agentOf("host-1"));
    leader.advance(Duration.ofMillis(200));
    assertThat(leader.hostOf("other-0")).isEqualTo("host-1");
    leader.onAgentLost("agent-1");
    leader.advance(Duration.ofMillis(200));
    assertThat(claims.told).contains("lost agent-1");
  }

  @Test
  public void explainsWhatIsTooBigForAnyHost() {
    Leader leader = new Leader(TestStore.create(), SimulatedClusterSettings.DEFAULT);
    leader.start();
    leader.insert(Tasks.config("ram", 0.1, 10_000_000), 1);
    leader.insert(Tasks.config("rack", 0.1, 16, Tasks.value("rack", "nowhere")), 1);
    leader.insert(Tasks.config("zone", 0.1, 16, Tasks.value("zone", "x")), 1);
    leader.insert(Tasks.config("limited", 0.1, 16, Tasks.limit("host", 1)), 8);
    leader.advance(Duration.ofSeconds(3));

    assertThat(leader.reasons())
        .containsEntry("ram-0", "Insufficient: RAM")
        .containsEntry("rack-0", "Constraint not satisfied: rack")
        .containsEntry("zone-0", "Constraint not satisfied: zone")
        .containsEntry("limited-7", "Limit not satisfied: host")
        .hasSize(6);
  }

  @Test
  public void explainsAFullCluster() {
    Leader leader = new Leader(TestStore.create(), SETTINGS.withHosts(1));
    leader.start();
    leader.insert(Tasks.config("j", 8, 16), 3);
    leader.advance(Duration.ofSeconds(3));

    assertThat(leader.reasons()).isEqualTo(ImmutableMap.of("j-2", "Insufficient: CPU"));
  }

  @Test
  public void freedResourcesAreUsedAtOnce() {
    Leader leader = new Leader(TestStore.create(), SETTINGS.withHosts(1));
    leader.start();
    leader.insert(Tasks.config("j", 16, 16), 2);
    leader.advance(Duration.ofMinutes(10));
    assertThat(leader.tasks(ScheduleStatus.PENDING)).hasSize(1);

    leader.cluster.endTask("j-0", ClusterTaskState.TASK_FINISHED, "done");
    leader.advance(Duration.ofMillis(200));

    assertThat(leader.tasks(ScheduleStatus.RUNNING))
        .extracting(task -> task.assignedTask().taskId())
        .containsExactly("j-1");
  }

  @Test
  public void aTaskThatCannotBeAssignedDoesNotHoldUpTheOthers() {
    unassignable.add("j-1");
    Leader leader = new Leader(TestStore.create(), SETTINGS);
    leader.start();
    leader.insert(Tasks.config("j", 1, 16), 3);
    leader.advance(Duration.ofSeconds(10));
    assertThat(leader.tasks(ScheduleStatus.RUNNING)).hasSize(2);
    assertThat(leader.attempts).as("tried with growing pauses").isLessThan(10);

    unassignable.clear();
    leader.advance(Duration.ofMinutes(1));
    assertThat(leader.tasks(ScheduleStatus.RUNNING)).hasSize(3);
  }

  @Test
  public void aGroupThatCannotEvenBeLookedAtDoesNotHoldUpTheOthers() {
    cursed.add("demand of first");
    cursed.add("place of second");
    Leader leader = new Leader(TestStore.create(), SETTINGS);
    leader.start();
    leader.insert(Tasks.config("first", 1, 16), 1);
    leader.insert(Tasks.config("second", 1, 16), 1);
    leader.insert(Tasks.config("third", 1, 16), 2);
    leader.advance(Duration.ofSeconds(2));

    assertThat(leader.tasks(ScheduleStatus.RUNNING))
        .extracting(task -> task.assignedTask().task().job().name())
        .containsOnly("third")
        .hasSize(2);
    assertThat(meters.counter("schedule_attempts_failed").count()).isPositive();

    cursed.clear();
    leader.advance(Duration.ofMinutes(1));
    assertThat(leader.tasks(ScheduleStatus.PENDING))
        .extracting(task -> task.assignedTask().task().job().name())
        .containsExactly("first");
  }

  @Test
  public void afterItIsClosedNothingWaits() {
    Leader leader = new Leader(TestStore.create(), SETTINGS);
    leader.start();
    leader.insert(Tasks.config("j", 100, 16), 1);
    leader.advance(Duration.ofSeconds(1));
    leader.scheduling.close();
    leader.cluster.close();
    leader.advance(Duration.ofSeconds(1));
    assertThat(leader.store.runtimes().pending()).isEmpty();
  }

  @Test
  public void aHostInMaintenanceGetsNoTasks() {
    Leader leader = new Leader(TestStore.create(), SETTINGS.withHosts(2));
    leader.start();
    leader.advance(Duration.ofSeconds(1));
    leader.store.change(
        tx -> {
          HostAttributes host = tx.state().hosts().get("host-1");
          tx.change(
              new Op.SaveHostAttributes(
                  new SaveHostAttributes(host.toBuilder().mode(MaintenanceMode.DRAINING).build())));
        });
    leader.insert(Tasks.config("j", 10, 16), 2);
    leader.advance(Duration.ofSeconds(5));

    assertThat(leader.tasksByHost()).containsExactly("host-2=1");
  }

  @Test
  public void aHostThatBeginsToDrainDuringTheSearchGetsNoTasks() {
    Leader leader = new Leader(TestStore.create(), SETTINGS.withHosts(1));
    leader.start();
    leader.advance(Duration.ofSeconds(1));
    leader.insert(Tasks.config("j", 1, 16), 1);
    leader.drainBeforeAssignment = true;
    leader.advance(Duration.ofSeconds(5));

    assertThat(leader.tasks(ScheduleStatus.PENDING)).hasSize(1);
    assertThat(leader.attempts).isZero();
  }

  @Test
  public void theHeldOfferOfAHostThatComesBackIsUsedAtOnce() {
    Leader leader = new Leader(TestStore.create(), SETTINGS.withHosts(1));
    leader.start();
    leader.advance(Duration.ofSeconds(1));
    leader.mode("host-1", MaintenanceMode.DRAINED);
    leader.insert(Tasks.config("j", 1, 16), 1);
    leader.advance(Duration.ofSeconds(20));
    assertThat(leader.tasks(ScheduleStatus.PENDING)).hasSize(1);

    leader.mode("host-1", MaintenanceMode.NONE);
    leader.advance(Duration.ofMillis(2));
    assertThat(leader.tasks(ScheduleStatus.PENDING)).isEmpty();
  }

  @Test
  public void anInstanceWhoseAgentIsClosedIsPlacedElsewhereAtOnce() {
    Leader leader = new Leader(TestStore.create(), SETTINGS);
    leader.start();
    leader.advance(Duration.ofSeconds(1));
    String agent = leader.agentOf("host-1");
    leader.onOffer(Tasks.offer("host-1", 1)); // Of a second agent.
    leader.advance(Duration.ofSeconds(1));
    assertThat(leader.agentOf("host-1")).isNotEqualTo(agent);
    leader.keep("wanted", 0, agent);
    leader.mode("host-1", MaintenanceMode.DRAINING);
    leader.insert(Tasks.config("wanted", 1, 16), 1);
    leader.advance(Duration.ofMillis(200));
    assertThat(leader.hostOf("wanted-0")).isEqualTo("host-2");
    assertThat(claims.told).contains("lost " + agent, "lost " + leader.agentOf("host-1"));
  }

  @Test
  public void whoSawAnOfferReservedTriesItWhenItComesBack() {
    Leader leader = new Leader(TestStore.create(), SETTINGS.withHosts(1));
    leader.start();
    leader.advance(Duration.ofSeconds(1));
    String offer = Iterables.getOnlyElement(leader.offers.held()).offer().id();
    assertThat(leader.offers.take(offer)).isTrue();
    leader.insert(Tasks.config("j", 1, 16), 1);
    leader.advance(Duration.ofMinutes(2));

    leader.offers.putBack(offer);
    leader.advance(Duration.ofMillis(2));
    assertThat(leader.hostOf("j-0")).isEqualTo("host-1");
  }

  @Test
  public void anOfferThatComesBackAfterAnotherOfItsAgentIsMergedWithIt() {
    Leader leader = new Leader(TestStore.create(), SETTINGS.withHosts(1));
    leader.start();
    leader.advance(Duration.ofSeconds(1));
    Offer offer = Iterables.getOnlyElement(leader.offers.held()).offer();
    assertThat(leader.offers.take(offer.id())).isTrue();
    leader.onOffer(
        new Offer(
            "rest",
            offer.agentId(),
            offer.host(),
            ResourceVector.of(1, 16, 16, 0),
            ImmutableList.of(),
            offer.attributes(),
            null));
    leader.advance(Duration.ofMillis(10));

    leader.offers.putBack(offer.id());
    leader.advance(Duration.ofSeconds(1));
    Offer merged = Iterables.getOnlyElement(leader.offers.held()).offer();
    assertThat(merged.id()).isNotEqualTo(offer.id()).isNotEqualTo("rest");
    assertThat(merged.resources()).isEqualTo(offer.resources());
  }

  @Test
  public void anOfferOfAnAgentThatIsLostMeanwhileIsNotHeld() {
    Leader leader = new Leader(TestStore.create(), SETTINGS.withHosts(1));
    Offer offer = Tasks.offer("elsewhere", 99);
    leader.scheduling.onOffer(offer);
    leader.scheduling.onAgentLost(offer.agentId());
    leader.advance(Duration.ofSeconds(1));

    assertThat(leader.offers.held()).isEmpty();
    assertThat(leader.offers.known()).isEmpty();
  }

  @Test
  public void aLimitIsTriedAgainWhenAHostHasOtherValues() {
    Leader leader = new Leader(TestStore.create(), SETTINGS);
    leader.start();
    leader.insert(Tasks.config("j", 0.1, 16, Tasks.limit("rack", 1)), 4);
    leader.advance(Duration.ofMinutes(2));
    assertThat(leader.tasks(ScheduleStatus.PENDING)).hasSize(1);

    leader.store.change(
        tx -> {
          HostAttributes host = tx.state().hosts().get(leader.hostOf("j-0"));
          tx.change(
              new Op.SaveHostAttributes(
                  new SaveHostAttributes(
                      host.toBuilder()
                          .attributes(
                              ImmutableSet.of(new Attribute("rack", ImmutableSet.of("moved"))))
                          .build())));
        });
    leader.advance(Duration.ofMillis(10));
    assertThat(leader.tasks(ScheduleStatus.PENDING)).isEmpty();
  }

  @Test
  public void whoTriedTheOfferOfANewHostDoesNotTryItAgainWhenTheHostIsSaved() {
    Leader leader = new Leader(TestStore.create(), SETTINGS);
    leader.insert(Tasks.config("j", 100, 16), 1);
    leader.store.hold();
    leader.start();
    leader.advance(Duration.ofSeconds(1));
    assertThat(meters.counter("veto_evaluated_offers").count()).isEqualTo(6);
    leader.store.release();
    leader.advance(Duration.ofSeconds(1));

    assertThat(leader.store.state().hosts().size()).isEqualTo(6);
    assertThat(meters.counter("veto_evaluated_offers").count()).isEqualTo(6);
  }

  @Test
  public void hostsThatCouldNotBeSavedAreSavedWithTheNextOffer() {
    Leader leader = new Leader(TestStore.create(), SETTINGS.withHosts(2));
    leader.refuseHosts = 1;
    leader.start();
    leader.advance(Duration.ofSeconds(1));
    leader.onOffer(Tasks.offer("another", 4));
    leader.advance(Duration.ofSeconds(1));

    assertThat(leader.store.state().hosts().keys()).containsExactly("another", "host-1", "host-2");
  }

  @Test
  public void tasksOfALostHostMayGoElsewhere() {
    Leader leader = new Leader(TestStore.create(), SETTINGS.withHosts(2));
    leader.start();
    leader.insert(Tasks.config("j", 10, 16), 1);
    leader.advance(Duration.ofSeconds(1));

    leader.cluster.loseHost("host-1");
    leader.advance(Duration.ofSeconds(1));
    leader.insert(Tasks.config("k", 10, 16), 2);
    leader.advance(Duration.ofSeconds(1));

    assertThat(leader.tasks(ScheduleStatus.LOST)).hasSize(1);
    assertThat(leader.tasksByHost()).containsExactly("host-2=1");
  }

  @Test
  public void unusedOffersAreGivenBackAndComeAgain() {
    Leader leader = new Leader(TestStore.create(), SETTINGS.withHosts(1));
    leader.start();
    leader.advance(Duration.ofSeconds(1));
    String first = Iterables.getOnlyElement(leader.offers.held()).offer().id();

    leader.advance(Duration.ofMinutes(7));
    assertThat(Iterables.getOnlyElement(leader.offers.held()).offer().id()).isNotEqualTo(first);
  }

  private static SchedulingSettings holding(Duration hold, Duration jitter, boolean forever) {
    SchedulingSettings usual = SchedulingSettings.DEFAULT;
    return new SchedulingSettings(
        usual.firstDelay(),
        usual.initialPenalty(),
        usual.maxPenalty(),
        usual.assignmentsPerTransaction(),
        hold,
        jitter,
        forever,
        usual.offerRefusal(),
        usual.offerOrder(),
        usual.affinityHold());
  }

  @Test
  public void offersHeldForeverAreNeverGivenBack() {
    pace = holding(Duration.ofMinutes(5), Duration.ofMinutes(1), true);
    Leader leader = new Leader(TestStore.create(), SETTINGS.withHosts(1));
    leader.start();
    leader.advance(Duration.ofSeconds(1));
    OfferBook.Held first = Iterables.getOnlyElement(leader.offers.held());

    leader.advance(Duration.ofDays(1));
    assertThat(leader.offers.held()).containsExactly(first);
    leader.insert(Tasks.config("j", 1, 16), 1);
    leader.advance(Duration.ofMillis(10));
    assertThat(leader.hostOf("j-0")).isEqualTo("host-1");
  }

  @Test
  public void offersThatAreNotHeldAtAllGoBackWithTheNextLookAndAreUsedWhenTheyCome() {
    pace = holding(Duration.ZERO, Duration.ZERO, false);
    Leader leader = new Leader(TestStore.create(), SETTINGS.withHosts(1));
    leader.start();
    leader.advance(Duration.ofMillis(900));
    String first = Iterables.getOnlyElement(leader.offers.held()).offer().id();
    leader.advance(Duration.ofMillis(200));
    assertThat(leader.offers.held()).isEmpty();

    leader.insert(Tasks.config("j", 1, 16), 1);
    leader.advance(Duration.ofSeconds(1));
    assertThat(leader.hostOf("j-0")).isNull();
    leader.advance(pace.offerRefusal());
    assertThat(leader.hostOf("j-0")).isEqualTo("host-1");
    assertThat(leader.offers.held()).noneMatch(held -> held.offer().id().equals(first));
  }

  @Test
  public void withoutJitterOffersAreHeldForJustSoLong() {
    pace = holding(Duration.ofMinutes(10), Duration.ZERO, false);
    Leader leader = new Leader(TestStore.create(), SETTINGS.withHosts(1));
    leader.start();
    leader.advance(Duration.ofSeconds(1));
    String first = Iterables.getOnlyElement(leader.offers.held()).offer().id();

    leader.advance(Duration.ofMinutes(10).minusSeconds(2));
    assertThat(Iterables.getOnlyElement(leader.offers.held()).offer().id()).isEqualTo(first);
    leader.advance(Duration.ofMinutes(1).plusSeconds(2));
    assertThat(leader.offers.held()).noneMatch(held -> held.offer().id().equals(first));
  }

  /**
   * As one of those that are ready, and as one of its shape for which there are new offers: what it
   * would take a second time is there for others.
   */
  @Test
  public void aGroupWhoseTurnComesTwiceInARoundIsPlannedOnce() {
    Leader leader = new Leader(TestStore.create(), SETTINGS.withHosts(1));
    leader.scheduling.start();
    leader.insert(Tasks.config("j", 1, 16), 2);
    leader.insert(Tasks.config("k", 1, 16), 3);
    leader.advance(Duration.ofMillis(100));
    assertThat(leader.tasks(ScheduleStatus.PENDING)).hasSize(5);

    leader.insert(Tasks.config("j", 1, 16), 3);
    leader.onOffer(Tasks.offer("h", 6));
    leader.advance(Duration.ofMillis(10));

    assertThat(leader.tasks(ScheduleStatus.PENDING)).isEmpty();
    assertThat(leader.transactionsOfAssignments).hasSize(1);
    assertThat(meters.counter("schedule_attempts_fired").count()).isEqualTo(6);
  }

  @Test
  public void aHostThatComesOutOfMaintenanceIsUsedAtOnce() {
    Leader leader = new Leader(TestStore.create(), SETTINGS.withHosts(1));
    leader.start();
    leader.advance(Duration.ofSeconds(1));
    leader.setMode("host-1", MaintenanceMode.DRAINING);
    leader.insert(Tasks.config("j", 1, 16), 1);
    leader.advance(Duration.ofSeconds(30));
    assertThat(leader.reasons()).containsEntry("j-0", "Host draining for maintenance");

    leader.setMode("host-1", MaintenanceMode.NONE);
    leader.advance(Duration.ofMillis(10));

    assertThat(leader.hostOf("j-0")).isEqualTo("host-1");
  }

  @Test
  public void hostsWithMaintenanceAheadAreFilledLast() {
    Leader leader = new Leader(TestStore.create(), SETTINGS.withHosts(2));
    leader.start();
    leader.advance(Duration.ofSeconds(1));
    leader.setMode("host-1", MaintenanceMode.SCHEDULED);
    leader.insert(Tasks.config("j", 1, 16), 17);
    leader.advance(Duration.ofSeconds(1));

    assertThat(leader.tasksByHost()).containsExactly("host-1=1", "host-2=16");
  }

  @Test
  public void anOfferThatWasTakenBackOnItsWayIsNotHeld() {
    Leader leader = new Leader(TestStore.create(), SETTINGS.withHosts(1));
    Offer offer = Tasks.offer("elsewhere", 99);
    leader.scheduling.onOffer(offer);
    leader.scheduling.onOfferRescinded(offer.id());
    leader.advance(Duration.ofSeconds(1));

    assertThat(leader.offers.held()).isEmpty();
    assertThat(leader.offers.bans()).isZero();
    assertThat(meters.counter("offer_cancel_failures").count()).isZero();
    leader.scheduling.onOfferRescinded("unknown");
    leader.advance(Duration.ofSeconds(1));
    assertThat(leader.offers.bans()).isZero();
    assertThat(meters.counter("offer_cancel_failures").count()).isOne();
  }

  @Test
  public void anOfferThatIsGoneWhenItIsNeededCostsItsTasksNothing() {
    Leader leader = new Leader(TestStore.create(), SETTINGS.withHosts(1));
    leader.start();
    leader.advance(Duration.ofSeconds(1));
    leader.loseOfferBeforeAssignment = true;
    leader.insert(Tasks.config("j", 1, 16), 2);
    leader.advance(Duration.ofMillis(10));
    assertThat(leader.tasks(ScheduleStatus.PENDING)).hasSize(2);
    assertThat(meters.counter("offer_accept_races").count()).isOne();
    assertThat(meters.counter("assigner_launch_failures").count()).isEqualTo(2);

    leader.onOffer(Tasks.offer("another", 4));
    leader.advance(Duration.ofSeconds(3));
    assertThat(leader.hostOf("j-0")).isEqualTo("another");
    assertThat(leader.hostOf("j-1")).isEqualTo("another");
  }

  @Test
  public void whatARefusedWriteWouldHaveUsedIsForOthers() {
    Leader leader = new Leader(TestStore.create(), SETTINGS.withHosts(1));
    leader.start();
    leader.advance(Duration.ofSeconds(1));
    leader.refuseAssignments = 1;
    leader.insert(Tasks.config("j", 16, 16), 1);
    leader.insert(Tasks.config("k", 16, 16), 1);
    leader.advance(Duration.ofMillis(10));

    assertThat(leader.hostOf("k-0")).isEqualTo("host-1");
    assertThat(leader.hostOf("j-0")).isNull();
  }

  @Test
  public void whileNothingChangesNoOfferIsLookedAtAgain() {
    Leader leader = new Leader(TestStore.create(), SETTINGS);
    leader.start();
    leader.advance(Duration.ofSeconds(1));
    for (int job = 0; job < 50; job++) {
      leader.insert(Tasks.config("j" + job, 100, 16), 3);
    }
    leader.advance(Duration.ofSeconds(1));
    double evaluated = meters.counter("veto_evaluated_offers").count();
    double attempts = meters.counter("schedule_attempts_no_match").count();
    assertThat(evaluated).as("jobs that ask for the same are judged together").isEqualTo(6);
    assertThat(attempts).isEqualTo(150);

    leader.advance(Duration.ofMinutes(3));

    assertThat(meters.counter("veto_evaluated_offers").count()).isEqualTo(evaluated);
    assertThat(meters.counter("schedule_attempts_no_match").count())
        .isGreaterThan(attempts + 5 * 150);
    assertThat(meters.counter("scheduling_veto_insufficient_resources").count()).isEqualTo(6);
    assertThat(meters.counter("scheduling_veto_static").count()).isEqualTo(6);
    assertThat(meters.summary("scheduled_task_penalty").max()).isEqualTo(60_000);
  }

  @Test
  public void jobsTakeTurns() {
    Leader leader = new Leader(TestStore.create(), SETTINGS.withHosts(1));
    leader.start();
    leader.insert(Tasks.config("large", 1, 16), 400);
    leader.insert(Tasks.config("small", 1, 16), 1);
    leader.advance(Duration.ofSeconds(5));
    assertThat(leader.tasks(ScheduleStatus.RUNNING)).hasSize(16);
    assertThat(leader.tasks(ScheduleStatus.PENDING))
        .extracting(task -> task.assignedTask().taskId())
        .contains("small-0");

    leader.cluster.endTask("large-0", ClusterTaskState.TASK_FINISHED, "done");
    leader.advance(Duration.ofSeconds(1));
    assertThat(leader.hostOf("small-0")).isEqualTo("host-1");
  }

  @Test
  public void executorsNeedRoomToo() {
    heavyExecutor = 0.25;
    Leader leader = new Leader(TestStore.create(), SETTINGS.withHosts(1));
    leader.start();
    leader.insert(Tasks.config("j", 1, 16), 20);
    leader.advance(Duration.ofSeconds(1));

    assertThat(leader.tasksByHost()).containsExactly("host-1=12");
    assertThat(leader.tasks(ScheduleStatus.PENDING)).hasSize(8);
    assertThat(leader.tasks(ScheduleStatus.LOST)).isEmpty();
  }

  @Test
  public void theNextLeaderGoesOnWithWhatIsPendingAndKeepsWhatRuns() {
    Leader leader = new Leader(TestStore.create(), SETTINGS.withHosts(2));
    leader.start();
    leader.insert(Tasks.config("j", 1, 16), 20);
    leader.advance(Duration.ofSeconds(1));
    leader.insert(Tasks.config("k", 1, 16), 20);

    Leader next = new Leader(leader.store.failover(), SETTINGS.withHosts(2));
    next.start();
    next.advance(Duration.ofSeconds(1));

    assertThat(next.tasks(ScheduleStatus.RUNNING)).hasSize(32);
    assertThat(next.tasksByHost()).containsExactly("host-1=16", "host-2=16");
    assertThat(next.reasons()).hasSize(8);
  }

  @Test
  public void afterItIsClosedNothingIsPlaced() {
    Leader leader = new Leader(TestStore.create(), SETTINGS);
    leader.start();
    leader.scheduling.close();
    leader.insert(Tasks.config("j", 1, 16), 1);
    leader.advance(Duration.ofMinutes(5));

    assertThat(leader.tasks(ScheduleStatus.PENDING)).hasSize(1);
  }

  /** Claims as a test makes them. */
  private static final class PlayedClaims implements Claims {
    final Map<String, TaskConfig> byAgent = new HashMap<>();
    final List<String> told = new ArrayList<>();
    private Consumer<String> listener = agent -> {};

    void claim(String agentId, TaskConfig config) {
      byAgent.put(agentId, config);
    }

    void open(String agentId) {
      byAgent.remove(agentId);
      listener.accept(agentId);
    }

    @Override
    public boolean isClosedTo(String agentId, TaskConfig config) {
      TaskConfig owner = byAgent.get(agentId);
      return owner != null && !owner.equals(config);
    }

    @Override
    public void placed(String agentId, TaskConfig config) {
      told.add("placed on " + agentId);
      open(agentId);
    }

    @Override
    public void ended(TaskConfig config) {
      told.add("ended");
    }

    @Override
    public void lost(String agentId) {
      told.add("lost " + agentId);
    }

    @Override
    public void whenOpened(Consumer<String> newListener) {
      this.listener = newListener;
    }
  }

  /** The parts of a leader that scheduling meets. */
  private final class Leader implements ClusterListener {
    final TestStore store;
    final SimulatedCluster cluster;
    final OfferBook offers = new OfferBook();
    final SchedulingLoop scheduling;
    final Reservations kept;
    final Set<String> running = new HashSet<>();
    final Set<Long> transactionsOfAssignments = new HashSet<>();
    boolean drainBeforeAssignment;
    boolean loseOfferBeforeAssignment;
    int refuseAssignments;
    int refuseHosts;
    int attempts;

    Leader(TestStore store, SimulatedClusterSettings settings) {
      this.store = store;
      this.cluster =
          new SimulatedCluster(
              settings, store.runtimes().newLoop("cluster"), store.clock(), this::demand);
      EventLoop loop = store.runtimes().newLoop("scheduling");
      this.kept = new Reservations(HOLD, loop, store.clock(), meters);
      this.scheduling =
          new SchedulingLoop(
              pace,
              loop,
              store.clock(),
              this::durable,
              writes(),
              cluster,
              this::assign,
              affinity(),
              claims,
              new Matcher(this::demand, Duration.ofMinutes(6)),
              offers,
              meters);
      store.react(scheduling);
    }

    void start() {
      List<ScheduledTask> known = new ArrayList<>();
      for (ScheduledTask task : store.state().tasks().all()) {
        if (task.assignedTask().slaveId() != null) {
          known.add(task);
        }
      }
      scheduling.start();
      cluster.start(this, 1, known);
    }

    private Demand demand(TaskConfig config) {
      if (cursed.contains("demand of " + config.job().name())) {
        throw new IllegalStateException("no demand");
      }
      return Demand.firm(ResourceVector.of(config).plus(ResourceVector.of(heavyExecutor, 0, 0, 0)));
    }

    /** Writes of which some are refused before they are begun. */
    private Writes writes() {
      return new Writes() {
        @Override
        public <T> CompletionStage<T> submit(
            WriteClass writeClass, long deadlineNanos, Function<WriteTransaction, T> work) {
          boolean isRefused =
              writeClass == WriteClass.SCHEDULING ? refuseAssignments-- > 0 : refuseHosts-- > 0;
          return isRefused
              ? CompletableFuture.failedFuture(new NotAppliedException("full"))
              : store.writer().submit(writeClass, deadlineNanos, work);
        }
      };
    }

    private Affinity affinity() {
      return new Affinity() {
        @Override
        public Optional<String> agentFor(InstanceKey instance) {
          if (cursed.contains("place of " + instance.jobKey().name())) {
            throw new IllegalStateException("no place");
          }
          return kept.agentFor(instance);
        }

        @Override
        public boolean isReserved(String agentId) {
          return kept.isReserved(agentId);
        }

        @Override
        public boolean keepsAny() {
          return kept.keepsAny();
        }

        @Override
        public void lost(String agentId) {
          kept.lost(agentId);
        }

        @Override
        public void placed(InstanceKey instance) {
          kept.placed(instance);
        }

        @Override
        public void whenFreed(Freed listener) {
          kept.whenFreed(listener);
        }
      };
    }

    /** The State the search sees; a drain that it does not see yet may be under way. */
    private State durable() {
      State seen = store.state();
      if (loseOfferBeforeAssignment && !seen.tasks().pending().isEmpty()) {
        loseOfferBeforeAssignment = false;
        String id = offers.held().get(0).offer().id();
        // After the search has begun, before its transaction.
        store.loop().execute(() -> offers.rescind(id));
      }
      if (drainBeforeAssignment && seen.hosts().contains("host-1")) {
        drainBeforeAssignment = false;
        var unused =
            store
                .writer()
                .submit(
                    WriteClass.SCHEDULING,
                    Long.MAX_VALUE,
                    tx -> {
                      tx.change(
                          new Op.SaveHostAttributes(
                              new SaveHostAttributes(
                                  tx.state().hosts().get("host-1").toBuilder()
                                      .mode(MaintenanceMode.DRAINING)
                                      .build())));
                      return true;
                    });
      }
      return seen;
    }

    private ScheduledTask assign(
        WriteTransaction transaction,
        String taskId,
        String host,
        String agentId,
        ImmutableMap<String, Integer> ports) {
      attempts++;
      if (unassignable.contains(taskId)) {
        throw new IllegalStateException("not this one");
      }
      transactionsOfAssignments.add(transaction.state().transaction());
      return Tasks.assign(transaction, taskId, host, agentId, ports);
    }

    void insert(TaskConfig config, int count) {
      store.change(
          tx -> {
            for (int i = 0; i < count; i++) {
              tx.save(Tasks.pending(config.job().name() + "-" + i, config, i));
            }
          });
    }

    void setMode(String host, MaintenanceMode mode) {
      store.change(
          tx ->
              tx.change(
                  new Op.SaveHostAttributes(
                      new SaveHostAttributes(
                          tx.state().hosts().get(host).toBuilder().mode(mode).build()))));
    }

    void keep(String job, int instance, String agentId) {
      JobKey key = new JobKey("www-data", "prod", job);
      kept.reserve(new InstanceKey(key, instance), agentId, new JobUpdateKey(key, "u"));
    }

    void mode(String host, MaintenanceMode mode) {
      store.change(
          tx ->
              tx.change(
                  new Op.SaveHostAttributes(
                      new SaveHostAttributes(
                          tx.state().hosts().get(host).toBuilder().mode(mode).build()))));
    }

    String agentOf(String host) {
      return store.state().hosts().get(host).slaveId();
    }

    String hostOf(String taskId) {
      return store.state().tasks().get(taskId).assignedTask().slaveHost();
    }

    void advance(Duration duration) {
      store.runtimes().advance(duration);
    }

    List<ScheduledTask> tasks(ScheduleStatus status) {
      List<ScheduledTask> tasks = new ArrayList<>();
      for (ScheduledTask task : store.state().tasks().all()) {
        if (task.status() == status) {
          tasks.add(task);
        }
      }
      return tasks;
    }

    List<String> tasksByHost() {
      ImmutableSortedMap.Builder<String, Integer> counts = ImmutableSortedMap.naturalOrder();
      for (String host : store.state().hosts().keys()) {
        int count = 0;
        for (ScheduledTask task : store.state().tasks().onHost(host)) {
          if (task.status() == ScheduleStatus.RUNNING) {
            count++;
          }
        }
        if (count > 0) {
          counts.put(host, count);
        }
      }
      return counts.buildOrThrow().entrySet().stream().map(Object::toString).toList();
    }

    ImmutableMap<String, String> reasons() {
      return new PendingReasons(offers, Matcher.create(), store.clock())
          .of(store.state(), store.state().tasks().pending().values());
    }

    @Override
    public void onOffer(Offer offer) {
      scheduling.onOffer(offer);
    }

    @Override
    public void onOfferRescinded(String offerId) {
      scheduling.onOfferRescinded(offerId);
    }

    @Override
    public void onAgentLost(String agentId) {
      scheduling.onAgentLost(agentId);
    }

    @Override
    public void onStatus(StatusUpdate update) {
      ScheduleStatus status =
          switch (update.state()) {
            case TASK_STARTING -> ScheduleStatus.STARTING;
            case TASK_RUNNING -> ScheduleStatus.RUNNING;
            case TASK_FINISHED -> ScheduleStatus.FINISHED;
            default -> ScheduleStatus.LOST;
          };
      if (status == ScheduleStatus.RUNNING) {
        running.add(update.taskId());
      }
      var unused =
          store
              .writer()
              .submit(
                  WriteClass.STATUS,
                  Long.MAX_VALUE,
                  tx -> {
                    ScheduledTask task = tx.state().tasks().get(update.taskId());
                    tx.save(task.toBuilder().status(status).build());
                    tx.afterCommit(() -> cluster.acknowledge(update));
                    return status;
                  });
    }
  }
}
