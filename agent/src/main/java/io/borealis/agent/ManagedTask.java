package io.borealis.agent;

import io.borealis.agent.executor.TaskExecutor;
import io.borealis.agent.updates.StreamKey;
import io.borealis.agent.updates.TaskUpdate;
import io.borealis.api.agent.AgentResources;
import io.borealis.api.agent.AgentTask;
import io.borealis.api.agent.AgentTaskState;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One task of this agent until the scheduler knows of its end. What it is can be seen by any
 * thread; all else is confined to the loop of the tasks.
 */
final class ManagedTask {
  final RunPaths run;
  final @Nullable AgentResources used;

  /** What is not written down yet, the oldest first. */
  final Deque<TaskUpdate> unwritten = new ArrayDeque<>();

  /** Whether the first of them is being written. */
  boolean writing;

  /** Whether there are files of it, so that its updates go there. */
  boolean durable;

  @Nullable TaskExecutor executor;
  boolean killed;

  private volatile AgentTaskState latest;
  private final AtomicInteger unacknowledged;

  ManagedTask(
      RunPaths run, @Nullable AgentResources used, AgentTaskState latest, int unacknowledged) {
    this.run = run;
    this.used = used;
    this.latest = latest;
    this.unacknowledged = new AtomicInteger(unacknowledged);
  }

  StreamKey key() {
    return new StreamKey(run.frameworkId(), run.taskId());
  }

  /** The newest state, known to the scheduler or not. */
  AgentTaskState latest() {
    return latest;
  }

  /** Whether it has ended. */
  boolean hasEnded() {
    return TaskUpdate.isTerminal(latest);
  }

  /** As the scheduler is told. */
  AgentTask view() {
    return new AgentTask(run.taskId(), latest, used, unacknowledged.get() > 0);
  }

  /** A new state, of which the scheduler has to be told. */
  void reached(AgentTaskState state, TaskUpdate update) {
    // In this order: a registration must not tell an end whose update, which says more, is to come.
    unacknowledged.incrementAndGet();
    latest = state;
    unwritten.addLast(update);
  }

  /** The scheduler was told of one more. */
  void acknowledged() {
    unacknowledged.decrementAndGet();
  }
}
