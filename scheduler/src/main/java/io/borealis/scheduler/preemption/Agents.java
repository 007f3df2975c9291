package io.borealis.scheduler.preemption;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.scheduler.cluster.Capacity;
import io.borealis.scheduler.cluster.Offer;
import io.borealis.scheduler.scheduling.OfferBook;
import io.borealis.scheduler.scheduling.Prospects;
import io.borealis.scheduler.store.JobTasks;
import io.borealis.scheduler.store.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All agents that have tasks or offers, with their tasks: one pass over the active tasks for each
 * search. For one thread.
 */
final class Agents {
  /** The tasks that may be displaced; all others are on their way out already, or waiting. */
  static final ImmutableSet<ScheduleStatus> DISPLACEABLE =
      ImmutableSet.of(ScheduleStatus.ASSIGNED, ScheduleStatus.STARTING, ScheduleStatus.RUNNING);

  /** Tasks of one role that are all preemptible or all not. */
  private record Kin(String role, boolean preemptible) {}

  private final Map<String, SearchedAgent> byId = new HashMap<>();
  private final Map<Kin, Map<SearchedAgent, Capacity>> byKin = new HashMap<>();
  private final ImmutableList<SearchedAgent> displaceable;
  private final ImmutableList<SearchedAgent> roomy;
  private final int withoutAttributes;

  /**
   * @param known the last offer of each agent, held or not
   * @param closed agents that are kept for somebody
   * @param roles of the pending tasks
   */
  Agents(
      State state,
      Prospects prospects,
      Profiles profiles,
      ImmutableList<OfferBook.Held> held,
      ImmutableList<Offer> known,
      ImmutableSet<String> closed,
      ImmutableSet<String> roles) {
    Map<String, Long> unavailable = new HashMap<>();
    for (Offer offer : known) {
      if (offer.unavailableFromMs() != null) {
        unavailable.put(offer.agentId(), offer.unavailableFromMs());
      }
    }
    // By host and id, so that every search goes the same way.
    Map<String, SearchedAgent> inOrder = new TreeMap<>();
    for (OfferBook.Held each : held) {
      Offer offer = each.offer();
      if (!closed.contains(offer.agentId())) {
        add(
            inOrder,
            offer.host(),
            new SearchedAgent(
                offer.agentId(),
                prospects.host(offer.host(), offer.unavailableFromMs()),
                offer.capacity()));
      }
    }
    for (JobTasks tasks : state.tasks().jobs().values()) {
      for (ScheduledTask task : tasks.active().values()) {
        String agentId = task.assignedTask().slaveId();
        String host = task.assignedTask().slaveHost();
        if (agentId == null || host == null || closed.contains(agentId)) {
          continue;
        }
        SearchedAgent agent = byId.get(agentId);
        if (agent == null) {
          agent =
              new SearchedAgent(
                  agentId, prospects.host(host, unavailable.get(agentId)), Capacity.ZERO);
          add(inOrder, host, agent);
        }
        add(agent, task, profiles, roles);
      }
    }
    List<SearchedAgent> withCandidates = new ArrayList<>();
    List<SearchedAgent> withRoom = new ArrayList<>();
    int unknown = 0;
    for (SearchedAgent agent : inOrder.values()) {
      if (agent.host == null) {
        unknown++;
        continue;
      }
      if (agent.candidates() > 0 && !agent.isTaken()) {
        withCandidates.add(agent);
      }
      if (agent.room().isUsable()) {
        withRoom.add(agent);
      }
    }
    this.displaceable = ImmutableList.copyOf(withCandidates);
    this.roomy = ImmutableList.copyOf(withRoom);
    this.withoutAttributes = unknown;
  }

  private void add(Map<String, SearchedAgent> inOrder, String host, SearchedAgent agent) {
    byId.put(agent.id, agent);
    inOrder.put(host + "\n" + agent.id, agent);
  }

  private void add(
      SearchedAgent agent, ScheduledTask task, Profiles profiles, ImmutableSet<String> roles) {
    Profile profile = profiles.of(task.assignedTask().task());
    if (task.status() == ScheduleStatus.PREEMPTING) {
      agent.addLeaving(profile);
    } else if (DISPLACEABLE.contains(task.status())) {
      agent.add(Candidate.of(task, profile));
      if (roles.contains(profile.rank().role())) {
        byKin
            .computeIfAbsent(
                new Kin(profile.rank().role(), profile.rank().preemptible()),
                kin -> new HashMap<>())
            .merge(agent, profile.held(), Capacity::plus);
      }
    }
  }

  /** Where tasks of others may be displaced, in the order in which it is tried. */
  ImmutableList<SearchedAgent> displaceable() {
    return displaceable;
  }

  /** Where something is free or about to be. */
  ImmutableList<SearchedAgent> roomy() {
    return roomy;
  }

  /** How many agents are left out because State does not know their hosts. */
  int withoutAttributes() {
    return withoutAttributes;
  }

  /**
   * What the tasks of the same role that count as much hold, by agent; null when there are none.
   * Among them are those of lower priority.
   */
  @Nullable Map<SearchedAgent, Capacity> kin(Rank rank) {
    return byKin.get(new Kin(rank.role(), rank.preemptible()));
  }

  /** The agents of {@link #displaceable} that have such tasks. */
  static ImmutableList<SearchedAgent> only(
      ImmutableList<SearchedAgent> agents, Map<SearchedAgent, Capacity> kin) {
    return agents.stream().filter(kin::containsKey).collect(ImmutableList.toImmutableList());
  }
}
