package io.borealis.scheduler.scheduling;

import io.borealis.scheduler.scheduling.Search.Cursor;
import io.borealis.scheduler.scheduling.Search.End;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One round of attempts: instances with a place of their own come first, then groups in turn, each
 * with as many tasks as there are places. Only groups are tried for which something is new. For one
 * thread and one use.
 */
final class Round {
  private static final Logger LOG = LoggerFactory.getLogger(Round.class);

  private final TaskGroups groups;
  private final Search search;
  private final SchedulingMeters meters;
  private final long arrivals;
  private final long nowNanos;
  private final Map<String, Group> tried = new HashMap<>();
  private final List<String> stale = new ArrayList<>();
  private final Set<Group> settled = new HashSet<>();
  private final Map<Start, Cursor> cursors = new HashMap<>();
  private int room;

  /** A group with its turn; those of its shape that come after it follow. */
  private record Next(Group group, long turn) {}

  /** Groups of one shape that have seen the same offers. */
  private record Start(Shape shape, long seen) {}

  /**
   * @param arrivals number of the latest offer that the search sees
   * @param room how many tasks may be placed
   */
  Round(
      TaskGroups groups,
      Search search,
      SchedulingMeters meters,
      long arrivals,
      long nowNanos,
      int room) {
    this.groups = groups;
    this.search = search;
    this.meters = meters;
    this.arrivals = arrivals;
    this.nowNanos = nowNanos;
    this.room = room;
  }

  /** The tasks that found a place, with their groups. */
  Map<String, Group> tried() {
    return tried;
  }

  /** The tasks that are not pending any more. */
  List<String> stale() {
    return stale;
  }

  /**
   * Tries whom something has changed for.
   *
   * @param kept tasks for which an agent is kept; those for which none is any more are taken out
   */
  void run(Set<String> kept, Affinity affinity) {
    placeKept(kept, affinity);
    groups.onArrivals(arrivals);
    groups.takeDue(nowNanos).forEach(this::settle);
    inTurn();
  }

  private void placeKept(Set<String> kept, Affinity affinity) {
    for (Iterator<String> each = kept.iterator(); each.hasNext() && room > 0; ) {
      String taskId = each.next();
      Group group = groups.of(taskId);
      if (group == null || !affinity.keepsAny()) {
        each.remove();
      } else if (!group.isWaiting && isPlacedWhereKept(group, taskId)) {
        tried.put(taskId, group);
        room--;
      }
    }
  }

  private boolean isPlacedWhereKept(Group group, String taskId) {
    try {
      return search.placeKept(group.request, taskId);
    } catch (RuntimeException failure) {
      // One task that cannot even be looked at must not hold up the others.
      fail(group, failure);
      return false;
    }
  }

  private void inTurn() {
    long last = groups.lastTurn();
    PriorityQueue<Next> queue = new PriorityQueue<>(Comparator.comparingLong(Next::turn));
    for (Shape shape : groups.takeOpen()) {
      follow(queue, shape, 0, last);
    }
    while (room > 0) {
      long ready = groups.nextReady().orElse(Long.MAX_VALUE);
      long following = queue.isEmpty() ? Long.MAX_VALUE : queue.peek().turn;
      if (Math.min(ready, following) > last) {
        return;
      }
      if (ready <= following) {
        attempt(groups.takeReady());
      } else {
        Next next = queue.remove();
        attempt(next.group);
        follow(queue, next.group.shape, next.turn, last);
      }
    }
    // The turns of the others come in the next round; what lets them try is not forgotten.
    queue.forEach(next -> groups.keepOpen(next.group.shape));
  }

  private void attempt(Group group) {
    if (settled.contains(group)) {
      return; // Its tasks have their places already, or cannot even be looked at.
    }
    Shape shape = group.shape;
    long seen = group.seenBefore();
    if (seen < arrivals) {
      // What a group saw did not suit it, though others of its shape may still have to look.
      Cursor cursor =
          cursors.computeIfAbsent(new Start(shape, seen), start -> search.cursor(start.seen));
      if (!cursor.isAtEnd()) {
        tryGroup(group, cursor);
      }
      if (cursor.isAtEnd() && seen == shape.seen) {
        shape.seen = arrivals;
      }
    }
    if (group.isDue && !settled.contains(group)) {
      settle(group);
    }
  }

  /** Lets the shape's next group that has not looked at all offers have its turn. */
  private void follow(PriorityQueue<Next> queue, Shape shape, long turn, long last) {
    if (shape.seen >= arrivals) {
      return;
    }
    Group group = shape.after(turn);
    while (group != null && group.turn <= last && group.seen >= arrivals) {
      group = shape.after(group.turn);
    }
    if (group != null && group.turn <= last) {
      queue.add(new Next(group, group.turn));
    }
  }

  private void tryGroup(Group group, Cursor cursor) {
    Search.Outcome outcome;
    try {
      outcome = search.place(group.request, group.taskIds, cursor, room);
    } catch (RuntimeException failure) {
      // One group that cannot even be looked at must not hold up the others.
      fail(group, failure);
      return;
    }
    int placed = outcome.placed().size();
    room -= placed;
    outcome.placed().forEach(taskId -> tried.put(taskId, group));
    stale.addAll(outcome.stale());
    group.wasCut = outcome.end() == End.LIMIT;
    if (group.wasCut) {
      groups.keepReady(group);
    } else if (outcome.end() == End.OFFERS) {
      group.seen = arrivals;
    }
    if (placed > 0) {
      settled.add(group);
      groups.hadTurn(group);
    }
  }

  private void fail(Group group, RuntimeException failure) {
    LOG.error("No place can be sought for {}", group.request.config().job(), failure);
    meters.failed.increment();
    settled.add(group);
    groups.suspend(group, nowNanos);
  }

  /** Nothing was found for a group whose time had come: the next attempt comes later. */
  private void settle(Group group) {
    meters.noMatch.increment(group.taskIds.size());
    groups.penalize(group, nowNanos);
    meters.penalized(group.penaltyNanos);
  }
}
