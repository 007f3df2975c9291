package io.borealis.scheduler.prune;

import com.google.common.collect.Lists;
import com.google.common.math.LongMath;
import io.borealis.api.JobKey;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.store.BackgroundWrites;
import io.borealis.scheduler.store.Reaction;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.TaskChange;
import io.borealis.scheduler.store.WriteTransaction;
import io.borealis.scheduler.store.Writes;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forgets tasks that ended long ago, or that are too many of one job (task rules, section 12), one
 * batch after the other. Confined to the writer's loop, but for the look at State at the beginning.
 */
public final class TaskPruner implements Reaction, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TaskPruner.class);
  private static final Duration RETRY = Duration.ofSeconds(5);

  /** Jobs taken over in one go; the writer is not to be held up by more. */
  static final int JOBS_AT_ONCE = 1000;

  private final PrunePolicy policy;
  private final Supplier<State> state;
  private final EventLoop loop;
  private final Executor looking;
  private final Clock clock;
  private final BackgroundWrites background;
  private final Histories histories;
  private final Counter pruned;
  private final long originNanos;

  /** The jobs whose history changed while State is looked at; null once that is over. */
  private @Nullable Set<JobKey> changed = new HashSet<>();

  private EventLoop.@Nullable Timer timer;
  private long armedForMs;
  private boolean busy;

  /**
   * @param state the durable State
   * @param loop the writer's
   * @param looking where State is looked at, which takes time
   */
  public TaskPruner(
      PrunePolicy policy,
      Supplier<State> state,
      Writes writes,
      EventLoop loop,
      Executor looking,
      Clock clock,
      MeterRegistry meters) {
    this.policy = policy;
    this.state = state;
    this.loop = loop;
    this.looking = looking;
    this.clock = clock;
    this.background = new BackgroundWrites(writes, loop, clock, RETRY);
    this.histories = new Histories(policy);
    this.pruned = meters.counter("tasks_pruned");
    this.originNanos = clock.nanoTime();
  }

  // ---- Taking over -----------------------------------------------------------------------------

  /** Takes over the history of a State; what should have been forgotten by now is, at once. */
  public void start(State begin) {
    looking.execute(
        () -> {
          List<Map.Entry<JobKey, Map<String, Long>>> jobs = new ArrayList<>();
          for (JobKey job : begin.tasks().jobs().keySet()) {
            Map<String, Long> ended = historyOf(begin, job);
            if (!ended.isEmpty()) {
              jobs.add(Map.entry(job, ended));
            }
          }
          for (List<Map.Entry<JobKey, Map<String, Long>>> some :
              Lists.partition(jobs, JOBS_AT_ONCE)) {
            loop.execute(() -> some.forEach(job -> histories.put(job.getKey(), job.getValue())));
          }
          loop.execute(this::lookedAt);
        });
  }

  /** What happened during the look is read again, which is little. */
  private void lookedAt() {
    if (changed != null) {
      changed.forEach(job -> histories.put(job, historyOf(state.get(), job)));
      changed = null;
      arm();
    }
  }

  /**
   * When the ended tasks of a job ended, oldest first. The wall clock tells what time has passed
   * before; from now on it is the other clock that counts.
   */
  private Map<String, Long> historyOf(State from, JobKey job) {
    long wallMs = Math.max(clock.wallMillis(), from.stampMs());
    long nowMs = nowMs();
    List<ScheduledTask> tasks = new ArrayList<>(from.tasks().ofJob(job).ended().asMap().values());
    tasks.removeIf(task -> !EndedTasks.hasEnded(task));
    tasks.sort(EndedTasks.OLDEST_FIRST);
    Map<String, Long> ended = new LinkedHashMap<>();
    for (ScheduledTask task : tasks) {
      long age = Math.max(0, LongMath.saturatedSubtract(wallMs, EndedTasks.endedMs(task)));
      ended.put(task.assignedTask().taskId(), LongMath.saturatedSubtract(nowMs, age));
    }
    return ended;
  }

  private long nowMs() {
    return Duration.ofNanos(clock.nanoTime() - originNanos).toMillis();
  }

  // ---- What tasks do ---------------------------------------------------------------------------

  @Override
  public void onTaskChange(WriteTransaction tx, TaskChange change) {
    boolean had = EndedTasks.hasEnded(change.before());
    boolean has = EndedTasks.hasEnded(change.after());
    TaskConfig config = change.task().assignedTask().task();
    JobKey job = config == null ? null : config.job();
    if (had != has && job != null) {
      String id = change.task().assignedTask().taskId();
      tx.afterCommit(() -> note(job, id, has));
    }
  }

  private void note(JobKey job, String id, boolean ended) {
    if (changed != null) {
      changed.add(job);
    } else if (ended) {
      histories.add(job, id, nowMs());
      arm();
    } else {
      histories.remove(job, id);
    }
  }

  @Override
  public void onFailure(WriteTransaction tx, TaskChange change, RuntimeException failure) {
    LOG.error("Task {} will not be pruned", change.task().assignedTask().taskId(), failure);
  }

  // ---- What is due -----------------------------------------------------------------------------

  private void arm() {
    Long due = histories.nextDueMs();
    if (busy || due == null || background.isClosed() || (timer != null && armedForMs <= due)) {
      return;
    }
    if (timer != null) {
      timer.cancel();
    }
    armedForMs = due;
    long wait = Math.max(0, LongMath.saturatedSubtract(due, nowMs()));
    timer = loop.schedule(Duration.ofMillis(wait), this::prune);
  }

  private void prune() {
    timer = null;
    List<String> due = histories.takeDue(nowMs(), policy.batchSize());
    if (due.isEmpty()) {
      arm();
      return;
    }
    busy = true;
    background.submit(
        "the pruning of tasks",
        tx -> {
          int removed = EndedTasks.remove(tx, due);
          tx.afterCommit(() -> pruned(removed));
        });
  }

  private void pruned(int removed) {
    pruned.increment(removed);
    LOG.atInfo().addKeyValue("tasks", removed).log("Tasks that ended are forgotten");
    busy = false;
    arm();
  }

  /** Nothing is forgotten from now on. To be called on the writer's loop. */
  @Override
  public void close() {
    background.close();
    if (timer != null) {
      timer.cancel();
    }
  }
}
