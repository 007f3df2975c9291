package io.borealis.scheduler.store;

import io.borealis.api.JobKey;
import io.borealis.api.storage.CronProgress;
import io.borealis.api.storage.WaitingCronRun;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far the runs of cron jobs have come: the last instant considered of each, and the runs that
 * wait for the tasks of an earlier one to end. Immutable.
 */
public final class CronRuns {
  static final CronRuns EMPTY = new CronRuns(Table.empty(), Table.empty());

  private final Table<JobKey, Long> considered;
  private final Table<JobKey, WaitingCronRun> waiting;

  private CronRuns(Table<JobKey, Long> considered, Table<JobKey, WaitingCronRun> waiting) {
    this.considered = considered;
    this.waiting = waiting;
  }

  static CronRuns of(Iterable<CronProgress> progress, Iterable<WaitingCronRun> waiting) {
    CronRuns runs = EMPTY;
    for (CronProgress each : progress) {
      runs = runs.withConsidered(each.job(), each.consideredMs());
    }
    for (WaitingCronRun run : waiting) {
      runs = runs.withWaiting(run);
    }
    return runs;
  }

  /**
   * The last instant of the job's schedule that was fired, or when the schedule was set if that is
   * later; nothing up to it is fired again. Null for a job that was stored by another scheduler.
   */
  public @Nullable Long considered(JobKey job) {
    return considered.get(job);
  }

  /** The run of the job that waits for tasks to end; null when none does. */
  public @Nullable WaitingCronRun waiting(JobKey job) {
    return waiting.get(job);
  }

  /** All runs that wait, by job. */
  public Table<JobKey, WaitingCronRun> waiting() {
    return waiting;
  }

  CronRuns withConsidered(JobKey job, long atMs) {
    return new CronRuns(considered.with(job, atMs), waiting);
  }

  CronRuns withWaiting(WaitingCronRun run) {
    return new CronRuns(considered, waiting.with(run.template().key(), run));
  }

  CronRuns withoutWaiting(JobKey job) {
    return new CronRuns(considered, waiting.without(job));
  }

  CronRuns without(JobKey job) {
    return new CronRuns(considered.without(job), waiting.without(job));
  }

  /** What was considered of each job, sorted. */
  List<CronProgress> progress() {
    return considered.asMap().entrySet().stream()
        .sorted(Map.Entry.comparingByKey(Snapshots.BY_JOB))
        .map(entry -> new CronProgress(entry.getKey(), entry.getValue()))
        .toList();
  }
}
