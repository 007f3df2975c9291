package io.borealis.scheduler.agents;

import com.google.common.collect.ImmutableList;
import io.borealis.api.AssignedTask;
import io.borealis.api.Attribute;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.agent.AcknowledgeUpdate;
import io.borealis.api.agent.AgentOrder;
import io.borealis.api.agent.AgentTask;
import io.borealis.api.agent.AgentUpdate;
import io.borealis.api.agent.LaunchTask;
import io.borealis.api.agent.ReconcileTasks;
import io.borealis.api.agent.RegisterRequest;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.agents.FleetAgent.Presence;
import io.borealis.scheduler.cluster.Capacity;
import io.borealis.scheduler.cluster.ClusterListener;
import io.borealis.scheduler.cluster.ClusterTaskState;
import io.borealis.scheduler.cluster.Demand;
import io.borealis.scheduler.cluster.ResourceVector;
import io.borealis.scheduler.cluster.StatusUpdate;
import io.borealis.scheduler.cluster.TaskRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agents and tasks that one term of a leader knows of. It begins with the tasks of State and
 * awaits their agents, and ends with the term. Confined to the loop.
 */
final class AgentFleet {
  private static final Logger LOG = LoggerFactory.getLogger(AgentFleet.class);

  private final AgentClusterSettings settings;
  private final EventLoop loop;
  private final Clock clock;
  private final Function<TaskConfig, Demand> demands;
  private final ClusterListener listener;
  private final AgentMeters meters;
  private final long epoch;
  private final FleetNews news;
  private final FleetOffers offers;
  private final Map<String, FleetAgent> agents = new LinkedHashMap<>();
  private final Map<String, FleetTask> tasks = new LinkedHashMap<>();
  private final Map<String, Candidate> candidates = new LinkedHashMap<>();
  private long sessions;
  private boolean awaiting = true;
  private boolean closed;

  /**
   * @param demands what a task takes of its agent
   * @param known the tasks that State holds as assigned to an agent
   */
  AgentFleet(
      AgentClusterSettings settings,
      EventLoop loop,
      Clock clock,
      Function<TaskConfig, Demand> demands,
      ClusterListener listener,
      long epoch,
      Iterable<ScheduledTask> known,
      AgentMeters meters) {
    this.settings = settings;
    this.loop = loop;
    this.clock = clock;
    this.demands = demands;
    this.listener = listener;
    this.meters = meters;
    this.epoch = epoch;
    this.news = new FleetNews(listener, settings.partitionAware(), clock);
    this.offers = new FleetOffers(listener, epoch, settings.offerDelay(), loop, clock);
    known.forEach(this::await);
    meters.count(agents.values());
    var unused = loop.schedule(settings.reregistration(), this::awaitNoLonger);
  }

  long epoch() {
    return epoch;
  }

  private void await(ScheduledTask known) {
    AssignedTask assigned = known.assignedTask();
    String agentId = assigned.slaveId();
    String taskId = assigned.taskId();
    if (agentId == null || taskId == null) {
      LOG.warn("Task {} is on no agent", taskId);
      return;
    }
    String host = assigned.slaveHost() == null ? "" : assigned.slaveHost();
    FleetAgent agent = agents.computeIfAbsent(agentId, id -> new FleetAgent(id, host));
    // How far it is will be told by its agent.
    FleetTask task = new FleetTask(taskId, agent, ClusterTaskState.TASK_STAGING, Share.NOTHING);
    task.inDoubt = known.status() == ScheduleStatus.ASSIGNED ? assigned : null;
    put(task);
  }

  private void put(FleetTask task) {
    tasks.put(task.id, task);
    task.agent.tasks.put(task.id, task);
  }

  private void forget(FleetTask task) {
    tasks.remove(task.id, task);
    task.agent.tasks.remove(task.id, task);
    task.agent.kills.remove(task.id);
  }

  private void awaitNoLonger() {
    if (closed) {
      return;
    }
    awaiting = false;
    for (FleetAgent agent : ImmutableList.copyOf(agents.values())) {
      if (agent.presence == Presence.AWAITED) {
        lose(agent, "Agent did not come back after a change of leader");
      }
    }
  }

  // ---- What agents say -------------------------------------------------------------------------

  /**
   * A session that counts once the agent speaks under it. A registration may have been under way
   * for so long that the agent waits for the answer to another one; what it tells is then not true
   * any more.
   */
  private record Candidate(
      RegisterRequest request, ImmutableList<Attribute> attributes, String session) {}

  /** Why the agent may not register; null when it may. */
  @Nullable String objection(RegisterRequest request) {
    String id = request.agentId();
    FleetAgent agent = agents.get(id);
    Candidate candidate = candidates.get(id);
    if (agent != null && agent.isRegistered() && !agent.host.equals(request.host())) {
      return "Agent %s is on host %s; on %s it needs a work directory of its own"
          .formatted(id, agent.host, request.host());
    } else if (agent != null && agent.isFormer(request.process())) {
      return ("Registration %d of agent %s is of a process that another one has followed:"
              + " are there two agents with copies of one work directory?")
          .formatted(request.number(), id);
    }
    long newest =
        Math.max(
            agent == null ? 0 : agent.number, candidate == null ? 0 : candidate.request().number());
    return request.number() > newest
        ? null
        : ("Registration %d of agent %s is older than number %d:"
                + " are there two agents with copies of one work directory?")
            .formatted(request.number(), id, newest);
  }

  /** Names a session for the agent, against which nothing speaks. */
  String register(RegisterRequest request, ImmutableList<Attribute> attributes) {
    String session = epoch + "-" + ++sessions;
    candidates.put(request.agentId(), new Candidate(request, attributes, session));
    meters.registrations.increment();
    return session;
  }

  private void begin(Candidate candidate) {
    RegisterRequest request = candidate.request();
    String id = request.agentId();
    String host = request.host();
    if (id == null || host == null) {
      throw new IllegalArgumentException("An agent without id or host was let in");
    }
    FleetAgent agent = agents.get(id);
    if (agent == null || !agent.host.equals(host)) {
      // Its host got another name meanwhile, or that is not in State.
      FleetAgent named = new FleetAgent(id, host);
      if (agent != null) {
        agent.tasks.values().forEach(task -> put(task.on(named)));
        named.kills.addAll(agent.kills);
      }
      agents.put(id, named);
      agent = named;
    }
    boolean away = !agent.isRegistered();
    boolean awaited = agent.presence == Presence.AWAITED;
    Set<String> listed = new HashSet<>();
    request.tasks().forEach(task -> listed.add(task.taskId()));
    agent.queue.restart(
        order ->
            !(order instanceof AgentOrder.Launch launch)
                || !listed.contains(launch.value().task().taskId()));
    agent.register(request, candidate.attributes(), candidate.session());
    heard(agent);
    if (awaited) {
      launchAnew(agent, listed);
    }
    compare(agent, request.tasks(), listed);
    passKillsOn(agent);
    if (!agent.offersStand()) {
      offers.rescind(agent);
    }
    offers.freed(agent);
    meters.count(agents.values());
    LOG.atInfo()
        .addKeyValue("agent", id)
        .addKeyValue("host", host)
        .addKeyValue("tasks", listed.size())
        .log(away ? "An agent has come" : "An agent has registered anew");
  }

  /**
   * The launches of an earlier leader are in State before they are sent, and may never have arrived
   * here. An agent that knows a task does not start it again.
   */
  private void launchAnew(FleetAgent agent, Set<String> listed) {
    for (FleetTask task : ImmutableList.copyOf(agent.tasks.values())) {
      AssignedTask assigned = task.inDoubt;
      task.inDoubt = null;
      if (assigned != null && !listed.contains(task.id) && !agent.kills.contains(task.id)) {
        task.share = Share.of(demands.apply(assigned.task()).amounts(), assigned);
        LOG.info(
            "Task {} of an earlier leader never came to {} and is launched", task.id, agent.id);
        order(agent, new AgentOrder.Launch(new LaunchTask(assigned, task.share.toWire())));
      }
    }
  }

  /** What the agent has is right, and whatever else was thought to be there is not. */
  private void compare(FleetAgent agent, ImmutableList<AgentTask> reported, Set<String> listed) {
    for (FleetTask task : ImmutableList.copyOf(agent.tasks.values())) {
      if (!listed.contains(task.id) && !isOnItsWay(task)) {
        forget(task);
        if (!task.state.isTerminal()) {
          news.missing(task);
        }
      }
    }
    for (AgentTask reportedTask : reported) {
      String id = reportedTask.taskId();
      FleetTask elsewhere = tasks.get(id);
      if (elsewhere != null && elsewhere.agent != agent) {
        LOG.error("Task {} is on the agents {} and {}", id, elsewhere.agent.id, agent.id);
        continue;
      }
      ClusterTaskState state = news.stateOf(reportedTask.state());
      FleetTask task =
          new FleetTask(
              id, agent, state, state.isTerminal() ? Share.NOTHING : Share.of(reportedTask.used()));
      put(task);
      if (!reportedTask.pending()) {
        news.reregistered(task);
        if (state.isTerminal()) {
          forget(task);
        }
      }
    }
  }

  private static boolean isOnItsWay(FleetTask task) {
    return task.agent.queue.contains(
        order ->
            order instanceof AgentOrder.Launch launch
                && task.id.equals(launch.value().task().taskId()));
  }

  private void passKillsOn(FleetAgent agent) {
    for (String taskId : agent.kills) {
      FleetTask task = agent.tasks.get(taskId);
      if (task != null && !task.state.isTerminal()) {
        agent.kill(taskId, clock.nanoTime());
      }
    }
    agent.kills.clear();
  }

  /** The agent of a session, which begins now if it is new; null when the session is over. */
  @Nullable FleetAgent agentOf(@Nullable String id, @Nullable String session) {
    Candidate candidate = candidates.get(id);
    if (candidate != null && candidate.session().equals(session)) {
      candidates.remove(id);
      begin(candidate);
    }
    FleetAgent agent = agents.get(id);
    return agent != null && agent.isRegistered() && agent.session.equals(session) ? agent : null;
  }

  /** Takes note of what was carried out; false when that was never asked for. */
  boolean done(FleetAgent agent, long number) {
    heard(agent);
    return agent.queue.done(
        number,
        (command, sinceNanos) ->
            meters.done(command, Duration.ofNanos(clock.nanoTime() - sinceNanos)));
  }

  /** Takes in what the agent reports; what comes late and was overtaken is left out. */
  void report(FleetAgent agent, long number, ImmutableList<AgentUpdate> updates) {
    heard(agent);
    if (number <= agent.lastReport) {
      return;
    }
    agent.lastReport = number;
    for (AgentUpdate update : updates) {
      report(agent, update);
    }
  }

  private void report(FleetAgent agent, AgentUpdate update) {
    ClusterTaskState state =
        news.stateOf(update.latest() == null ? update.state() : update.latest());
    FleetTask task = tasks.get(update.taskId());
    if (task != null && task.agent != agent) {
      LOG.error("Task {} is on {}, and {} reports it", task.id, task.agent.id, agent.id);
      return;
    }
    if (task == null && !state.isTerminal()) {
      // Nobody launched it in this term, but it can be killed now.
      task = new FleetTask(update.taskId(), agent, state, Share.NOTHING);
      put(task);
    }
    if (task != null && !task.state.isTerminal()) {
      task.state = state;
      if (state.isTerminal()) {
        task.share = Share.NOTHING;
        offers.freed(agent);
      }
    }
    if (task != null && state.isTerminal() && update.uuid() == null) {
      forget(task);
    }
    meters.updates.increment();
    news.reported(agent.id, update);
  }

  // ---- What the leader says --------------------------------------------------------------------

  void launch(String offerId, List<ScheduledTask> assigned) {
    FleetOffers.@Nullable Taken taken = offers.take(offerId);
    if (taken == null) {
      assigned.forEach(task -> drop(task, "Offer " + offerId + " is no longer valid"));
      return;
    }
    Share left = FleetAgent.shareOf(taken.offer());
    for (ScheduledTask scheduled : assigned) {
      AssignedTask task = scheduled.assignedTask();
      Demand need = demands.apply(task.task());
      Share share = Share.of(need.amounts(), task);
      if (tasks.containsKey(task.taskId())) {
        LOG.warn("Task {} was launched before", task.taskId());
      } else if (!left.holds(share) || !fits(left, need)) {
        drop(scheduled, "Task uses more resources than are offered");
      } else {
        left = left.without(List.of(share));
        put(new FleetTask(task.taskId(), taken.agent(), ClusterTaskState.TASK_STAGING, share));
        order(taken.agent(), new AgentOrder.Launch(new LaunchTask(task, share.toWire())));
      }
    }
    offers.soon(taken.agent());
  }

  private static boolean fits(Share left, Demand need) {
    return new Capacity(left.amounts(), ResourceVector.ZERO).fits(need);
  }

  private void drop(ScheduledTask scheduled, String message) {
    AssignedTask task = scheduled.assignedTask();
    if (!tasks.containsKey(task.taskId())) {
      news.dropped(task.taskId(), task.slaveId(), message);
    }
  }

  private void order(FleetAgent agent, AgentOrder order) {
    agent.queue.add(order, clock.nanoTime());
    meters.queued();
  }

  void decline(String offerId, Duration refuse) {
    offers.decline(offerId, refuse);
  }

  void kill(String taskId) {
    FleetTask task = tasks.get(taskId);
    if (task == null) {
      news.unknown(taskId, null, null, "Attempted to kill an unknown task");
    } else if (!task.state.isTerminal()) {
      task.agent.kill(taskId, clock.nanoTime());
      meters.count(agents.values());
    }
  }

  void acknowledge(StatusUpdate update) {
    FleetAgent agent = agents.get(update.agentId());
    String uuid = update.uuid();
    if (agent == null || uuid == null || !agent.isRegistered()) {
      // Its agent sends it again once it is here.
      return;
    }
    order(
        agent,
        new AgentOrder.Acknowledge(
            new AcknowledgeUpdate(update.taskId(), FleetNews.bytesOf(uuid))));
    FleetTask task = tasks.get(update.taskId());
    if (task != null && task.agent == agent && update.state().isTerminal()) {
      forget(task);
    }
  }

  /**
   * Asks the agents, since only they know. What is on none of them is answered here, unless its
   * agent may yet come.
   */
  void reconcile(List<TaskRef> refs) {
    Map<FleetAgent, List<String>> asked = new LinkedHashMap<>();
    if (refs.isEmpty()) {
      for (FleetAgent agent : agents.values()) {
        if (agent.isRegistered()) {
          asked.put(agent, ImmutableList.of());
        } else if (agent.presence == Presence.LOST) {
          agent.tasks.values().forEach(news::stillOutOfReach);
        }
      }
    }
    for (TaskRef ref : refs) {
      FleetTask task = tasks.get(ref.taskId());
      FleetAgent agent = task == null ? agents.get(ref.agentId()) : task.agent;
      if (task == null) {
        if (!awaiting || (agent != null && agent.presence != Presence.AWAITED)) {
          news.unknown(ref.taskId(), ref.agentId(), agent, "Reconciliation: Task is unknown");
        }
      } else if (task.agent.isRegistered()) {
        asked.computeIfAbsent(task.agent, each -> new ArrayList<>()).add(ref.taskId());
      } else if (task.agent.presence == Presence.LOST) {
        news.stillOutOfReach(task);
      }
    }
    asked.forEach(
        (agent, ids) ->
            order(agent, new AgentOrder.Reconcile(new ReconcileTasks(ImmutableList.copyOf(ids)))));
  }

  // ---- Silence ---------------------------------------------------------------------------------

  private void heard(FleetAgent agent) {
    agent.heardNanos = clock.nanoTime();
    if (!agent.checked) {
      agent.checked = true;
      checkAfter(agent, settings.timeout());
    }
  }

  private void checkAfter(FleetAgent agent, Duration delay) {
    long due = clock.nanoTime() + delay.toNanos();
    var unused = loop.schedule(delay, () -> check(agent, clock.nanoTime() - due));
  }

  /**
   * @param lateNanos how much later this is called than it should be: a process that was itself
   *     stopped has heard nobody, and that says nothing of them
   */
  private void check(FleetAgent agent, long lateNanos) {
    if (closed) {
      return;
    }
    if (!agent.isRegistered()) {
      agent.checked = false;
      return;
    }
    long timeout = settings.timeout().toNanos();
    long left = timeout - (clock.nanoTime() - agent.heardNanos);
    if (left > 0) {
      checkAfter(agent, Duration.ofNanos(left));
    } else if (lateNanos > timeout / 4) {
      LOG.warn("This process was late by {} ms", lateNanos / 1_000_000);
      checkAfter(agent, settings.timeout().dividedBy(2));
    } else {
      agent.checked = false;
      lose(agent, "Agent is out of reach");
    }
  }

  private void lose(FleetAgent agent, String message) {
    LOG.atWarn()
        .addKeyValue("agent", agent.id)
        .addKeyValue("host", agent.host)
        .addKeyValue("tasks", agent.tasks.size())
        .log(message);
    agent.presence = Presence.LOST;
    agent.queue.restart(order -> false);
    offers.rescind(agent);
    listener.onAgentLost(agent.id);
    ImmutableList.copyOf(agent.tasks.values()).forEach(task -> news.outOfReach(task, message));
    meters.count(agents.values());
  }

  /** The agents by id. */
  ImmutableList<AgentView> views() {
    return agents.values().stream().map(this::view).collect(ImmutableList.toImmutableList());
  }

  private AgentView view(FleetAgent agent) {
    return new AgentView(
        agent.id,
        agent.host,
        agent.presence.name(),
        agent.observer,
        agent.version,
        agent.session.isEmpty() ? null : (clock.nanoTime() - agent.heardNanos) / 1_000_000,
        agent.attributes,
        agent.total.amounts(),
        agent
            .total
            .without(agent.tasks.values().stream().map(task -> task.share).toList())
            .amounts(),
        (int) agent.tasks.values().stream().filter(task -> !task.state.isTerminal()).count(),
        agent.queue.size());
  }

  /** Ends with the term: whoever waits is told to look elsewhere. */
  void close() {
    closed = true;
    offers.close();
    agents.values().forEach(agent -> agent.queue.release());
    agents.clear();
    candidates.clear();
    tasks.clear();
    meters.count(agents.values());
  }
}
