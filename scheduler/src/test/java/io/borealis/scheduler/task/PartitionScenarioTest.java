package io.borealis.scheduler.task;

import static io.borealis.api.ScheduleStatus.DRAINING;
import static io.borealis.api.ScheduleStatus.FAILED;
import static io.borealis.api.ScheduleStatus.FINISHED;
import static io.borealis.api.ScheduleStatus.KILLING;
import static io.borealis.api.ScheduleStatus.LOST;
import static io.borealis.api.ScheduleStatus.PARTITIONED;
import static io.borealis.api.ScheduleStatus.PENDING;
import static io.borealis.api.ScheduleStatus.RESTARTING;
import static io.borealis.api.ScheduleStatus.RUNNING;
import static io.borealis.scheduler.task.TestTasks.partitioned;
import static io.borealis.scheduler.task.TestTasks.service;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import io.borealis.api.PartitionPolicy;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.scheduler.cluster.ClusterDriver;
import io.borealis.scheduler.cluster.ClusterListener;
import io.borealis.scheduler.cluster.ClusterTaskState;
import io.borealis.scheduler.cluster.Offer;
import io.borealis.scheduler.cluster.SimulatedCluster;
import io.borealis.scheduler.cluster.SimulatedClusterSettings;
import io.borealis.scheduler.cluster.StatusUpdate;
import io.borealis.scheduler.cluster.TaskRef;
import java.time.Duration;
import org.junit.Test;

/** A host that is out of reach, and what becomes of its tasks (task rules, section 10). */
public class PartitionScenarioTest {
  private static final PartitionPolicy A_MINUTE = new PartitionPolicy(true, 60L);
  private static final PartitionPolicy NEVER = new PartitionPolicy(false, null);

  private TestTasks tasks = new TestTasks();
  private final SimulatedCluster cluster =
      new SimulatedCluster(
          SimulatedClusterSettings.DEFAULT.withHosts(1).withPartitionAware(true),
          tasks.store.runtimes().newLoop("cluster"),
          tasks.store.clock());
  private ClusterDriver driver = cluster.session();
  private long epoch;
  private String id = "";

  /** A leader begins, as it does with what State has. */
  private void lead() {
    var unused = tasks.startTimers();
    TestTasks current = tasks;
    ClusterDriver session = cluster.session();
    driver = session;
    StatusUpdateHandler handler =
        new StatusUpdateHandler(
            current.store.writer(),
            current.store::state,
            current.lifecycle,
            session,
            current.store.clock(),
            current.meters);
    ImmutableList.Builder<ScheduledTask> known = ImmutableList.builder();
    ImmutableList.Builder<TaskRef> refs = ImmutableList.builder();
    for (ScheduledTask task : current.store.state().tasks().all()) {
      if (TaskStates.isAssigned(task.status())) {
        known.add(task);
        refs.add(new TaskRef(task.assignedTask().taskId(), task.assignedTask().slaveId()));
      }
    }
    session.start(
        new ClusterListener() {
          @Override
          public void onStatus(StatusUpdate update) {
            handler.handle(update);
          }

          @Override
          public void onOffer(Offer offer) {}

          @Override
          public void onOfferRescinded(String offerId) {}

          @Override
          public void onAgentLost(String agentId) {}
        },
        ++epoch,
        known.build());
    session.reconcile(refs.build());
    settle();
  }

  /** A task runs on the host, which is then out of reach. */
  private void partition(TaskConfig config) {
    id = tasks.have(config, RUNNING);
    lead();
    cluster.partitionHost("host-1");
    settle();
  }

  private void heal() {
    cluster.healHost("host-1");
    settle();
  }

  /** What transitions asked of the cluster reaches it; all answers come. */
  private void settle() {
    for (int i = 0; i < 3; i++) {
      tasks.advance(Duration.ofMillis(100));
      ImmutableList.copyOf(tasks.killed).forEach(driver::kill);
      tasks.killed.clear();
    }
  }

  private ScheduleStatus now() {
    return tasks.task(id).status();
  }

  @Test
  public void aTaskThatComesBackInTimeGoesOn() {
    partition(partitioned(A_MINUTE));
    assertThat(now()).isEqualTo(PARTITIONED);
    tasks.advance(Duration.ofSeconds(50));
    heal();
    tasks.advance(Duration.ofHours(1));
    assertThat(tasks.history(id)).containsExactly(RUNNING, PARTITIONED, RUNNING);
    assertThat(tasks.successors(id)).isEmpty();
  }

  @Test
  public void aTaskThatComesBackTooLateHasASuccessorAndIsEnded() {
    partition(partitioned(A_MINUTE));
    tasks.advance(Duration.ofSeconds(61));
    assertThat(now()).isEqualTo(LOST);
    assertThat(tasks.successor(id).status()).isEqualTo(PENDING);
    heal();
    assertThat(now()).isEqualTo(LOST);
    driver.reconcile(ImmutableList.of(new TaskRef(id, "agent-1")));
    settle();
    assertThat(tasks.successors(id)).as("the cluster has it no more").hasSize(1);
  }

  @Test
  public void comingAndGoingLeavesAShortHistory() {
    partition(partitioned(NEVER));
    for (int i = 0; i < 20; i++) {
      heal();
      cluster.partitionHost("host-1");
      settle();
    }
    assertThat(tasks.history(id)).containsExactly(RUNNING, PARTITIONED);
    assertThat(tasks.task(id).timesPartitioned()).isEqualTo(21);
  }

  @Test
  public void anotherLeaderWaitsForTheRest() {
    partition(partitioned(A_MINUTE));
    tasks.advance(Duration.ofSeconds(40));
    // A write tells the next leader how late it is.
    String unused = tasks.have(TestTasks.oneOff(1), LOST);
    tasks = tasks.failover();
    lead();
    cluster.partitionHost("host-1");
    tasks.advance(Duration.ofSeconds(18));
    assertThat(now()).isEqualTo(PARTITIONED);
    tasks.advance(Duration.ofSeconds(3));
    assertThat(now()).isEqualTo(LOST);
  }

  @Test
  public void whatAUserDoesToAPartitionedTaskIsDoneAtOnce() {
    partition(partitioned(NEVER));
    tasks.go(id, KILLING);
    assertThat(tasks.history(id)).containsExactly(RUNNING, PARTITIONED, KILLING, LOST);
    assertThat(tasks.successors(id)).isEmpty();
    assertThat(tasks.killed).isEmpty();
    heal();
    assertThat(tasks.history(id)).as("it runs, and is killed").endsWith(LOST);

    for (ScheduleStatus action : new ScheduleStatus[] {RESTARTING, DRAINING}) {
      String other = tasks.have(partitioned(NEVER), RUNNING, PARTITIONED);
      tasks.go(other, action);
      assertThat(tasks.history(other)).endsWith(PARTITIONED, action, LOST);
      assertThat(tasks.successors(other)).hasSize(1);
      assertThat(tasks.killed).containsOnlyOnce(other);
    }
  }

  @Test
  public void aServiceThatFinishesOutOfSightIsNotRescheduledAsInTheOriginal() {
    partition(partitioned(NEVER));
    cluster.endTask(id, ClusterTaskState.TASK_FINISHED, "done");
    heal();
    assertThat(now()).isEqualTo(FINISHED);
    assertThat(tasks.successors(id)).isEmpty();
  }

  @Test
  public void aTaskThatFailsOutOfSightIsRescheduled() {
    partition(partitioned(NEVER));
    cluster.endTask(id, ClusterTaskState.TASK_FAILED, "bad");
    heal();
    assertThat(now()).isEqualTo(FAILED);
    assertThat(tasks.successors(id)).hasSize(1);
  }

  @Test
  public void aTaskThatIsKilledOutOfSightIsNotPartitionedForEver() {
    partition(partitioned(NEVER));
    cluster.endTask(id, ClusterTaskState.TASK_KILLED, "by hand");
    heal();
    assertThat(tasks.history(id)).containsExactly(RUNNING, PARTITIONED, LOST);
    assertThat(tasks.successors(id)).hasSize(1);
  }

  @Test
  public void theTasksOfAHostThatIsGoneAreLostWhateverTheirPolicy() {
    partition(partitioned(NEVER));
    cluster.loseHost("host-1");
    settle();
    assertThat(now()).isEqualTo(LOST);
    assertThat(tasks.successors(id)).hasSize(1);
  }

  @Test
  public void aTaskWithoutAPolicyIsLostAtOnce() {
    partition(service());
    assertThat(tasks.history(id)).containsExactly(RUNNING, PARTITIONED, LOST);
    heal();
    assertThat(tasks.successors(id)).hasSize(1);
  }
}
