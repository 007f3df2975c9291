package io.borealis.scheduler.scheduling;

import com.google.common.collect.ArrayListMultimap;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSetMultimap;
import com.google.common.collect.ListMultimap;
import io.borealis.api.InstanceKey;
import io.borealis.api.JobKey;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.scheduler.cluster.ResourceVector;
import io.borealis.scheduler.scheduling.OfferUse.Assignment;
import io.borealis.scheduler.store.State;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One pass over the held offers for any number of groups: first fit in the order of hosts, where
 * each placement counts for those after it. Changes nothing but itself; for one thread.
 */
final class Search {
  /**
   * What came of a group. Immutable.
   *
   * @param placed the tasks that found a place
   * @param stale the tasks that are not pending any more
   */
  record Outcome(ImmutableList<String> placed, ImmutableList<String> stale) {}

  private final Matcher matcher;
  private final Affinity affinity;
  private final Claims claims;
  private final State state;
  private final SpreadCache spreads;
  private final long nowMs;
  private final List<Slot> slots = new ArrayList<>();
  private final Map<String, Slot> byAgent = new HashMap<>();
  private final Map<JobKey, JobSpread> extended = new HashMap<>();
  private final ListMultimap<JobKey, ImmutableSetMultimap<String, String>> placedOn =
      ArrayListMultimap.create();

  Search(
      Matcher matcher,
      Affinity affinity,
      Claims claims,
      State state,
      SpreadCache spreads,
      ImmutableList<OfferBook.Held> offers,
      long nowMs) {
    this.matcher = matcher;
    this.affinity = affinity;
    this.claims = claims;
    this.state = state;
    this.spreads = spreads;
    this.nowMs = nowMs;
    for (OfferBook.Held held : offers) {
      Slot slot = new Slot(held);
      slots.add(slot);
      byAgent.put(held.offer().agentId(), slot);
    }
  }

  /**
   * Finds places for tasks of one configuration. The work grows with the offers and with the tasks
   * placed, not with those that wait.
   *
   * @param arrivedAfter only offers that arrived later are looked at
   * @param limit how many tasks to place at most
   */
  Outcome place(Matcher.Request request, Collection<String> taskIds, long arrivedAfter, int limit) {
    Placing placing = new Placing(request, taskIds, arrivedAfter, limit);
    placing.run();
    return new Outcome(placing.placed.build(), placing.stale.build());
  }

  /** All placements so far, by offer. */
  ImmutableList<OfferUse> result() {
    ImmutableList.Builder<OfferUse> uses = ImmutableList.builder();
    for (Slot slot : slots) {
      if (!slot.assignments.isEmpty()) {
        uses.add(new OfferUse(slot.held.offer(), ImmutableList.copyOf(slot.assignments)));
      }
    }
    return uses.build();
  }

  private JobSpread spread(JobKey job) {
    return extended.computeIfAbsent(
        job,
        key -> {
          JobSpread spread = spreads.of(state, key).extend();
          placedOn.get(key).forEach(attributes -> spread.add(attributes, 1));
          return spread;
        });
  }

  private boolean fits(Matcher.Request request, Slot slot) {
    return request.demand().fitsIn(slot.left)
        && matcher
            .vetoes(request, slot.left, slot.host(), () -> spread(request.config().job()), nowMs)
            .isEmpty();
  }

  private void assign(Matcher.Request request, String taskId, InstanceKey instance, Slot slot) {
    slot.assignments.add(
        new Assignment(taskId, instance, slot.ports.take(request.portNames()), request.demand()));
    slot.left = slot.left.minus(request.demand());
    JobKey job = request.config().job();
    ImmutableSetMultimap<String, String> attributes = slot.host().attributes();
    placedOn.put(job, attributes);
    JobSpread spread = extended.get(job);
    if (spread != null) {
      spread.add(attributes, 1);
    }
  }

  /** Places the tasks of one group; remembers how far along the offers it is. */
  private final class Placing {
    private final Matcher.Request request;
    private final Collection<String> taskIds;
    private final long arrivedAfter;
    private final int limit;
    private final ImmutableList.Builder<String> placed = ImmutableList.builder();
    private final ImmutableList.Builder<String> stale = ImmutableList.builder();
    private int position;

    Placing(Matcher.Request request, Collection<String> taskIds, long arrivedAfter, int limit) {
      this.request = request;
      this.taskIds = taskIds;
      this.arrivedAfter = arrivedAfter;
      this.limit = limit;
    }

    void run() {
      int count = 0;
      int waiting = 0;
      for (String taskId : taskIds) {
        if (count >= limit || waiting >= limit) {
          return;
        }
        ScheduledTask task = state.tasks().get(taskId);
        if (task == null || task.status() != ScheduleStatus.PENDING) {
          stale.add(taskId);
          continue;
        }
        InstanceKey instance =
            new InstanceKey(request.config().job(), task.assignedTask().instanceId());
        Optional<String> agent = affinity.agentFor(instance);
        Slot slot = agent.isPresent() ? slotOf(agent.get()) : firstFit();
        if (slot != null) {
          assign(request, taskId, instance, slot);
          placed.add(taskId);
          count++;
        } else if (agent.isPresent() || affinity.keepsAny()) {
          waiting++; // One of those behind it may have a place of its own.
        } else {
          return;
        }
      }
    }

    private @Nullable Slot slotOf(String agentId) {
      Slot slot = byAgent.get(agentId);
      return slot != null && fits(request, slot) ? slot : null;
    }

    /** An offer that does not fit one task will not fit the next, so the search only goes on. */
    private @Nullable Slot firstFit() {
      while (position < slots.size()) {
        Slot slot = slots.get(position);
        if (slot.held.arrival() > arrivedAfter
            && !affinity.isReserved(slot.held.offer().agentId())
            && !claims.isClosedTo(slot.held.offer().agentId(), request.config())
            && fits(request, slot)) {
          return slot;
        }
        position++;
      }
      return null;
    }
  }

  /** An offer and what this pass has put on it. */
  private final class Slot {
    final OfferBook.Held held;
    final PortPool ports;
    final List<Assignment> assignments = new ArrayList<>();
    ResourceVector left;
    private @Nullable HostView host;

    Slot(OfferBook.Held held) {
      this.held = held;
      this.left = held.offer().resources();
      this.ports = new PortPool(held.offer().ports());
    }

    HostView host() {
      HostView view = host;
      if (view == null) {
        view = HostView.of(held.offer(), state.hosts().get(held.offer().host()));
        host = view;
      }
      return view;
    }
  }
}
