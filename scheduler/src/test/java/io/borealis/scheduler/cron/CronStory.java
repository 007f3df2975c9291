package io.borealis.scheduler.cron;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.Iterables;
import com.google.common.collect.Streams;
import io.borealis.api.CronCollisionPolicy;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskEvent;
import io.borealis.scheduler.store.Fixtures;
import io.borealis.scheduler.store.TestStore;
import io.borealis.scheduler.store.WriteTransaction;
import io.borealis.scheduler.task.TaskLifecycle;
import io.borealis.scheduler.task.TaskPolicy;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** A leader that runs cron jobs over a real store on virtual time. For one thread. */
final class CronStory {
  static final JobKey JOB = new JobKey("shop", "prod", "report");

  final TestStore store;
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final TaskLifecycle lifecycle;
  final CronRunner runner;
  final CronTimer timer;
  private final CronPolicy policy;

  private CronStory(TestStore store, CronPolicy policy) {
    this(store, policy, store.loop());
  }

  private CronStory(TestStore store, CronPolicy policy, Executor looking) {
    this.store = store;
    this.policy = policy;
    CronTimetables timetables = new CronTimetables(policy.zone());
    lifecycle =
        new TaskLifecycle(
            TaskPolicy.DEFAULT,
            id -> {},
            "scheduler.example",
            UUID::randomUUID,
            () -> 0.5,
            new SimpleMeterRegistry());
    runner = new CronRunner(policy, timetables, lifecycle, store.clock(), meters);
    timer =
        new CronTimer(
            policy,
            timetables,
            runner,
            store::state,
            store.writer(),
            store.loop(),
            looking,
            store.clock(),
            meters);
    store.react(runner);
    store.loop().execute(() -> timer.start(store.state()));
    store.runtimes().runReady();
  }

  /** A new cluster whose clock shows this. */
  static CronStory at(String time) {
    return at(time, CronPolicy.DEFAULT);
  }

  static CronStory at(String time, CronPolicy policy) {
    TestStore store = TestStore.create();
    set(store, time);
    return new CronStory(store, policy);
  }

  private static void set(TestStore store, String time) {
    long now = store.clock().wallMillis();
    store.runtimes().stepWallClock(Duration.ofMillis(Instant.parse(time).toEpochMilli() - now));
  }

  /** The next leader, when this one has been dead for so long. */
  CronStory failover(Duration after) {
    return failover(after, policy);
  }

  CronStory failover(Duration after, CronPolicy next) {
    TestStore follower = store.failover();
    follower.runtimes().advance(after);
    return new CronStory(follower, next);
  }

  /** The next leader, at once; it plans its jobs as soon as the actions added are run. */
  CronStory failover(List<Runnable> looking) {
    return new CronStory(store.failover(), policy, looking::add);
  }

  /** Sets the wall clock. */
  void clockIsSetTo(String time) {
    set(store, time);
  }

  /** Lets time pass until the wall clock shows this. */
  void until(String time) {
    advance(Duration.ofMillis(Instant.parse(time).toEpochMilli() - store.clock().wallMillis()));
  }

  void advance(Duration time) {
    store.runtimes().advance(time);
  }

  static JobConfiguration template(String schedule) {
    return template(JOB, schedule);
  }

  static JobConfiguration template(JobKey key, String schedule) {
    return JobConfiguration.builder()
        .key(key)
        .cronSchedule(schedule)
        .taskConfig(Fixtures.config(key).toBuilder().isService(false).build())
        .instanceCount(2)
        .build();
  }

  static JobConfiguration template(String schedule, CronCollisionPolicy collision) {
    return template(schedule).toBuilder().cronCollisionPolicy(collision).build();
  }

  void schedule(JobConfiguration template) {
    change(tx -> runner.store(tx, template), template.key());
  }

  void deschedule(JobKey job) {
    change(tx -> runner.remove(tx, job), job);
  }

  private void change(Consumer<WriteTransaction> work, JobKey job) {
    store.change(
        tx -> {
          work.accept(tx);
          tx.afterCommit(() -> timer.changed(job));
        });
  }

  void start() {
    store.change(tx -> runner.run(tx, tx.state().cronJobs().get(JOB)));
  }

  /** Moves every active task of the job. */
  void tasks(ScheduleStatus... targets) {
    for (ScheduleStatus target : targets) {
      for (ScheduledTask task : active()) {
        task(task, target);
      }
    }
  }

  void task(ScheduledTask task, ScheduleStatus target) {
    assertThat(
            store.<TaskLifecycle.Result>write(
                tx -> lifecycle.changeState(tx, task.assignedTask().taskId(), null, target, null)))
        .isEqualTo(TaskLifecycle.Result.SUCCESS);
  }

  /** The active tasks of the job, by instance. */
  List<ScheduledTask> active() {
    return Streams.stream(store.state().tasks().ofJob(JOB).active().values())
        .sorted(Comparator.comparing(task -> task.assignedTask().instanceId()))
        .toList();
  }

  /** Instance ids and statuses of the job's active tasks, such as {@code 0:RUNNING}. */
  List<String> statuses() {
    return active().stream()
        .map(task -> task.assignedTask().instanceId() + ":" + task.status())
        .toList();
  }

  /** When the runs of the job began, whose tasks are still on record. */
  List<String> runs() {
    return Streams.stream(store.state().tasks().all())
        .filter(task -> JOB.equals(task.assignedTask().task().job()))
        .map(task -> task.taskEvents().get(0).timestamp())
        .distinct()
        .sorted()
        .map(at -> Instant.ofEpochMilli(at).toString())
        .toList();
  }

  /** What is recorded with the last event of a task. */
  static TaskEvent lastEvent(ScheduledTask task) {
    return Iterables.getLast(task.taskEvents());
  }

  int count(String counter) {
    return (int) meters.counter(counter).count();
  }

  double gauge(String name) {
    return meters.get(name).gauge().value();
  }
}
