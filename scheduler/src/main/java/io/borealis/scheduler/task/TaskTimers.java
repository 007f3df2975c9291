package io.borealis.scheduler.task;

import com.google.common.collect.Iterables;
import com.google.common.math.LongMath;
import io.borealis.api.PartitionPolicy;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.store.BackgroundWrites;
import io.borealis.scheduler.store.Reaction;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.TaskChange;
import io.borealis.scheduler.store.WriteTransaction;
import io.borealis.scheduler.store.Writes;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves tasks that nobody else moves: throttled ones whose penalty is over, those stuck in a
 * transient state, partitioned ones; and kills again what does not die. One timer a task, confined
 * to the writer's loop.
 */
public final class TaskTimers implements Reaction, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TaskTimers.class);
  private static final Duration RETRY = Duration.ofSeconds(5);

  /** Jobs may ask for more, but no timer could be set for it. */
  private static final long LONGEST_SECONDS = Duration.ofDays(10_000).toSeconds();

  private final TaskPolicy policy;
  private final BackgroundWrites background;
  private final TaskLifecycle lifecycle;
  private final TaskEffects effects;
  private final EventLoop loop;
  private final Supplier<State> durable;
  private final Flapping flapping;
  private final Backoff killBackoff;
  private final Counter killsRepeated;
  private final Counter timedOut;
  private final DistributionSummary throttled;
  private final Map<String, Armed> timers = new HashMap<>();

  /** What runs for a task; a later transition replaces it. */
  private static final class Armed {
    EventLoop.@Nullable Timer step;
    EventLoop.@Nullable Timer kill;

    void cancel() {
      if (step != null) {
        step.cancel();
      }
      if (kill != null) {
        kill.cancel();
      }
    }
  }

  public TaskTimers(
      TaskPolicy policy,
      Writes writes,
      TaskLifecycle lifecycle,
      TaskEffects effects,
      EventLoop writerLoop,
      Clock clock,
      Supplier<State> durable,
      DoubleSupplier random,
      MeterRegistry meters) {
    this.policy = policy;
    this.background = new BackgroundWrites(writes, writerLoop, clock, RETRY);
    this.lifecycle = lifecycle;
    this.effects = effects;
    this.loop = writerLoop;
    this.durable = durable;
    this.flapping = new Flapping(policy, random);
    this.killBackoff =
        new Backoff(policy.killRetry().toMillis(), policy.transientTimeout().toMillis(), random);
    this.killsRepeated = meters.counter("task_kill_retries");
    this.timedOut = meters.counter("timed_out_tasks");
    this.throttled = DistributionSummary.builder("task_throttle").baseUnit("ms").register(meters);
  }

  @Override
  public void onTaskChange(WriteTransaction transaction, TaskChange change) {
    if (change.changesStatus()) {
      String id = change.task().assignedTask().taskId();
      ScheduledTask after = change.after();
      transaction.afterCommit(
          () -> {
            disarm(id);
            if (after != null) {
              arm(transaction.state(), after, transaction.nowMs());
            }
          });
    }
  }

  @Override
  public void onFailure(WriteTransaction transaction, TaskChange change, RuntimeException failure) {
    LOG.error("No timer for task {}", change.task().assignedTask().taskId(), failure);
  }

  /**
   * Arms the timers of all tasks, as a new leader: what had run of each before State's stamp stays
   * run. To be called on the writer's loop.
   */
  public void resume(State state) {
    for (ScheduledTask task : state.tasks().all()) {
      arm(state, task, state.stampMs());
    }
  }

  private void arm(State state, ScheduledTask task, long nowMs) {
    ScheduleStatus status = task.status();
    if (background.isClosed() || status == null) {
      return;
    }
    if (status == ScheduleStatus.THROTTLED) {
      long penalty = flapping.penaltyMs(state.tasks(), task);
      throttled.record((double) penalty);
      step(task, ScheduleStatus.PENDING, null, Duration.ofMillis(penalty), nowMs);
    } else if (status == ScheduleStatus.PARTITIONED) {
      PartitionPolicy partition =
          task.assignedTask().task() == null ? null : task.assignedTask().task().partitionPolicy();
      if (partition == null || partition.reschedule()) {
        Long seconds = partition == null ? null : partition.delaySecs();
        step(
            task,
            ScheduleStatus.LOST,
            "Task partitioned for too long.",
            Duration.ofSeconds(
                seconds == null ? 0 : Math.max(0, Math.min(seconds, LONGEST_SECONDS))),
            nowMs);
      }
    } else if (TaskStates.TRANSIENT.contains(status)) {
      step(task, ScheduleStatus.LOST, "Task timed out", policy.transientTimeout(), nowMs);
      if (status == ScheduleStatus.KILLING) {
        killAgain(task.assignedTask().taskId(), 0);
      }
    }
  }

  private void step(
      ScheduledTask task,
      ScheduleStatus target,
      @Nullable String message,
      Duration full,
      long nowMs) {
    long since =
        task.taskEvents().isEmpty() ? nowMs : Iterables.getLast(task.taskEvents()).timestamp();
    long gone = Math.max(0, LongMath.saturatedSubtract(nowMs, since));
    long left = Math.max(0, LongMath.saturatedSubtract(full.toMillis(), gone));
    String id = task.assignedTask().taskId();
    armed(id).step = loop.schedule(Duration.ofMillis(left), () -> fire(task, target, message));
  }

  private void fire(ScheduledTask armed, ScheduleStatus target, @Nullable String message) {
    String id = armed.assignedTask().taskId();
    ScheduleStatus from = armed.status();
    background.submit(
        target + " of " + id,
        tx -> {
          ScheduledTask task = tx.state().tasks().get(id);
          // A task that left the state and came back has a timer of its own.
          if (task != null
              && isSameStay(armed, task)
              && lifecycle.changeState(tx, id, from, target, message)
                  == TaskLifecycle.Result.SUCCESS
              && from != null
              && TaskStates.TRANSIENT.contains(from)) {
            tx.afterCommit(timedOut::increment);
          }
        });
  }

  /** Whether the task has been in its state without a break; its events are a few. */
  private static boolean isSameStay(ScheduledTask armed, ScheduledTask now) {
    return armed.timesPartitioned() == now.timesPartitioned()
        && armed.taskEvents().equals(now.taskEvents());
  }

  private void killAgain(String id, long lastMs) {
    long next = killBackoff.nextMs(lastMs);
    armed(id).kill =
        loop.schedule(
            Duration.ofMillis(next),
            () -> {
              ScheduledTask task = durable.get().tasks().get(id);
              if (!background.isClosed()
                  && task != null
                  && task.status() == ScheduleStatus.KILLING) {
                effects.kill(id);
                killsRepeated.increment();
                killAgain(id, next);
              }
            });
  }

  private Armed armed(String id) {
    return timers.computeIfAbsent(id, unused -> new Armed());
  }

  private void disarm(String id) {
    Armed armed = timers.remove(id);
    if (armed != null) {
      armed.cancel();
    }
  }

  @Override
  public void close() {
    background.close();
    timers.values().forEach(Armed::cancel);
    timers.clear();
  }
}
