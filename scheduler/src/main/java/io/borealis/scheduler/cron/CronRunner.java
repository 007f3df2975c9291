package io.borealis.scheduler.cron;

import com.google.common.collect.ContiguousSet;
import com.google.common.collect.DiscreteDomain;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import com.google.common.collect.Range;
import io.borealis.api.CronCollisionPolicy;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.storage.CronProgress;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.RemoveJob;
import io.borealis.api.storage.RemoveWaitingCronRun;
import io.borealis.api.storage.SaveCronJob;
import io.borealis.api.storage.SaveCronProgress;
import io.borealis.api.storage.SaveWaitingCronRun;
import io.borealis.api.storage.WaitingCronRun;
import io.borealis.runtime.Clock;
import io.borealis.scheduler.store.JobPath;
import io.borealis.scheduler.store.Reaction;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.TaskChange;
import io.borealis.scheduler.store.WriteTransaction;
import io.borealis.scheduler.task.TaskLifecycle;
import io.borealis.scheduler.task.TaskStates;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs cron jobs (RPC rules, section 11.4), within transactions. A run that has to wait for tasks
 * begins in the transaction in which the last of them ends. For the writer's thread.
 */
public final class CronRunner implements Reaction {
  private static final Logger LOG = LoggerFactory.getLogger(CronRunner.class);
  private static final String KILLED = "Killed by cronScheduler";

  private final CronPolicy policy;
  private final CronTimetables timetables;
  private final TaskLifecycle lifecycle;
  private final Clock clock;
  private final CronMetrics metrics;

  public CronRunner(
      CronPolicy policy,
      CronTimetables timetables,
      TaskLifecycle lifecycle,
      Clock clock,
      MeterRegistry meters) {
    this.policy = policy;
    this.timetables = timetables;
    this.lifecycle = lifecycle;
    this.clock = clock;
    this.metrics = CronMetrics.of(meters);
  }

  /**
   * Stores a cron job in place of the one with its key. A new schedule counts from now on; with the
   * schedule it had, an instant that is just due is neither lost nor fired twice.
   */
  public void store(WriteTransaction tx, JobConfiguration template) {
    JobKey job = template.key();
    JobConfiguration old = tx.state().cronJobs().get(job);
    tx.change(new Op.SaveCronJob(new SaveCronJob(template)));
    if (old == null || !haveSameSchedule(old, template)) {
      Long before = tx.state().cronRuns().considered(job);
      // By the wall clock, as schedules are: the stamps of transactions do not follow it back.
      long now = clock.wallMillis();
      consider(tx, job, before == null ? now : Math.max(before, now));
    }
  }

  private boolean haveSameSchedule(JobConfiguration one, JobConfiguration other) {
    CronTimetable timetable = timetables.find(one);
    CronTimetable another = timetables.find(other);
    return timetable != null
        && another != null
        && timetable.cronSchedule().equals(another.cronSchedule());
  }

  private static void consider(WriteTransaction tx, JobKey job, long atMs) {
    tx.change(
        new Op.SaveCronProgress(
            new SaveCronProgress(ImmutableList.of(new CronProgress(job, atMs)))));
  }

  /** Forgets a cron job and the run of it that waits, if one does; its tasks go on. */
  public void remove(WriteTransaction tx, JobKey job) {
    if (tx.state().cronRuns().waiting(job) != null) {
      tx.afterCommit(
          () -> LOG.info("The waiting run of {} is given up with the cron job", JobPath.of(job)));
    }
    tx.change(new Op.RemoveJob(new RemoveJob(job)));
  }

  /**
   * Fires the newest instant of the job's schedule that has passed, if it has not been considered.
   * A run that cannot begin harms nothing else in the transaction.
   *
   * @param sinceMs instants up to this one are not this leader's
   */
  void fire(WriteTransaction tx, JobKey job, long sinceMs) {
    JobConfiguration template = tx.state().cronJobs().get(job);
    if (template == null) {
      tx.afterCommit(metrics.misfires()::increment);
      return;
    }
    CronTimetable timetable = timetables.find(template);
    if (timetable == null) {
      tx.afterCommit(metrics.parseFailures()::increment);
      return;
    }
    Long due = timetable.newest(from(tx.state(), job, sinceMs), clock.wallMillis());
    if (due == null) {
      return;
    }
    consider(tx, job, due);
    WriteTransaction.Savepoint before = tx.savepoint();
    try {
      run(tx, template);
    } catch (RuntimeException failure) {
      tx.rollback(before);
      tx.afterCommit(metrics.launchFailures()::increment);
      LOG.error("Cron job {} cannot be run: {}", JobPath.of(job), failure.getMessage(), failure);
    }
  }

  /** After which instant the job's schedule is looked at. */
  static long from(State state, JobKey job, long sinceMs) {
    Long considered = state.cronRuns().considered(job);
    return considered == null ? sinceMs : Math.max(considered, sinceMs);
  }

  /**
   * Runs the job now, whatever its schedule.
   *
   * @throws IllegalArgumentException with the reason when the job is not what it has to be
   */
  public void run(WriteTransaction tx, JobConfiguration template) {
    JobKey job = template.key();
    int count = template.instanceCount();
    if (count < 1 || count > policy.maxTasks()) {
      // The limits may have changed since the job was stored. No task is killed for that.
      throw new IllegalArgumentException(
          "Instance count must be between 1 and " + policy.maxTasks() + " inclusive.");
    }
    if (tx.state().cronRuns().waiting(job) != null) {
      LOG.info("A run of {} is dropped, as the one before still waits", JobPath.of(job));
      tx.afterCommit(metrics.concurrentRuns()::increment);
      return;
    }
    tx.afterCommit(metrics.triggers()::increment);
    if (active(tx.state(), job).isEmpty()) {
      begin(tx, template);
      return;
    }
    tx.afterCommit(metrics.collisions()::increment);
    CronCollisionPolicy collision = template.cronCollisionPolicy();
    switch (collision == null ? CronCollisionPolicy.KILL_EXISTING : collision) {
      case KILL_EXISTING -> replaceTasks(tx, template, tx.nowMs());
      case CANCEL_NEW -> LOG.info("A run of {} is cancelled, as tasks are active", JobPath.of(job));
      case RUN_OVERLAP -> LOG.error("Runs of {} would overlap, which is not done", JobPath.of(job));
    }
  }

  private void begin(WriteTransaction tx, JobConfiguration template) {
    Range<Integer> instances = Range.closedOpen(0, template.instanceCount());
    var unused =
        lifecycle.insertPending(
            tx, template.taskConfig(), ContiguousSet.create(instances, DiscreteDomain.integers()));
  }

  /** Kills what is active and begins the run, at once or when the last of it has ended. */
  private void replaceTasks(WriteTransaction tx, JobConfiguration template, long triggeredMs) {
    JobKey job = template.key();
    for (ScheduledTask task : active(tx.state(), job)) {
      var unused =
          lifecycle.changeState(
              tx, task.assignedTask().taskId(), null, ScheduleStatus.KILLING, KILLED);
    }
    ImmutableSet<String> left =
        ImmutableSet.copyOf(
            Iterables.transform(active(tx.state(), job), task -> task.assignedTask().taskId()));
    if (left.isEmpty()) {
      begin(tx, template);
    } else {
      tx.change(
          new Op.SaveWaitingCronRun(
              new SaveWaitingCronRun(new WaitingCronRun(template, triggeredMs, left))));
    }
  }

  private static ImmutableList<ScheduledTask> active(State state, JobKey job) {
    return ImmutableList.sortedCopyOf(
        Comparator.comparingInt((ScheduledTask task) -> task.assignedTask().instanceId()),
        state.tasks().ofJob(job).active().values());
  }

  @Override
  public void onTaskChange(WriteTransaction transaction, TaskChange change) {
    WaitingCronRun run = endedFor(transaction.state(), change);
    if (run != null && !mustWait(transaction.state(), run)) {
      resume(transaction, run);
    }
  }

  /** The run that waits for the task, if the task has just ended. */
  private static @Nullable WaitingCronRun endedFor(State state, TaskChange change) {
    ScheduledTask before = change.before();
    ScheduledTask after = change.after();
    if (before == null
        || !TaskStates.isActive(before.status())
        || (after != null && TaskStates.isActive(after.status()))) {
      return null;
    }
    WaitingCronRun run = state.cronRuns().waiting(before.assignedTask().task().job());
    return run != null && run.taskIds().contains(before.assignedTask().taskId()) ? run : null;
  }

  /** Whether a task the run waits for is still active. */
  static boolean mustWait(State state, WaitingCronRun run) {
    for (ScheduledTask task : state.tasks().ofJob(run.template().key()).active().values()) {
      if (run.taskIds().contains(task.assignedTask().taskId())) {
        return true;
      }
    }
    return false;
  }

  /** Begins a run whose wait is over; tasks that came meanwhile have to go first. */
  void resume(WriteTransaction tx, WaitingCronRun run) {
    JobConfiguration template = run.template();
    tx.change(new Op.RemoveWaitingCronRun(new RemoveWaitingCronRun(template.key())));
    replaceTasks(tx, template, run.triggeredMs());
  }

  /** The run is given up, so that later ones of the job are not. */
  @Override
  public void onFailure(WriteTransaction transaction, TaskChange change, RuntimeException failure) {
    giveUp(transaction, change.task().assignedTask().task().job(), failure);
  }

  void giveUp(WriteTransaction tx, JobKey job, RuntimeException failure) {
    LOG.error(
        "The waiting run of {} cannot begin: {}", JobPath.of(job), failure.getMessage(), failure);
    Counter failures = metrics.launchFailures();
    tx.change(new Op.RemoveWaitingCronRun(new RemoveWaitingCronRun(job)));
    tx.afterCommit(failures::increment);
  }
}
