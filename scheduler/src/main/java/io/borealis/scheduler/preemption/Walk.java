package io.borealis.scheduler.preemption;

import com.google.common.collect.ImmutableList;
import io.borealis.scheduler.cluster.Capacity;
import io.borealis.scheduler.cluster.Demand;
import io.borealis.scheduler.scheduling.HostView;
import io.borealis.scheduler.scheduling.Prospects.Prospect;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Goes along the agents for tasks that ask for the same. During a search agents only lose what they
 * have for others, so an agent that did not serve one task will not serve the next: nobody goes
 * back. For one thread.
 */
final class Walk {
  /** An agent with those who have to leave it. Immutable. */
  record Found(SearchedAgent agent, ImmutableList<Candidate> victims) {}

  private final Profile pending;
  private final Prospect prospect;
  private final boolean isLimited;
  private final ImmutableList<SearchedAgent> roomy;
  private final ImmutableList<SearchedAgent> displaceable;
  private final @Nullable Map<SearchedAgent, Capacity> kin;
  private int nextRoomy;
  private int nextDisplaceable;

  Walk(Profile pending, Prospect prospect, Agents agents) {
    this.pending = pending;
    this.prospect = prospect;
    this.isLimited = prospect.isLimited();
    this.roomy = agents.roomy();
    this.kin = agents.kin(pending.rank());
    this.displaceable =
        !pending.rank().preemptible()
            ? agents.displaceable()
            : kin == null ? ImmutableList.of() : Agents.only(agents.displaceable(), kin);
  }

  /** Promises a task room that nobody has to make; false when there is none. */
  boolean findsRoom() {
    Demand demand = pending.demand();
    for (; nextRoomy < roomy.size(); nextRoomy++) {
      SearchedAgent agent = roomy.get(nextRoomy);
      HostView host = agent.host;
      if (host != null
          && agent.room().fits(demand)
          && prospect.fits(agent.room().view(demand), host, 0)) {
        agent.promise(demand);
        place(host, 0);
        return true;
      }
    }
    return false;
  }

  /** Takes the next agent on which tasks can be displaced for a task; null when there is none. */
  @Nullable Found findVictims() {
    while (nextDisplaceable < displaceable.size()) {
      SearchedAgent agent = displaceable.get(nextDisplaceable++);
      HostView host = agent.host;
      if (host == null || agent.isTaken() || !couldServe(agent, host)) {
        continue;
      }
      ImmutableList<Candidate> victims =
          VictimChoice.choose(
              pending,
              agent.largestFirst(),
              agent.slack(),
              (available, gone) ->
                  prospect.fits(available.view(pending.demand()), host, ofSameJob(gone)));
      if (!victims.isEmpty()) {
        agent.take();
        place(host, ofSameJob(victims));
        return new Found(agent, victims);
      }
    }
    return null;
  }

  /** Whether the host would take the task if all went who could be made to, and some more. */
  private boolean couldServe(SearchedAgent agent, HostView host) {
    Capacity most = pending.rank().preemptible() ? agent.slack() : agent.withoutPreemptible();
    Capacity ofKin = kin == null ? null : kin.get(agent);
    if (ofKin != null) {
      most = most.plus(ofKin);
    }
    return most.fits(pending.demand())
        && prospect.fits(most.view(pending.demand()), host, isLimited ? agent.candidates() : 0);
  }

  private void place(HostView host, int gone) {
    if (isLimited) {
      prospect.place(host, gone);
    }
  }

  private int ofSameJob(List<Candidate> gone) {
    int count = 0;
    for (Candidate candidate : gone) {
      if (candidate.profile().config().job().equals(pending.config().job())) {
        count++;
      }
    }
    return count;
  }
}
