package io.borealis.scheduler.cluster;

import static io.borealis.scheduler.cluster.ClusterTaskState.TASK_FINISHED;
import static io.borealis.scheduler.cluster.ClusterTaskState.TASK_GONE;
import static io.borealis.scheduler.cluster.ClusterTaskState.TASK_KILLED;
import static io.borealis.scheduler.cluster.ClusterTaskState.TASK_LOST;
import static io.borealis.scheduler.cluster.ClusterTaskState.TASK_RUNNING;
import static io.borealis.scheduler.cluster.ClusterTaskState.TASK_UNKNOWN;
import static io.borealis.scheduler.cluster.ClusterTaskState.TASK_UNREACHABLE;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.Metadata;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.runtime.VirtualRuntimes;
import io.borealis.scheduler.store.Fixtures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.Test;

/** What a leader hears of hosts that are out of reach or gone. */
public class SimulatedOutagesTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final VirtualRuntimes runtimes = new VirtualRuntimes();
  private SimulatedCluster cluster;
  private final List<String> heard = new ArrayList<>();
  private final List<String> offers = new ArrayList<>();

  private final ClusterListener leader =
      new ClusterListener() {
        @Override
        public void onOffer(Offer offer) {
          offers.add(offer.id() + " " + offer.host());
        }

        @Override
        public void onOfferRescinded(String offerId) {
          offers.removeIf(offer -> offer.startsWith(offerId + " "));
        }

        @Override
        public void onStatus(StatusUpdate update) {
          heard.add(update.state() + " " + update.taskId());
          if (update.uuid() != null) {
            cluster.acknowledge(update);
          }
        }

        @Override
        public void onAgentLost(String agentId) {
          heard.add("lost " + agentId);
        }
      };

  private void begin(boolean aware, ScheduledTask... known) {
    cluster =
        new SimulatedCluster(
            SimulatedClusterSettings.DEFAULT.withHosts(1).withPartitionAware(aware),
            runtimes.newLoop("cluster"),
            runtimes.clock());
    cluster.start(leader, 1, ImmutableList.copyOf(known));
    runtimes.advance(SECOND);
    heard.clear();
  }

  private static ScheduledTask running(String id, String... fate) {
    var config = Fixtures.config(Fixtures.JOB);
    if (fate.length > 0) {
      config = config.toBuilder().metadata(ImmutableSet.of(new Metadata("peer", fate[0]))).build();
    }
    ScheduledTask task = Fixtures.task(id, config, 0, ScheduleStatus.RUNNING);
    return task.toBuilder()
        .assignedTask(
            task.assignedTask().toBuilder().slaveId("agent-1").slaveHost("host-1").build())
        .build();
  }

  private void then(String... expected) {
    runtimes.advance(SECOND);
    assertThat(heard).containsExactly(expected);
    heard.clear();
  }

  @Test
  public void aHostOutOfReachTakesItsOffersAndItsTasksComeBackWithIt() {
    begin(true, running("t"));
    assertThat(offers).hasSize(1);
    cluster.partitionHost("host-1");
    then("lost agent-1", TASK_UNREACHABLE + " t");
    assertThat(offers).isEmpty();

    cluster.healHost("host-1");
    then(TASK_RUNNING + " t");
    assertThat(offers).hasSize(1);
  }

  @Test
  public void whoIsNotAwareOfPartitionsHearsOfALossAndThenThatTheTaskRuns() {
    begin(false, running("t"));
    cluster.partitionHost("host-1");
    then("lost agent-1", TASK_LOST + " t");
    cluster.healHost("host-1");
    then(TASK_RUNNING + " t");
  }

  @Test
  public void whatHappensOutOfReachIsHeardWhenTheHostIsBack() {
    begin(true, running("t"));
    cluster.partitionHost("host-1");
    cluster.endTask("t", TASK_FINISHED, "done");
    then("lost agent-1", TASK_UNREACHABLE + " t");
    cluster.healHost("host-1");
    then(TASK_FINISHED + " t");
  }

  @Test
  public void aTaskOutOfReachCannotBeKilled() {
    begin(true, running("t"));
    cluster.partitionHost("host-1");
    cluster.kill("t");
    then("lost agent-1", TASK_UNREACHABLE + " t");
    cluster.healHost("host-1");
    then(TASK_RUNNING + " t");
    cluster.kill("t");
    then(TASK_KILLED + " t");
  }

  @Test
  public void theNextLeaderHearsTheSame() {
    begin(true, running("t"));
    cluster.partitionHost("host-1");
    runtimes.advance(SECOND);
    cluster.start(leader, 2, ImmutableList.of(running("t")));
    runtimes.advance(SECOND);
    heard.clear();
    cluster.reconcile(ImmutableList.of(new TaskRef("t", "agent-1")));
    then(TASK_UNREACHABLE + " t");
    assertThat(offers).as("nothing is offered of a host out of reach").isEmpty();
    cluster.healHost("host-1");
    then(TASK_RUNNING + " t");
  }

  @Test
  public void whatIsSaidOfAnUnknownTaskDependsOnItsAgent() {
    begin(true);
    TaskRef here = new TaskRef("x", "agent-1");
    cluster.reconcile(ImmutableList.of(here, new TaskRef("y", "agent-9"), new TaskRef("z", null)));
    then(TASK_GONE + " x", TASK_UNKNOWN + " y", TASK_UNKNOWN + " z");
    cluster.partitionHost("host-1");
    cluster.reconcile(ImmutableList.of(here));
    then("lost agent-1", TASK_UNREACHABLE + " x");
  }

  @Test
  public void aHostThatIsGoneTakesItsTasksWithItThoughItWasOutOfReach() {
    begin(true, running("t"));
    cluster.partitionHost("host-1");
    runtimes.advance(SECOND);
    heard.clear();
    cluster.loseHost("host-1");
    then("lost agent-1", TASK_GONE + " t");
    cluster.healHost("host-1");
    cluster.partitionHost("host-1");
    then();
    cluster.returnHost("host-1");
    then();
    assertThat(offers).hasSize(1);
  }
}
