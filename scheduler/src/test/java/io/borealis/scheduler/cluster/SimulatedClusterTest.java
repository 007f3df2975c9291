package io.borealis.scheduler.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.Attribute;
import io.borealis.api.Metadata;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.runtime.VirtualRuntimes;
import io.borealis.scheduler.store.Fixtures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.Test;

public class SimulatedClusterTest {
  private static final SimulatedClusterSettings SETTINGS = SimulatedClusterSettings.DEFAULT;

  private final VirtualRuntimes runtimes = new VirtualRuntimes();
  private final SimulatedCluster cluster =
      new SimulatedCluster(SETTINGS, runtimes.newLoop("cluster"), runtimes.clock());
  private final Leader leader = new Leader(cluster, true);

  @Test
  public void offersTheSameHostsInEachProcess() {
    start(leader);

    assertThat(leader.offers.values())
        .extracting(offer -> offer.host() + " " + offer.agentId())
        .containsExactly(
            "host-1 agent-1",
            "host-2 agent-2",
            "host-3 agent-3",
            "host-4 agent-4",
            "host-5 agent-5",
            "host-6 agent-6");
    Offer first = leader.onHost("host-1");
    assertThat(first.resources()).isEqualTo(ResourceVector.of(16, 16384, 102400, 1001));
    assertThat(values(first)).containsEntry("host", "host-1").containsEntry("rack", "a");
    assertThat(values(first)).doesNotContainKey("dedicated");
    assertThat(values(leader.onHost("host-6"))).containsEntry("dedicated", "www-data/web.multi");
    assertThat(leader.offers.values().stream().map(offer -> values(offer).get("rack")))
        .containsExactlyInAnyOrder("a", "a", "b", "b", "c", "c");
  }

  @Test
  public void aSmallClusterKeepsNoHostBack() {
    SimulatedClusterSettings one = SimulatedClusterSettings.DEFAULT.withHosts(1);
    assertThat(one.attributes(1)).extracting(Attribute::name).containsExactly("host", "rack");
  }

  @Test
  public void startsATaskInStepsAndOffersTheRest() {
    start(leader);

    launch(leader, assigned("t", null));
    assertThat(leader.states("t")).isEmpty();
    runtimes.advance(Duration.ofMillis(50));
    assertThat(leader.states("t")).containsExactly(ClusterTaskState.TASK_STARTING);
    runtimes.advance(Duration.ofMillis(50));

    assertThat(leader.states("t"))
        .containsExactly(ClusterTaskState.TASK_STARTING, ClusterTaskState.TASK_RUNNING);
    assertThat(leader.onHost("host-1").resources().milliCpus()).isEqualTo(15_000);
  }

  @Test
  public void killsATaskAndOffersWhatItUsed() {
    start(leader);
    launch(leader, assigned("t", null));
    runtimes.advance(Duration.ofSeconds(1));

    cluster.kill("t");
    runtimes.advance(Duration.ofSeconds(1));

    assertThat(leader.states("t")).endsWith(ClusterTaskState.TASK_KILLED);
    assertThat(leader.freeCpusOf("agent-1")).isEqualTo(16_000);
  }

  @Test
  public void answersAKillOfAnUnknownTaskWithItsLoss() {
    start(leader);

    cluster.kill("nobody");
    runtimes.runReady();

    assertThat(leader.states("nobody")).containsExactly(ClusterTaskState.TASK_LOST);
  }

  @Test
  public void metadataDecidesTheFateOfATask() {
    assertThat(fate("fail")).endsWith(ClusterTaskState.TASK_RUNNING, ClusterTaskState.TASK_FAILED);
    assertThat(fate("finish"))
        .endsWith(ClusterTaskState.TASK_RUNNING, ClusterTaskState.TASK_FINISHED);
    assertThat(fate("lost")).endsWith(ClusterTaskState.TASK_RUNNING, ClusterTaskState.TASK_LOST);
    assertThat(fate("stuck"))
        .containsExactly(ClusterTaskState.TASK_STARTING, ClusterTaskState.TASK_KILLED);
    assertThat(fate("assigned")).containsExactly(ClusterTaskState.TASK_KILLED);
    assertThat(fate("nokill"))
        .containsExactly(ClusterTaskState.TASK_STARTING, ClusterTaskState.TASK_RUNNING);
  }

  @Test
  public void saysWhyATaskFailed() {
    start(leader);
    launch(leader, assigned("t", "fail"));
    runtimes.advance(Duration.ofSeconds(1));

    assertThat(leader.updates.get(leader.updates.size() - 1).message()).isEqualTo("peer: failed");
  }

  @Test
  public void aNewProcessAdoptsTheTasksOfState() {
    SimulatedCluster other =
        new SimulatedCluster(SETTINGS, runtimes.newLoop("other"), runtimes.clock());
    Leader next = new Leader(other, true);
    start(
        next,
        task("running", ScheduleStatus.RUNNING, null),
        task("starting", ScheduleStatus.STARTING, null),
        task("assigned", ScheduleStatus.ASSIGNED, null),
        task("killing", ScheduleStatus.KILLING, null),
        task("immortal", ScheduleStatus.KILLING, "nokill"));
    assertThat(next.onHost("host-1").resources().milliCpus()).isEqualTo(11_000);
    runtimes.advance(Duration.ofSeconds(1));

    assertThat(next.states("running")).isEmpty();
    assertThat(next.states("starting")).containsExactly(ClusterTaskState.TASK_RUNNING);
    assertThat(next.states("assigned"))
        .containsExactly(ClusterTaskState.TASK_STARTING, ClusterTaskState.TASK_RUNNING);
    assertThat(next.states("killing")).containsExactly(ClusterTaskState.TASK_KILLED);
    assertThat(next.states("immortal")).isEmpty();
    assertThat(next.freeCpusOf("agent-1")).isEqualTo(12_000);
  }

  @Test
  public void aSharedClusterKeepsTheProgressOfItsTasksForTheNextLeader() {
    start(leader);
    launch(leader, assigned("t", null));
    runtimes.advance(Duration.ofMillis(80));
    Leader next = new Leader(cluster.session(), true);

    next.driver.start(next, 2, ImmutableList.of(task("t", ScheduleStatus.ASSIGNED, null)));
    runtimes.advance(Duration.ofMillis(20));

    assertThat(next.states("t")).containsExactly(ClusterTaskState.TASK_RUNNING);
  }

  @Test
  public void whatAnotherProcessHasSeenOfATaskMeanwhileIsNotUndone() {
    start(leader);
    launch(leader, assigned("t", null));
    runtimes.runReady();
    Leader again = new Leader(cluster.session(), true);
    again.driver.start(again, 3, ImmutableList.of(task("t", ScheduleStatus.RUNNING, null)));
    runtimes.advance(Duration.ofSeconds(1));
    assertThat(again.states("t")).isEmpty();
    again.driver.reconcile(ImmutableList.of());
    runtimes.runReady();
    assertThat(again.states("t")).containsExactly(ClusterTaskState.TASK_RUNNING);
  }

  @Test
  public void aTaskAdoptedOnALostHostGivesBackOnlyWhatItUsed() {
    start(leader);
    cluster.loseHost("host-1");
    runtimes.runReady();
    Leader next = new Leader(cluster.session(), true);
    next.driver.start(next, 2, ImmutableList.of(task("t", ScheduleStatus.RUNNING, null)));
    runtimes.runReady();
    assertThat(next.states("t")).containsExactly(ClusterTaskState.TASK_LOST);
    cluster.returnHost("host-1");
    runtimes.advance(Duration.ofSeconds(1));
    assertThat(next.onHost("host-1").resources().milliCpus()).isEqualTo(16_000);
  }

  @Test
  public void commandsOfAnOlderEpochAreRefused() {
    Leader newer = new Leader(cluster.session(), true);
    start(leader);
    launch(leader, assigned("t", null));
    runtimes.advance(Duration.ofSeconds(1));
    newer.driver.start(newer, 2, ImmutableList.of(task("t", ScheduleStatus.RUNNING, null)));
    runtimes.advance(Duration.ofSeconds(1));

    cluster.kill("t");
    cluster.start(leader, 1, ImmutableList.of());
    runtimes.advance(Duration.ofSeconds(1));

    assertThat(newer.states("t")).isEmpty();
    newer.driver.reconcile(ImmutableList.of());
    runtimes.runReady();
    assertThat(newer.states("t")).containsExactly(ClusterTaskState.TASK_RUNNING);
  }

  @Test
  public void sendsAnUpdateAgainUntilItIsAcknowledged() {
    Leader forgetful = new Leader(cluster, false);
    start(forgetful);
    launch(forgetful, assigned("t", null));

    runtimes.advance(Duration.ofSeconds(35));
    assertThat(forgetful.states("t"))
        .as("sent at once, after ten and after twenty seconds more")
        .containsExactly(
            ClusterTaskState.TASK_STARTING,
            ClusterTaskState.TASK_STARTING,
            ClusterTaskState.TASK_STARTING);

    cluster.acknowledge(forgetful.updates.get(0));
    runtimes.runReady();
    assertThat(forgetful.states("t")).hasSize(4).endsWith(ClusterTaskState.TASK_RUNNING);
    cluster.acknowledge(forgetful.updates.get(3));
    runtimes.advance(Duration.ofHours(1));
    assertThat(forgetful.updates).hasSize(4);
  }

  @Test
  public void reconcilesNamedTasksAndAllTasks() {
    start(leader, task("t", ScheduleStatus.RUNNING, null), task("u", ScheduleStatus.RUNNING, null));

    cluster.reconcile(
        ImmutableList.of(new TaskRef("t", "agent-1"), new TaskRef("nobody", "agent-1")));
    runtimes.runReady();
    assertThat(leader.states("t")).containsExactly(ClusterTaskState.TASK_RUNNING);
    assertThat(leader.states("nobody")).containsExactly(ClusterTaskState.TASK_LOST);
    assertThat(leader.updates).allMatch(update -> update.uuid() == null);

    cluster.reconcile(ImmutableList.of());
    runtimes.runReady();
    assertThat(leader.states("u")).containsExactly(ClusterTaskState.TASK_RUNNING);
  }

  @Test
  public void aLostHostLosesItsTasksAndComesBackEmpty() {
    start(leader);
    launch(leader, assigned("t", null));
    runtimes.advance(Duration.ofSeconds(1));

    cluster.loseHost("host-1");
    runtimes.advance(Duration.ofSeconds(1));
    assertThat(leader.states("t")).endsWith(ClusterTaskState.TASK_LOST);
    assertThat(leader.lostAgents).containsExactly("agent-1");
    assertThat(leader.freeCpusOf("agent-1")).isZero();

    cluster.returnHost("host-1");
    runtimes.advance(Duration.ofSeconds(1));
    assertThat(leader.freeCpusOf("agent-1")).isEqualTo(16_000);
  }

  @Test
  public void aLaunchOnAnOfferThatIsGoneDropsTheTasks() {
    start(leader);
    String offerId = leader.onHost("host-1").id();
    cluster.decline(offerId, Duration.ofSeconds(5));

    cluster.launch(offerId, ImmutableList.of(assigned("t", null)));
    runtimes.runReady();

    assertThat(leader.states("t")).containsExactly(ClusterTaskState.TASK_DROPPED);
  }

  @Test
  public void aDeclinedOfferReturnsAfterTheRefusal() {
    start(leader);
    Offer offer = leader.onHost("host-1");

    leader.offers.remove(offer.id());
    cluster.decline(offer.id(), Duration.ofSeconds(5));
    runtimes.advance(Duration.ofSeconds(4));
    assertThat(leader.freeCpusOf("agent-1")).isZero();
    runtimes.advance(Duration.ofSeconds(2));

    assertThat(leader.freeCpusOf("agent-1")).isEqualTo(16_000);
  }

  private List<ClusterTaskState> fate(String peer) {
    String id = "task-" + peer;
    if (leader.offers.isEmpty()) {
      start(leader);
    }
    launch(leader, assigned(id, peer));
    runtimes.advance(Duration.ofSeconds(1));
    cluster.kill(id);
    runtimes.advance(Duration.ofSeconds(1));
    List<ClusterTaskState> states = new ArrayList<>(leader.states(id));
    if (!peer.equals("nokill") && states.size() > 1) {
      // A kill after the end finds nobody.
      ClusterTaskState last = states.get(states.size() - 1);
      if (last == ClusterTaskState.TASK_LOST && states.get(states.size() - 2).isTerminal()) {
        states.remove(states.size() - 1);
      }
    }
    return states;
  }

  private void start(Leader who, ScheduledTask... known) {
    who.driver.start(who, 1, ImmutableList.copyOf(known));
    runtimes.advance(Duration.ofMillis(5));
  }

  /** Launches on the first host and gives the driver the time to offer the rest. */
  private void launch(Leader who, ScheduledTask task) {
    Offer offer = who.onHost("host-1");
    who.offers.remove(offer.id());
    who.driver.launch(offer.id(), ImmutableList.of(task));
    runtimes.runReady();
  }

  private static ScheduledTask assigned(String id, @Nullable String peer) {
    return task(id, ScheduleStatus.ASSIGNED, peer);
  }

  private static ScheduledTask task(String id, ScheduleStatus status, @Nullable String peer) {
    TaskConfig config = Fixtures.config(Fixtures.JOB);
    if (peer != null) {
      config = config.toBuilder().metadata(ImmutableSet.of(new Metadata("peer", peer))).build();
    }
    ScheduledTask task = Fixtures.task(id, config, 0, status);
    return task.toBuilder()
        .assignedTask(
            task.assignedTask().toBuilder().slaveId("agent-1").slaveHost("host-1").build())
        .build();
  }

  private static ImmutableMap<String, String> values(Offer offer) {
    ImmutableMap.Builder<String, String> values = ImmutableMap.builder();
    offer
        .attributes()
        .forEach(attribute -> values.put(attribute.name(), attribute.values().iterator().next()));
    return values.buildOrThrow();
  }

  /** Records what it hears and acknowledges it, if it is not forgetful. */
  private static final class Leader implements ClusterListener {
    final ClusterDriver driver;
    final Map<String, Offer> offers = new LinkedHashMap<>();
    final List<StatusUpdate> updates = new ArrayList<>();
    final List<String> lostAgents = new ArrayList<>();
    private final boolean acknowledges;

    Leader(ClusterDriver driver, boolean acknowledges) {
      this.driver = driver;
      this.acknowledges = acknowledges;
    }

    @Override
    public void onOffer(Offer offer) {
      offers.put(offer.id(), offer);
    }

    @Override
    public void onOfferRescinded(String offerId) {
      offers.remove(offerId);
    }

    @Override
    public void onStatus(StatusUpdate update) {
      updates.add(update);
      if (acknowledges && update.uuid() != null) {
        driver.acknowledge(update);
      }
    }

    @Override
    public void onAgentLost(String agentId) {
      lostAgents.add(agentId);
    }

    Offer onHost(String host) {
      return offers.values().stream()
          .filter(offer -> offer.host().equals(host))
          .findFirst()
          .orElseThrow();
    }

    long freeCpusOf(String agentId) {
      return offers.values().stream()
          .filter(offer -> offer.agentId().equals(agentId))
          .mapToLong(offer -> offer.resources().milliCpus())
          .sum();
    }

    List<ClusterTaskState> states(String taskId) {
      return updates.stream()
          .filter(update -> update.taskId().equals(taskId))
          .map(StatusUpdate::state)
          .toList();
    }
  }
}
