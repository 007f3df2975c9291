package io.borealis.scheduler.cron;

import com.google.common.collect.ImmutableList;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.storage.WaitingCronRun;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.metrics.Gauges;
import io.borealis.scheduler.store.BackgroundWrites;
import io.borealis.scheduler.store.JobPath;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.WriteTransaction;
import io.borealis.scheduler.store.Writes;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fires cron jobs when they are due by the wall clock: one timer, for the job that is due next.
 * What is due is found out again in the transaction that fires it, so a job planned once too often
 * does no harm. Confined to the writer's loop; plans all jobs on another thread.
 */
public final class CronTimer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CronTimer.class);
  private static final Duration RETRY = Duration.ofSeconds(1);

  /** The wall clock may be set; the timer would not notice. */
  private static final long LONGEST_WAIT_MS = 60_000;

  /** A transaction that makes more tasks is for one job alone; others get their turn between. */
  private static final int MOST_TASKS = 1_000;

  private final CronPolicy policy;
  private final CronTimetables timetables;
  private final CronRunner runner;
  private final Supplier<State> durable;
  private final BackgroundWrites background;
  private final EventLoop loop;
  private final Executor looking;
  private final Clock clock;
  private final MeterRegistry meters;
  private final Counter unscheduled;
  private final Counter items;
  private final Counter batches;
  private final Map<JobKey, Plan> plans = new HashMap<>();
  private final TreeSet<Plan> queue = new TreeSet<>(Plan.ORDER);
  private final AtomicInteger firing = new AtomicInteger();
  private EventLoop.@Nullable Timer timer;
  private long wakeMs = Long.MAX_VALUE;
  private volatile long sinceMs;
  private volatile boolean running;
  private volatile boolean loaded;
  private volatile int lastBatch;

  /** When a job is to be fired. */
  private record Plan(JobKey job, JobConfiguration template, long dueMs) {
    static final Comparator<Plan> ORDER =
        Comparator.comparingLong(Plan::dueMs)
            .thenComparing(plan -> plan.job.role())
            .thenComparing(plan -> plan.job.environment())
            .thenComparing(plan -> plan.job.name());
  }

  /**
   * @param durable the durable State
   * @param loop the writer's
   * @param looking where all jobs are planned
   */
  public CronTimer(
      CronPolicy policy,
      CronTimetables timetables,
      CronRunner runner,
      Supplier<State> durable,
      Writes writes,
      EventLoop loop,
      Executor looking,
      Clock clock,
      MeterRegistry meters) {
    this.policy = policy;
    this.timetables = timetables;
    this.runner = runner;
    this.durable = durable;
    this.background = new BackgroundWrites(writes, loop, clock, RETRY);
    this.loop = loop;
    this.looking = looking;
    this.clock = clock;
    this.meters = meters;
    this.unscheduled = meters.counter("cron_job_launch_failures");
    this.items = meters.counter("CronBatchWorker_items_processed");
    this.batches = meters.counter("CronBatchWorker_batches_processed");
  }

  /** Plans all jobs as a new leader, who makes up what passed just before. */
  public void start(State state) {
    running = true;
    Gauges.replace(meters, "quartz_scheduler_running", this, self -> self.running ? 1 : 0);
    Gauges.replace(meters, "cron_jobs_loaded", this, self -> self.loaded ? 1 : 0);
    Gauges.replace(meters, "CronBatchWorker_queue_size", this, self -> self.firing.get());
    Gauges.replace(
        meters, "CronBatchWorker_last_processed_batch_size", this, self -> self.lastBatch);
    ZoneId here = ZoneId.systemDefault();
    if (!policy.zone().getRules().equals(here.getRules())) {
      LOG.warn("Cron schedules are read in {}, not in {} as on this machine", policy.zone(), here);
    }
    sinceMs = clock.wallMillis() - policy.catchUp().toMillis() - 1;
    for (WaitingCronRun run : state.cronRuns().waiting().values()) {
      if (!CronRunner.mustWait(state, run)) {
        background.submit("a cron run that waited", tx -> resume(tx, run));
      }
    }
    planAll();
  }

  private void resume(WriteTransaction tx, WaitingCronRun run) {
    JobKey job = run.template().key();
    if (!run.equals(tx.state().cronRuns().waiting(job))) {
      return;
    }
    WriteTransaction.Savepoint before = tx.savepoint();
    try {
      runner.resume(tx, run);
    } catch (RuntimeException failure) {
      tx.rollback(before);
      runner.giveUp(tx, job, failure);
    }
  }

  private void planAll() {
    State state = durable.get();
    looking.execute(
        () -> {
          List<Plan> found = new ArrayList<>();
          for (JobConfiguration template : state.cronJobs().values()) {
            Plan plan = planOf(state, template);
            if (plan != null) {
              found.add(plan);
            }
          }
          loop.execute(() -> take(found));
        });
  }

  private void take(List<Plan> found) {
    if (background.isClosed()) {
      return;
    }
    State state = durable.get();
    for (Plan plan : found) {
      // Of what was changed meanwhile there is a newer plan, or none on purpose.
      if (plan.template.equals(state.cronJobs().get(plan.job))) {
        put(plan);
      }
    }
    loaded = true;
    look();
  }

  private @Nullable Plan planOf(State state, JobConfiguration template) {
    JobKey job = template.key();
    CronTimetable timetable = timetables.find(template);
    if (timetable == null) {
      unscheduled.increment();
      LOG.error(
          "Cron job {} is not scheduled: Invalid cron schedule: {}",
          JobPath.of(job),
          template.cronSchedule());
      return null;
    }
    Long due = timetable.next(CronRunner.from(state, job, sinceMs));
    return due == null ? null : new Plan(job, template, due);
  }

  /** A job was stored or removed, durably. To be called on the writer's loop. */
  public void changed(JobKey job) {
    plan(job);
    arm();
  }

  private void plan(JobKey job) {
    State state = durable.get();
    JobConfiguration template = state.cronJobs().get(job);
    Plan plan = template == null ? null : planOf(state, template);
    drop(job);
    if (plan != null) {
      put(plan);
    }
  }

  private void put(Plan plan) {
    drop(plan.job);
    plans.put(plan.job, plan);
    queue.add(plan);
  }

  private void drop(JobKey job) {
    Plan plan = plans.remove(job);
    if (plan != null) {
      queue.remove(plan);
    }
  }

  /** Fires what is due. */
  private void look() {
    if (background.isClosed()) {
      return;
    }
    wakeMs = Long.MAX_VALUE;
    long now = clock.wallMillis();
    if (now <= sinceMs) {
      // The clock was wrong when this leader began: what comes now has not passed before.
      sinceMs = now - 1;
      planAll();
    }
    List<JobKey> batch = new ArrayList<>();
    long tasks = 0;
    while (!queue.isEmpty() && queue.first().dueMs <= now) {
      Plan plan = queue.first();
      long more = plan.template.instanceCount();
      if (batch.size() >= policy.batchSize() || (!batch.isEmpty() && tasks + more > MOST_TASKS)) {
        fire(ImmutableList.copyOf(batch));
        batch.clear();
        tasks = 0;
      }
      batch.add(plan.job);
      tasks += more;
      drop(plan.job);
    }
    if (!batch.isEmpty()) {
      fire(ImmutableList.copyOf(batch));
    }
    arm();
  }

  private void fire(ImmutableList<JobKey> jobs) {
    var unused = firing.addAndGet(jobs.size());
    background.submit(
        jobs.size() + " cron jobs",
        tx -> {
          jobs.forEach(job -> runner.fire(tx, job, sinceMs));
          tx.afterCommit(() -> fired(jobs));
        });
  }

  private void fired(ImmutableList<JobKey> jobs) {
    var unused = firing.addAndGet(-jobs.size());
    lastBatch = jobs.size();
    items.increment(jobs.size());
    batches.increment();
    jobs.forEach(this::plan);
    arm();
  }

  /** Waits for the next job, or for a while if that is shorter. */
  private void arm() {
    long now = clock.wallMillis();
    long at = now + LONGEST_WAIT_MS;
    if (!queue.isEmpty()) {
      at = Math.min(at, queue.first().dueMs);
    }
    if (background.isClosed() || !loaded || (wakeMs <= at && wakeMs > now)) {
      return;
    }
    if (timer != null) {
      timer.cancel();
    }
    wakeMs = at;
    timer = loop.schedule(Duration.ofMillis(Math.max(1, at - now)), this::look);
  }

  /** Nothing is fired from now on. To be called on the writer's loop. */
  @Override
  public void close() {
    running = false;
    loaded = false;
    background.close();
    if (timer != null) {
      timer.cancel();
    }
  }
}
