package io.borealis.scheduler.scheduling;

import io.borealis.scheduler.scheduling.Matcher.Request;
import java.util.LinkedHashSet;
import java.util.Set;

/** The tasks of one configuration that wait for places. For one thread. */
final class Group {
  final Request request;
  final Shape shape;
  final Set<String> taskIds = new LinkedHashSet<>();

  /** Which came first of those that are due at one time. */
  final long number;

  /** Grows with each turn; the least of all has the next one. */
  long turn;

  /** All offers that arrived until then have been looked at for this group. */
  long seen;

  /** Monotonic time of the next attempt, whatever happens until then. */
  long dueNanos;

  /** Whether that time has come, and what comes of it is not known yet. */
  boolean isDue;

  /** Whether no attempt is made before that. */
  boolean isWaiting = true;

  /** The time from the last attempt, which failed, to the next one; 0 if the last one did not. */
  long penaltyNanos;

  /** Whether its last turn ended because a transaction was full. */
  boolean wasCut;

  Group(Request request, Shape shape, long number) {
    this.request = request;
    this.shape = shape;
    this.number = number;
  }

  /** All offers that arrived until then are known not to suit its tasks. */
  long seenBefore() {
    return Math.max(seen, shape.seen);
  }

  /** Lets the others go before a task that had bad luck. */
  void putLast(String taskId) {
    if (taskIds.remove(taskId)) {
      taskIds.add(taskId);
    }
  }
}
