package io.borealis.scheduler.cluster;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cluster that starts, ends and loses tasks by the clock alone. It outlives its leaders: a new
 * one finds the tasks of its State where the old one left them.
 *
 * <p>Any thread may call; all happens on the loop. Several leaders may share one cluster, each
 * through a {@link #session} of its own; only the one with the highest epoch is served.
 */
public final class SimulatedCluster implements ClusterDriver {
  private static final Logger LOG = LoggerFactory.getLogger(SimulatedCluster.class);
  private static final ImmutableSet<ScheduleStatus> DYING =
      ImmutableSet.of(
          ScheduleStatus.KILLING,
          ScheduleStatus.RESTARTING,
          ScheduleStatus.PREEMPTING,
          ScheduleStatus.DRAINING);

  private final SimulatedClusterSettings settings;
  private final EventLoop loop;
  private final Clock clock;
  private final Function<TaskConfig, Demand> demands;
  private final ClusterDriver main;

  // Confined to the loop.
  private final Map<String, SimulatedAgent> agents = new LinkedHashMap<>();
  private final Map<String, SimulatedTask> tasks = new LinkedHashMap<>();
  private final SimulatedReports reports;
  private final Map<String, SimulatedAgent> agentsByOffer = new HashMap<>();
  private final SimulatedOutages outages;
  private @Nullable ClusterListener listener;
  private long epoch = Long.MIN_VALUE;
  private long offerCount;

  /** A cluster on which executors need nothing. */
  public SimulatedCluster(SimulatedClusterSettings settings, EventLoop loop, Clock clock) {
    this(settings, loop, clock, config -> Demand.firm(ResourceVector.of(config)));
  }

  /**
   * @param demands what a task takes of its agent
   */
  public SimulatedCluster(
      SimulatedClusterSettings settings,
      EventLoop loop,
      Clock clock,
      Function<TaskConfig, Demand> demands) {
    this.settings = settings;
    this.demands = demands;
    this.loop = loop;
    this.clock = clock;
    this.reports = new SimulatedReports(settings, loop, clock, agents, tasks);
    this.outages =
        new SimulatedOutages(
            settings, agents, tasks, agentsByOffer, reports, this::end, this::offerSoon);
    for (int number = 1; number <= settings.hosts(); number++) {
      SimulatedAgent agent = new SimulatedAgent(settings, number);
      agents.put(agent.id, agent);
    }
    this.main = session();
  }

  /** A connection to this cluster for one leader after the other of one process. */
  public ClusterDriver session() {
    return new Session();
  }

  @Override
  public void start(ClusterListener newListener, long newEpoch, Iterable<ScheduledTask> known) {
    main.start(newListener, newEpoch, known);
  }

  @Override
  public void launch(String offerId, ImmutableList<ScheduledTask> assigned) {
    main.launch(offerId, assigned);
  }

  @Override
  public void decline(String offerId, Duration refuse) {
    main.decline(offerId, refuse);
  }

  @Override
  public void kill(String taskId) {
    main.kill(taskId);
  }

  @Override
  public void acknowledge(StatusUpdate update) {
    main.acknowledge(update);
  }

  @Override
  public void reconcile(Iterable<TaskRef> refs) {
    main.reconcile(refs);
  }

  @Override
  public void close() {
    main.close();
  }

  /** Takes a host from the cluster: its offers are void and its tasks are lost. */
  public void loseHost(String host) {
    loop.execute(() -> outages.lose(host));
  }

  /** Brings a lost host back, empty. */
  public void returnHost(String host) {
    loop.execute(() -> outages.replace(host));
  }

  /** Cuts a host off: its offers are void, and its tasks go on unheard. */
  public void partitionHost(String host) {
    loop.execute(() -> outages.partition(host));
  }

  /** Ends the partition of a host. */
  public void healHost(String host) {
    loop.execute(() -> outages.heal(host));
  }

  /** Ends a task that runs, as if by itself. */
  public void endTask(String taskId, ClusterTaskState state, String message) {
    loop.execute(
        () -> {
          SimulatedTask task = tasks.get(taskId);
          if (task != null && !task.state.isTerminal()) {
            end(task, state, message, null);
          }
        });
  }

  private void begin(ClusterListener next, long newEpoch, List<ScheduledTask> known) {
    listener = next;
    epoch = newEpoch;
    reports.serve(next, newEpoch);
    agentsByOffer.clear();
    agents.values().forEach(SimulatedAgent::reset);
    Map<String, ScheduledTask> knownById = new LinkedHashMap<>();
    known.forEach(task -> knownById.put(task.assignedTask().taskId(), task));
    tasks.keySet().retainAll(knownById.keySet());
    // Those that are here have their place; what was assigned but never arrived takes what is left.
    List<ScheduledTask> strangers = new ArrayList<>();
    for (ScheduledTask task : knownById.values()) {
      if (tasks.containsKey(task.assignedTask().taskId())) {
        adopt(task);
      } else {
        strangers.add(task);
      }
    }
    strangers.forEach(this::adopt);
    for (SimulatedAgent agent : agents.values()) {
      offerSoon(agent);
    }
  }

  /** State is right about which tasks there are; how far each one got is known best here. */
  private void adopt(ScheduledTask known) {
    String id = known.assignedTask().taskId();
    SimulatedTask task = tasks.get(id);
    boolean isNew = task == null || isBehind(task, known.status());
    if (isNew) {
      String agentId = known.assignedTask().slaveId();
      task = task(known, agentId == null ? "" : agentId);
      tasks.put(id, task);
    }
    SimulatedAgent agent = agents.get(task.agentId);
    task.away = agent != null && agent.away;
    boolean fits = agent != null && agent.free().fits(task.need);
    if (agent != null && !task.state.isTerminal()) {
      agent.use(task);
    }
    if (agent == null || (isNew && agent.lost)) {
      end(task, ClusterTaskState.TASK_LOST, "Agent is not registered", "REASON_AGENT_UNKNOWN");
      return;
    }
    if (isNew && !fits) {
      // The launch was lost with its leader, and the offer went to others.
      end(task, ClusterTaskState.TASK_LOST, "Agent has no room", "REASON_INVALID_OFFERS");
      return;
    }
    reports.begin(task);
    ScheduleStatus status = known.status();
    if (isNew) {
      if (status == ScheduleStatus.STARTING) {
        task.state = ClusterTaskState.TASK_STARTING;
      } else if (status != ScheduleStatus.ASSIGNED) {
        task.state = ClusterTaskState.TASK_RUNNING;
      }
      proceed(task);
    }
    if (DYING.contains(status)) {
      die(task);
    }
  }

  /** Whether another process, which led meanwhile, has seen the task get further than here. */
  private static boolean isBehind(SimulatedTask task, @Nullable ScheduleStatus status) {
    return switch (task.state) {
      case TASK_STAGING -> status == ScheduleStatus.STARTING || status == ScheduleStatus.RUNNING;
      case TASK_STARTING -> status == ScheduleStatus.RUNNING;
      default -> false;
    };
  }

  private void launchNow(String offerId, List<ScheduledTask> assigned) {
    SimulatedAgent agent = agentsByOffer.remove(offerId);
    if (agent == null) {
      assigned.forEach(task -> drop(task, "Offer " + offerId + " is no longer valid"));
      return;
    }
    Offer offer = agent.offers.get(offerId);
    if (offer == null) {
      throw new IllegalStateException("Offer " + offerId + " has no agent");
    }
    agent.withdraw(offer);
    Capacity left = offer.capacity();
    for (ScheduledTask scheduled : assigned) {
      SimulatedTask task = task(scheduled, agent.id);
      if (tasks.containsKey(task.id)) {
        LOG.warn("Task {} was launched before", task.id);
      } else if (!left.fits(task.need)) {
        drop(scheduled, "Task uses more resources than are offered");
      } else {
        left = left.minus(task.need);
        tasks.put(task.id, task);
        agent.use(task);
        proceed(task);
      }
    }
    offerSoon(agent);
  }

  private SimulatedTask task(ScheduledTask scheduled, String agentId) {
    return new SimulatedTask(scheduled, agentId, demands.apply(scheduled.assignedTask().task()));
  }

  private void drop(ScheduledTask scheduled, String message) {
    String agentId = scheduled.assignedTask().slaveId();
    SimulatedTask task = task(scheduled, agentId == null ? "" : agentId);
    if (tasks.putIfAbsent(task.id, task) == null) {
      task.state = ClusterTaskState.TASK_DROPPED;
      reports.add(task, message, "REASON_INVALID_OFFERS");
    }
  }

  private void declineNow(String offerId, Duration refuse) {
    SimulatedAgent agent = agentsByOffer.remove(offerId);
    Offer offer = agent == null ? null : agent.offers.get(offerId);
    if (agent == null || offer == null) {
      return;
    }
    agent.withdraw(offer);
    if (refuse.isZero() || refuse.isNegative()) {
      offerSoon(agent);
    } else {
      agent.refused = true;
      agent.refusedUntilNanos = clock.nanoTime() + refuse.toNanos();
      var unused = loop.schedule(refuse, () -> offerSoon(agent));
    }
  }

  private void killNow(String taskId) {
    SimulatedTask task = tasks.get(taskId);
    if (task == null) {
      reports.unknown(new TaskRef(taskId, null), "Attempted to kill an unknown task");
    } else {
      die(task);
    }
  }

  private void die(SimulatedTask task) {
    if (task.away
        || task.dying
        || task.state.isTerminal()
        || task.fate == SimulatedTask.Fate.SURVIVES_KILLS) {
      return;
    }
    task.dying = true;
    after(settings.killDelay(), task, () -> end(task, ClusterTaskState.TASK_KILLED, null, null));
  }

  /** Arranges the next step of a task's life from the state it is in. */
  private void proceed(SimulatedTask task) {
    Duration half = settings.startDelay().dividedBy(2);
    switch (task.state) {
      case TASK_STAGING -> {
        if (task.fate != SimulatedTask.Fate.STAYS_ASSIGNED) {
          after(half, task, () -> enter(task, ClusterTaskState.TASK_STARTING));
        }
      }
      case TASK_STARTING -> {
        if (task.fate != SimulatedTask.Fate.STAYS_STARTING) {
          after(
              settings.startDelay().minus(half),
              task,
              () -> enter(task, ClusterTaskState.TASK_RUNNING));
        }
      }
      case TASK_RUNNING -> {
        ClusterTaskState end = task.fate.end;
        if (end != null) {
          String message = end == ClusterTaskState.TASK_FAILED ? "peer: failed" : null;
          after(settings.lifetime(), task, () -> end(task, end, message, null));
        }
      }
      default -> {}
    }
  }

  private void enter(SimulatedTask task, ClusterTaskState state) {
    task.state = state;
    reports.add(task, null, null);
    proceed(task);
  }

  private void end(
      SimulatedTask task,
      ClusterTaskState state,
      @Nullable String message,
      @Nullable String reason) {
    boolean used = !task.state.isTerminal();
    task.phase++;
    task.state = state;
    reports.add(task, message, reason);
    SimulatedAgent agent = agents.get(task.agentId);
    if (used && agent != null) {
      agent.release(task);
      agent.refused = false;
      offerSoon(agent);
    }
  }

  /** Runs the step unless something else happened to the task, or it was forgotten, by then. */
  private void after(Duration delay, SimulatedTask task, Runnable step) {
    int phase = ++task.phase;
    var unused =
        loop.schedule(
            delay,
            () -> {
              if (task.phase == phase && tasks.get(task.id) == task) {
                step.run();
              }
            });
  }

  /**
   * Offers what is free on the agent a little later, so that what is freed at once goes at once.
   */
  private void offerSoon(SimulatedAgent agent) {
    if (agent.offerScheduled) {
      return;
    }
    agent.offerScheduled = true;
    var unused =
        loop.schedule(
            settings.offerDelay(),
            () -> {
              agent.offerScheduled = false;
              offerNow(agent);
            });
  }

  private void offerNow(SimulatedAgent agent) {
    boolean refused = agent.refused && clock.nanoTime() - agent.refusedUntilNanos < 0;
    if (listener != null && !refused && agent.isWorthOffering()) {
      agent.refused = false;
      Offer offer = agent.offer("offer-" + epoch + "-" + ++offerCount);
      agentsByOffer.put(offer.id(), agent);
      listener.onOffer(offer);
    }
  }

  /** What one leader says; ignored once a newer one has begun. */
  private final class Session implements ClusterDriver {
    // Confined to the loop.
    private @Nullable Long sessionEpoch;

    @Override
    public void start(ClusterListener newListener, long newEpoch, Iterable<ScheduledTask> known) {
      ImmutableList<ScheduledTask> tasksKnown = ImmutableList.copyOf(known);
      loop.execute(
          () -> {
            if (newEpoch < epoch) {
              LOG.warn("Epoch {} is refused, {} has begun", newEpoch, epoch);
            } else {
              sessionEpoch = newEpoch;
              begin(newListener, newEpoch, tasksKnown);
            }
          });
    }

    @Override
    public void launch(String offerId, ImmutableList<ScheduledTask> assigned) {
      command(() -> launchNow(offerId, assigned));
    }

    @Override
    public void decline(String offerId, Duration refuse) {
      command(() -> declineNow(offerId, refuse));
    }

    @Override
    public void kill(String taskId) {
      command(() -> killNow(taskId));
    }

    @Override
    public void acknowledge(StatusUpdate update) {
      command(() -> reports.acknowledge(update));
    }

    @Override
    public void reconcile(Iterable<TaskRef> refs) {
      List<TaskRef> copy = new ArrayList<>();
      refs.forEach(copy::add);
      command(() -> reports.reconcile(copy));
    }

    @Override
    public void close() {
      loop.execute(
          () -> {
            if (isServed()) {
              listener = null;
              reports.serveNobody();
            }
            sessionEpoch = null;
          });
    }

    private void command(Runnable action) {
      loop.execute(
          () -> {
            if (isServed()) {
              action.run();
            } else {
              LOG.debug("A command of epoch {} is refused", sessionEpoch);
            }
          });
    }

    private boolean isServed() {
      return sessionEpoch != null && sessionEpoch == epoch && listener != null;
    }
  }
}
