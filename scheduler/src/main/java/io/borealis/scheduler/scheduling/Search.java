package io.borealis.scheduler.scheduling;

import com.google.common.collect.ArrayListMultimap;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSetMultimap;
import com.google.common.collect.ListMultimap;
import io.borealis.api.InstanceKey;
import io.borealis.api.JobKey;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.scheduler.cluster.Capacity;
import io.borealis.scheduler.scheduling.OfferBook.Held;
import io.borealis.scheduler.scheduling.OfferUse.Assignment;
import io.borealis.scheduler.store.HostMode;
import io.borealis.scheduler.store.State;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One pass over the held offers for any number of groups: first fit in the order of offers, where
 * each placement counts for those after it. Changes nothing but itself; for one thread.
 */
final class Search {
  /**
   * What came of a group. Immutable.
   *
   * @param placed the tasks that found a place
   * @param stale the tasks that are not pending any more
   * @param end what it came to the end of
   */
  record Outcome(ImmutableList<String> placed, ImmutableList<String> stale, End end) {}

  /** What a search for a group comes to the end of: its tasks, the offers or its limit. */
  enum End {
    TASKS,
    OFFERS,
    LIMIT
  }

  /** How far along offers all groups of a shape are that have seen the same. For one search. */
  static final class Cursor {
    private final ImmutableList<Held> offers;
    private int position;

    Cursor(ImmutableList<Held> offers) {
      this.offers = offers;
    }

    /** Whether no offer suits any group of the shape. */
    boolean isAtEnd() {
      return position == offers.size();
    }
  }

  /** What an offer is to a group. */
  private enum Verdict {
    FITS,
    /** Not now, but perhaps to a group of the same shape. */
    NOT_FOR_GROUP,
    NOT_FOR_SHAPE
  }

  private final Matcher matcher;
  private final Affinity affinity;
  private final Claims claims;
  private final State state;
  private final SpreadCache spreads;
  private final OfferBook book;
  private final Consumer<ImmutableList<Veto>> onVeto;
  private final long nowMs;
  private final Map<String, Slot> slots = new LinkedHashMap<>();
  private final Map<Long, ImmutableList<Held>> offersSince = new HashMap<>();
  private final Map<JobKey, JobSpread> extended = new HashMap<>();
  private final ListMultimap<JobKey, ImmutableSetMultimap<String, String>> placedOn =
      ArrayListMultimap.create();
  private long looks;

  /**
   * @param onVeto told of each offer that does not suit
   */
  Search(
      Matcher matcher,
      Affinity affinity,
      Claims claims,
      State state,
      SpreadCache spreads,
      OfferBook book,
      Consumer<ImmutableList<Veto>> onVeto,
      long nowMs) {
    this.matcher = matcher;
    this.affinity = affinity;
    this.claims = claims;
    this.state = state;
    this.spreads = spreads;
    this.book = book;
    this.onVeto = onVeto;
    this.nowMs = nowMs;
  }

  /** The beginning of the offers that arrived after the given number. */
  Cursor cursor(long arrivedAfter) {
    return new Cursor(offersSince.computeIfAbsent(arrivedAfter, book::since));
  }

  /**
   * Finds places for tasks of one configuration, except for those that have a place of their own.
   * The work grows with the offers that no group of the shape has looked at and with the tasks
   * placed, not with those that wait.
   *
   * @param cursor of the group's shape, with the offers that the group has not seen
   * @param limit how many tasks to place at most
   */
  Outcome place(Matcher.Request request, Collection<String> taskIds, Cursor cursor, int limit) {
    ImmutableList.Builder<String> placed = ImmutableList.builder();
    ImmutableList.Builder<String> stale = ImmutableList.builder();
    int count = 0;
    int position = cursor.position;
    for (String taskId : taskIds) {
      if (count == limit) {
        return new Outcome(placed.build(), stale.build(), End.LIMIT);
      }
      ScheduledTask task = pending(taskId);
      if (task == null) {
        stale.add(taskId);
        continue;
      }
      InstanceKey instance = instance(task);
      if (affinity.agentFor(instance).isPresent()) {
        continue;
      }
      Slot slot = null;
      while (slot == null && position < cursor.offers.size()) {
        Held held = cursor.offers.get(position);
        Verdict verdict = judge(request, held);
        looks++;
        if (verdict == Verdict.FITS) {
          slot = slot(held);
        } else {
          // An offer that does not fit one task will not fit the next, so the search only goes on.
          if (verdict == Verdict.NOT_FOR_SHAPE && position == cursor.position) {
            cursor.position++;
          }
          position++;
        }
      }
      if (slot == null) {
        return new Outcome(placed.build(), stale.build(), End.OFFERS);
      }
      assign(request, taskId, instance, slot);
      placed.add(taskId);
      count++;
    }
    return new Outcome(placed.build(), stale.build(), End.TASKS);
  }

  /** Puts a task on the agent that is kept for it; false if it has none or cannot run there now. */
  boolean placeKept(Matcher.Request request, String taskId) {
    ScheduledTask task = pending(taskId);
    if (task == null) {
      return false;
    }
    InstanceKey instance = instance(task);
    Optional<String> agent = affinity.agentFor(instance);
    Held held = agent.map(book::ofAgent).orElse(null);
    if (held == null || !vetoes(request, slot(held)).isEmpty()) {
      return false;
    }
    assign(request, taskId, instance, slot(held));
    return true;
  }

  private @Nullable ScheduledTask pending(String taskId) {
    ScheduledTask task = state.tasks().get(taskId);
    return task != null && task.status() == ScheduleStatus.PENDING ? task : null;
  }

  private static InstanceKey instance(ScheduledTask task) {
    return new InstanceKey(task.assignedTask().task().job(), task.assignedTask().instanceId());
  }

  /** How often a group looked at an offer. */
  long looks() {
    return looks;
  }

  /** All placements so far, by offer. */
  ImmutableList<OfferUse> result() {
    ImmutableList.Builder<OfferUse> uses = ImmutableList.builder();
    for (Slot slot : slots.values()) {
      if (!slot.assignments.isEmpty()) {
        uses.add(new OfferUse(slot.held.offer(), ImmutableList.copyOf(slot.assignments)));
      }
    }
    return uses.build();
  }

  private Verdict judge(Matcher.Request request, Held held) {
    String agentId = held.offer().agentId();
    if (affinity.isReserved(agentId) || !held.offer().capacity().isUsable()) {
      return Verdict.NOT_FOR_SHAPE;
    }
    ImmutableList<Veto> vetoes = vetoes(request, slot(held));
    if (vetoes.isEmpty()) {
      return claims.isClosedTo(agentId, request.config()) ? Verdict.NOT_FOR_GROUP : Verdict.FITS;
    }
    return vetoes.get(0).kind() == Veto.Kind.LIMIT_NOT_SATISFIED
        ? Verdict.NOT_FOR_GROUP
        : Verdict.NOT_FOR_SHAPE;
  }

  private ImmutableList<Veto> vetoes(Matcher.Request request, Slot slot) {
    ImmutableList<Veto> vetoes =
        matcher.vetoes(
            request,
            slot.left.view(request.need()),
            slot.host,
            () -> spread(request.config().job()),
            nowMs);
    if (!vetoes.isEmpty()) {
      onVeto.accept(vetoes);
    }
    return vetoes;
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

  private void assign(Matcher.Request request, String taskId, InstanceKey instance, Slot slot) {
    slot.assignments.add(
        new Assignment(taskId, instance, slot.ports.take(request.portNames()), request.need()));
    slot.left = slot.left.minus(request.need());
    JobKey job = request.config().job();
    placedOn.put(job, slot.host.attributes());
    JobSpread spread = extended.get(job);
    if (spread != null) {
      spread.add(slot.host.attributes(), 1);
    }
  }

  private Slot slot(Held held) {
    Slot slot = slots.get(held.offer().id());
    if (slot == null) {
      slot = new Slot(held, hostOf(held));
      slots.put(held.offer().id(), slot);
    }
    return slot;
  }

  /** The host of an offer, in the mode that State has for it. */
  private HostView hostOf(Held held) {
    return new HostView(
        held.offer().host(),
        held.attributes(),
        HostMode.of(state, held.offer().host()),
        held.offer().unavailableFromMs());
  }

  /** An offer and what this pass has put on it. */
  private static final class Slot {
    final Held held;
    final HostView host;
    final PortPool ports;
    final List<Assignment> assignments = new ArrayList<>();
    Capacity left;

    Slot(Held held, HostView host) {
      this.held = held;
      this.host = host;
      this.left = held.offer().capacity();
      this.ports = new PortPool(held.offer().ports());
    }
  }
}
