package io.borealis.scheduler.cluster;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Hosts of a simulated cluster that are lost for good or out of reach for a while. Confined to the
 * loop.
 */
final class SimulatedOutages {
  private final SimulatedClusterSettings settings;
  private final Map<String, SimulatedAgent> agents;
  private final Map<String, SimulatedTask> tasks;
  private final Map<String, SimulatedAgent> agentsByOffer;
  private final SimulatedReports reports;
  private final End end;
  private final Consumer<SimulatedAgent> offer;

  /** Ends a task. */
  @FunctionalInterface
  interface End {
    void end(SimulatedTask task, ClusterTaskState state, String message, String reason);
  }

  /**
   * @param offer offers what is free on an agent
   */
  SimulatedOutages(
      SimulatedClusterSettings settings,
      Map<String, SimulatedAgent> agents,
      Map<String, SimulatedTask> tasks,
      Map<String, SimulatedAgent> agentsByOffer,
      SimulatedReports reports,
      End end,
      Consumer<SimulatedAgent> offer) {
    this.settings = settings;
    this.agents = agents;
    this.tasks = tasks;
    this.agentsByOffer = agentsByOffer;
    this.reports = reports;
    this.end = end;
    this.offer = offer;
  }

  /** The host is gone for good, and its tasks with it. */
  void lose(String host) {
    SimulatedAgent agent = agentOf(host);
    if (agent == null || agent.lost) {
      return;
    }
    agent.lost = true;
    agent.away = false;
    withdrawOffers(agent);
    for (SimulatedTask task : tasksOf(agent)) {
      task.away = false;
      if (!task.state.isTerminal()) {
        end.end(
            task,
            settings.partitionAware() ? ClusterTaskState.TASK_GONE : ClusterTaskState.TASK_LOST,
            "Agent removed",
            "REASON_AGENT_REMOVED");
      }
    }
  }

  /** A lost host is replaced by an empty one. */
  void replace(String host) {
    SimulatedAgent agent = agentOf(host);
    if (agent != null && agent.lost) {
      agent.lost = false;
      offer.accept(agent);
    }
  }

  /** The host is out of reach; its tasks go on. */
  void partition(String host) {
    SimulatedAgent agent = agentOf(host);
    if (agent == null || agent.lost || agent.away) {
      return;
    }
    agent.away = true;
    withdrawOffers(agent);
    for (SimulatedTask task : tasksOf(agent)) {
      task.away = true;
      reports.outOfReach(task, "Agent is out of reach", "REASON_AGENT_REMOVED");
    }
  }

  /** The host is back, and its tasks say what has become of them. */
  void heal(String host) {
    SimulatedAgent agent = agentOf(host);
    if (agent == null || !agent.away) {
      return;
    }
    agent.away = false;
    for (SimulatedTask task : tasksOf(agent)) {
      task.away = false;
      if (task.unacknowledged.isEmpty()) {
        reports.add(task, null, "REASON_AGENT_REREGISTERED");
      } else {
        reports.begin(task);
      }
    }
    offer.accept(agent);
  }

  private void withdrawOffers(SimulatedAgent agent) {
    List<Offer> offers = ImmutableList.copyOf(agent.offers.values());
    for (Offer each : offers) {
      agentsByOffer.remove(each.id());
      agent.withdraw(each);
    }
    reports.agentGone(agent, offers);
  }

  private List<SimulatedTask> tasksOf(SimulatedAgent agent) {
    List<SimulatedTask> its = new ArrayList<>();
    for (SimulatedTask task : tasks.values()) {
      if (task.agentId.equals(agent.id)) {
        its.add(task);
      }
    }
    return its;
  }

  private @Nullable SimulatedAgent agentOf(String host) {
    for (SimulatedAgent agent : agents.values()) {
      if (agent.host.equals(host)) {
        return agent;
      }
    }
    return null;
  }
}
