package io.borealis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.HashMultimap;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.SetMultimap;
import io.borealis.api.AssignedTask;
import io.borealis.api.Resource;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.scheduler.agents.AgentCluster;
import io.borealis.scheduler.cluster.ClusterDriver;
import io.borealis.scheduler.cluster.ClusterListener;
import io.borealis.scheduler.cluster.Offer;
import io.borealis.scheduler.cluster.PortRange;
import io.borealis.scheduler.cluster.ResourceVector;
import io.borealis.scheduler.cluster.StatusUpdate;
import io.borealis.scheduler.cluster.TaskRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One term of a leader in stories: places tasks on offers, kills some, keeps what is reported, and
 * does nothing durable once another has taken over. For one thread.
 */
final class LineLeader implements ClusterListener {
  private static final Duration DURABLE = Duration.ofMillis(5);
  private static final Duration KILL_RETRY = Duration.ofSeconds(5);

  /** What all leaders share, and a crash does not take. */
  static final class State {
    final Map<String, ScheduledTask> live = new LinkedHashMap<>();
    final Map<String, String> ended = new LinkedHashMap<>();

    /** Updates that wait for an acknowledgement, as they first came, by task. */
    final Map<String, List<String>> reported = new LinkedHashMap<>();

    /** What each leader found assigned, by its epoch. */
    final SetMultimap<Long, String> inherited = HashMultimap.create();

    long epoch;
    int launched;
  }

  private final LineWorld world;
  private final State state;
  private final ClusterDriver driver;
  private final long epoch;
  private final List<Offer> offers = new ArrayList<>();
  final List<String> lost = new ArrayList<>();
  boolean steppedDown;

  /** Takes over. */
  LineLeader(LineWorld world, State state, AgentCluster cluster) {
    this.world = world;
    this.state = state;
    this.epoch = ++state.epoch;
    this.driver = cluster.session(reason -> steppedDown = true);
    ImmutableList<ScheduledTask> known = ImmutableList.copyOf(state.live.values());
    driver.start(this, epoch, known);
    for (ScheduledTask task : known) {
      if (task.status() == ScheduleStatus.ASSIGNED) {
        state.inherited.put(epoch, task.assignedTask().taskId());
      }
      if (task.status() == ScheduleStatus.KILLING) {
        killAgain(task.assignedTask().taskId());
      }
    }
    reconcile();
  }

  private boolean leads() {
    return state.epoch == epoch;
  }

  /** Ends the term in order. */
  void close() {
    driver.close();
  }

  void reconcile() {
    List<TaskRef> refs = new ArrayList<>();
    state.live.forEach((id, task) -> refs.add(new TaskRef(id, task.assignedTask().slaveId())));
    if (!refs.isEmpty()) {
      driver.reconcile(refs);
    }
    driver.reconcile(List.of());
  }

  private void later(Duration delay, Runnable action) {
    var unused = world.runtimes.newLoop("leader " + epoch).schedule(delay, action);
  }

  /** Places a task on an offer, if there is one. */
  void launch() {
    if (offers.isEmpty() || !leads()) {
      return;
    }
    Offer offer = offers.remove(world.random.nextInt(offers.size()));
    if (offer.ports().isEmpty() || !ResourceVector.of(1, 1024, 100, 1).fitsIn(offer.resources())) {
      driver.decline(offer.id(), Duration.ofSeconds(5));
      return;
    }
    PortRange range = offer.ports().get(0);
    String id = "e" + epoch + "-t" + ++state.launched;
    ScheduledTask task =
        ScheduledTask.builder()
            .status(ScheduleStatus.ASSIGNED)
            .assignedTask(
                AssignedTask.builder()
                    .taskId(id)
                    .slaveId(offer.agentId())
                    .slaveHost(offer.host())
                    .assignedPorts(
                        ImmutableMap.of("http", range.first() + world.random.nextInt(range.size())))
                    .task(
                        TaskConfig.builder()
                            .resources(
                                ImmutableSet.of(
                                    new Resource.NumCpus(1),
                                    new Resource.RamMb(1024),
                                    new Resource.DiskMb(100),
                                    new Resource.NamedPort("http")))
                            .build())
                    .build())
            .build();
    state.live.put(id, task);
    // Effects follow what is durable.
    later(DURABLE, () -> driver.launch(offer.id(), ImmutableList.of(task)));
  }

  /** Kills one of the tasks. */
  void kill() {
    if (state.live.isEmpty() || !leads()) {
      return;
    }
    List<String> ids = List.copyOf(state.live.keySet());
    String id = ids.get(world.random.nextInt(ids.size()));
    state.live.computeIfPresent(
        id, (same, task) -> task.toBuilder().status(ScheduleStatus.KILLING).build());
    later(DURABLE, () -> killAgain(id));
  }

  private void killAgain(String id) {
    ScheduledTask task = state.live.get(id);
    if (leads() && task != null && task.status() == ScheduleStatus.KILLING) {
      driver.kill(id);
      later(KILL_RETRY, () -> killAgain(id));
    }
  }

  @Override
  public void onOffer(Offer offer) {
    assertThat(offers).noneMatch(other -> other.id().equals(offer.id()));
    offers.add(offer);
    if (offers.stream().filter(each -> each.agentId().equals(offer.agentId())).count() > 1) {
      // As the offer book does: both go, so that one comes.
      offers.removeIf(
          each -> {
            boolean same = each.agentId().equals(offer.agentId());
            if (same) {
              driver.decline(each.id(), Duration.ZERO);
            }
            return same;
          });
    }
  }

  @Override
  public void onOfferRescinded(String offerId) {
    offers.removeIf(offer -> offer.id().equals(offerId));
  }

  @Override
  public void onAgentLost(String agentId) {
    lost.add(agentId);
    offers.removeIf(offer -> offer.agentId().equals(agentId));
  }

  @Override
  public void onStatus(StatusUpdate update) {
    later(DURABLE, () -> store(update));
  }

  private void store(StatusUpdate update) {
    if (!leads()) {
      return;
    }
    String id = update.taskId();
    if (update.uuid() != null) {
      List<String> known = state.reported.computeIfAbsent(id, each -> new ArrayList<>());
      if (known.contains(update.uuid())) {
        // Again, but never after a later one.
        assertThat(known.get(known.size() - 1)).isEqualTo(update.uuid());
      } else {
        known.add(update.uuid());
      }
    }
    ScheduledTask task = state.live.get(id);
    if (update.state().isTerminal()) {
      if ("REASON_AGENT_RESTARTED".equals(update.reason())) {
        // No agent loses a task in these stories, so that it can only have missed the launch.
        assertThat(world.agents.get(update.agentId()).handler.lives(id)).isFalse();
      }
      if (task != null) {
        state.live.remove(id);
        state.ended.put(id, update.state() + " " + update.message());
      }
    } else if (task == null) {
      driver.kill(id);
    }
    if (update.uuid() != null) {
      driver.acknowledge(update);
    }
  }
}
