package io.borealis.scheduler.reconcile;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import io.borealis.api.ScheduledTask;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.cluster.TaskRef;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.task.TaskStates;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Asks for the state of tasks again and again, and when an administrator wants it. The takeover of
 * a leader is not its business: all is asked for at once then.
 *
 * <p>Started and closed on the writer's loop; any thread may ask.
 */
public final class Reconciler implements AutoCloseable {
  /** Runs under way; the oldest ends when another comes, since that asks for the same tasks. */
  static final int MOST_RUNS = 8;

  private final ReconcilePolicy policy;
  private final Supplier<State> state;
  private final Consumer<ImmutableList<TaskRef>> driver;
  private final EventLoop loop;
  private final Executor looking;
  private final Counter explicitRuns;
  private final Counter implicitRuns;

  // Confined to the loop.
  private final Set<EventLoop.Timer> periods = new HashSet<>();
  private final Deque<Run> runs = new ArrayDeque<>();
  private boolean closed;

  /**
   * @param state the durable State
   * @param driver receives each question; an empty one is for all tasks
   * @param loop the writer's
   * @param looking where State is looked at, which takes time
   */
  public Reconciler(
      ReconcilePolicy policy,
      Supplier<State> state,
      Consumer<ImmutableList<TaskRef>> driver,
      EventLoop loop,
      Executor looking,
      MeterRegistry meters) {
    this.policy = policy;
    this.state = state;
    this.driver = driver;
    this.loop = loop;
    this.looking = looking;
    this.explicitRuns = meters.counter("reconciliation_explicit_runs");
    this.implicitRuns = meters.counter("reconciliation_implicit_runs");
  }

  /** Begins to ask by itself. */
  public void start() {
    every(policy.initialDelay(), policy.explicitInterval(), () -> explicitly(policy.batchSize()));
    every(policy.initialDelay().plus(policy.spread()), policy.implicitInterval(), this::implicitly);
  }

  private void every(Duration first, Duration interval, Runnable question) {
    if (closed) {
      return;
    }
    EventLoop.Timer[] timer = new EventLoop.Timer[1];
    timer[0] =
        loop.schedule(
            first,
            () -> {
              periods.remove(timer[0]);
              every(interval, interval, question);
              question.run();
            });
    periods.add(timer[0]);
  }

  /** Asks for the tasks the cluster should have, as many at a time as is usual. */
  public void explicitly() {
    explicitly(policy.batchSize());
  }

  /** Asks for the tasks the cluster should have, so many at a time. */
  public void explicitly(int batchSize) {
    explicitRuns.increment();
    looking.execute(
        () -> {
          ImmutableList<ImmutableList<String>> batches = batches(state.get(), batchSize);
          loop.execute(() -> begin(new Run(batches)));
        });
  }

  /** Asks for all tasks the cluster has. */
  public void implicitly() {
    implicitRuns.increment();
    driver.accept(ImmutableList.of());
  }

  private static ImmutableList<ImmutableList<String>> batches(State state, int batchSize) {
    ImmutableList.Builder<String> ids = ImmutableList.builder();
    for (ScheduledTask task : state.tasks().all()) {
      if (TaskStates.isAssigned(task.status())) {
        ids.add(task.assignedTask().taskId());
      }
    }
    ImmutableList.Builder<ImmutableList<String>> batches = ImmutableList.builder();
    for (List<String> batch : Lists.partition(ids.build(), batchSize)) {
      batches.add(ImmutableList.copyOf(batch));
    }
    return batches.build();
  }

  private void begin(Run run) {
    if (closed || run.batches.isEmpty()) {
      return;
    }
    if (runs.size() == MOST_RUNS) {
      runs.remove().cancel();
    }
    runs.add(run);
    run.next();
  }

  /** Asks for nothing any more. To be called on the writer's loop. */
  @Override
  public void close() {
    closed = true;
    periods.forEach(EventLoop.Timer::cancel);
    runs.forEach(Run::cancel);
  }

  /** One question after the other for the tasks there were at its beginning. */
  private final class Run {
    private final Deque<ImmutableList<String>> batches;
    private EventLoop.Timer timer = () -> {};

    Run(ImmutableList<ImmutableList<String>> batches) {
      this.batches = new ArrayDeque<>(batches);
    }

    void next() {
      ImmutableList<TaskRef> refs = stillThere(batches.remove());
      if (batches.isEmpty()) {
        runs.remove(this);
      } else {
        timer = loop.schedule(policy.batchInterval(), this::next);
      }
      // An empty question would be one for all tasks.
      if (!refs.isEmpty()) {
        driver.accept(refs);
      }
    }

    void cancel() {
      timer.cancel();
    }
  }

  /** What has ended meanwhile is not asked for: the cluster would not know it. */
  private ImmutableList<TaskRef> stillThere(ImmutableList<String> ids) {
    ImmutableList.Builder<TaskRef> refs = ImmutableList.builder();
    for (String id : ids) {
      ScheduledTask task = state.get().tasks().get(id);
      if (task != null && TaskStates.isAssigned(task.status())) {
        refs.add(new TaskRef(id, task.assignedTask().slaveId()));
      }
    }
    return refs.build();
  }
}
