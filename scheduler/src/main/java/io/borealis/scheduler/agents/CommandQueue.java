package io.borealis.scheduler.agents;

import com.google.common.collect.ImmutableList;
import io.borealis.api.agent.AgentCommand;
import io.borealis.api.agent.AgentOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The commands of one session that are not known to be carried out, and the poll that waits for
 * more. Confined to the loop.
 */
final class CommandQueue {
  /** What one answer carries at most; the next one follows at once. */
  private static final int MOST_AT_A_TIME = 100;

  /** A command and when it was queued, by the monotonic clock. */
  private record Queued(AgentCommand command, long sinceNanos) {}

  private final Deque<Queued> queue = new ArrayDeque<>();
  private long last;
  private @Nullable Consumer<ImmutableList<AgentCommand>> waiting;

  /** Queues an order, and sends it if somebody waits. */
  void add(AgentOrder order, long nowNanos) {
    queue.add(new Queued(new AgentCommand(++last, order), nowNanos));
    Consumer<ImmutableList<AgentCommand>> poll = waiting;
    if (poll != null) {
      waiting = null;
      poll.accept(first());
    }
  }

  /**
   * Forgets what was carried out.
   *
   * @param number of the last such command; one that was never given is false
   * @param sink receives each with when it was queued
   */
  boolean done(long number, Sink sink) {
    if (number > last || number < 0) {
      return false;
    }
    for (Queued next = queue.peek();
        next != null && next.command().number() <= number;
        next = queue.peek()) {
      queue.remove();
      sink.done(next.command(), next.sinceNanos());
    }
    return true;
  }

  /** Receives what was carried out. */
  @FunctionalInterface
  interface Sink {
    void done(AgentCommand command, long sinceNanos);
  }

  /** The commands that go next. */
  ImmutableList<AgentCommand> first() {
    return queue.stream()
        .limit(MOST_AT_A_TIME)
        .map(Queued::command)
        .collect(ImmutableList.toImmutableList());
  }

  /** Answers the poll with the next command; one that waits already is answered with nothing. */
  void hold(Consumer<ImmutableList<AgentCommand>> poll) {
    release();
    waiting = poll;
  }

  /** Answers the poll, if this one still waits, with nothing. */
  void release(Consumer<ImmutableList<AgentCommand>> poll) {
    if (poll.equals(waiting)) {
      release();
    }
  }

  /** Answers whoever waits with nothing. */
  void release() {
    Consumer<ImmutableList<AgentCommand>> poll = waiting;
    waiting = null;
    if (poll != null) {
      poll.accept(ImmutableList.of());
    }
  }

  /** Whether such an order is on its way. */
  boolean contains(Predicate<AgentOrder> what) {
    return queue.stream().anyMatch(queued -> what.test(queued.command().order()));
  }

  int size() {
    return queue.size();
  }

  /** Begins another session with those of the orders that still count. */
  void restart(Predicate<AgentOrder> kept) {
    release();
    List<Queued> old = new ArrayList<>(queue);
    queue.clear();
    last = 0;
    for (Queued queued : old) {
      if (kept.test(queued.command().order())) {
        queue.add(
            new Queued(new AgentCommand(++last, queued.command().order()), queued.sinceNanos()));
      }
    }
  }
}
