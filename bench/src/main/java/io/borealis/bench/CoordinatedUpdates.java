package io.borealis.bench;

import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdatePulseStatus;
import io.borealis.api.JobUpdateRequest;
import io.borealis.api.Response;
import io.borealis.api.Result;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.bench.Figure.Target;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.store.UpdateRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What many updates at once cost the leader while coordinators pulse each of them. */
final class CoordinatedUpdates implements Program {
  private static final int MANY = 1_000;
  private static final int FEW = 100;
  private static final int INSTANCES = 100;
  private static final int GROUP = 50;

  /** They have room for 180 tasks with their executors, on average. */
  private static final int HOSTS_PER_UPDATE = 4;

  private static final Duration PULSE = Duration.ofSeconds(10);
  private static final Duration FAST_PULSE = Duration.ofSeconds(1);

  /** Half of it passes between two notes of an update's pulses: longer than all is still. */
  private static final Duration TIMEOUT = Duration.ofMinutes(20);

  /** How long a group is watched, and nothing else happens. */
  private static final Duration WATCH = Duration.ofMinutes(5);

  private static final int PULSES_WHILE_STILL = 100;
  private static final Duration LIMIT = Duration.ofHours(2);

  /**
   * What a run took.
   *
   * @param still while nothing but pulses came
   * @param rest all else
   */
  private record Run(Cost still, Cost rest) {}

  @Override
  public String name() {
    return "coordinated-updates";
  }

  @Override
  public String summary() {
    return "CPU and journal of 1,000 updates of 100 instances at once, pulsed, on virtual time";
  }

  @Override
  public List<Figure> run() {
    Run unused = run(FEW, PULSE);
    Run few = run(FEW, PULSE);
    Run fast = run(FEW, FAST_PULSE);
    Run many = run(MANY, PULSE);
    int pulses = MANY * PULSES_WHILE_STILL;
    return List.of(
        Figure.of(
            "journal entries of %,d pulses, all else still".formatted(pulses),
            (double) many.still.entries(),
            "",
            Target.atMost(0),
            "%,d bytes; %.1f µs of CPU for each pulse"
                .formatted(many.still.bytes(), many.still.cpu() * 1e6 / pulses)),
        Figure.ratio(
            "CPU of updates, %,d ÷ %,d of 100 instances at once".formatted(MANY, FEW),
            many.rest.cpu() / few.rest.cpu(),
            Cost.LINEAR,
            many.rest.describe(MANY * INSTANCES),
            few.rest.describe(FEW * INSTANCES)),
        Figure.ratio(
            "journal bytes, %,d ÷ %,d updates at once".formatted(MANY, FEW),
            (double) many.rest.bytes() / few.rest.bytes(),
            Cost.LINEAR),
        Figure.ratio(
            "journal bytes, pulses every 1 s ÷ every 10 s",
            (double) fast.rest.bytes() / few.rest.bytes(),
            Target.atMost(1.05),
            "%,d ÷ %,d".formatted(fast.rest.bytes(), few.rest.bytes())));
  }

  private static Run run(int updates, Duration pulse) {
    List<JobKey> jobs = new ArrayList<>();
    for (int i = 0; i < updates; i++) {
      jobs.add(Samples.job("hello-" + i));
    }
    try (VirtualTime time = new VirtualTime();
        Leader leader = new Leader(time, updates * HOSTS_PER_UPDATE)) {
      leader.preload(tasks(jobs));
      time.await(leader.elect());
      time.resetCpu();
      Cost begin = Cost.of(time, leader);
      List<JobUpdateKey> keys = jobs.stream().map(job -> start(time, leader, job)).toList();
      EventLoop coordinators = time.newLoop("coordinators");
      for (int i = 0; i < updates; i++) {
        JobUpdateKey key = keys.get(i);
        var unused =
            coordinators.schedule(
                pulse.multipliedBy(i).dividedBy(updates),
                () -> keepPulsing(leader, coordinators, key, pulse));
      }
      while (!isWatched(leader, jobs)) {
        time.runFor(Duration.ofSeconds(1));
      }
      time.runFor(Duration.ofSeconds(30));
      Cost before = Cost.of(time, leader);
      for (int i = 0; i < PULSES_WHILE_STILL; i++) {
        coordinators.execute(() -> keys.forEach(key -> pulse(leader, key)));
        time.runFor(FAST_PULSE);
      }
      Cost still = Cost.of(time, leader).minus(before);
      time.runUntil(() -> !leader.state().updates().active().iterator().hasNext(), LIMIT);
      jobs.forEach(job -> Updates.check(leader, job, INSTANCES));
      return new Run(still, Cost.of(time, leader).minus(begin).minus(still));
    }
  }

  /** The instances of all jobs, each job on hosts of its own. */
  static List<ScheduledTask> tasks(List<JobKey> jobs) {
    List<ScheduledTask> tasks = new ArrayList<>();
    for (int i = 0; i < jobs.size(); i++) {
      tasks.addAll(
          Samples.running(
              Samples.config(jobs.get(i), "one"),
              INSTANCES,
              i * HOSTS_PER_UPDATE,
              HOSTS_PER_UPDATE));
    }
    return tasks;
  }

  private static JobUpdateKey start(VirtualTime time, Leader leader, JobKey job) {
    JobUpdateRequest plain = Samples.update(job, "two", INSTANCES, GROUP);
    JobUpdateRequest pulsed =
        plain.toBuilder()
            .settings(
                plain.settings().toBuilder()
                    .minWaitInInstanceRunningMs((int) WATCH.toMillis())
                    .blockIfNoPulsesAfterMs((int) TIMEOUT.toMillis())
                    .build())
            .build();
    Response answer =
        Leader.ok(time.await(leader.api().startJobUpdate(leader.call(), pulsed, "bench")));
    return ((Result.StartJobUpdateResult) answer.result()).value().key();
  }

  /** Pulses until the update has ended. */
  private static void keepPulsing(
      Leader leader, EventLoop coordinators, JobUpdateKey key, Duration every) {
    if (pulse(leader, key) == JobUpdatePulseStatus.OK) {
      var unused =
          coordinators.schedule(every, () -> keepPulsing(leader, coordinators, key, every));
    }
  }

  private static JobUpdatePulseStatus pulse(Leader leader, JobUpdateKey key) {
    Response answer =
        Leader.ok(leader.api().pulseJobUpdate(leader.call(), key).toCompletableFuture().join());
    return ((Result.PulseJobUpdateResult) answer.result()).value().status();
  }

  /** Whether the first group of each update runs, so that there is nothing to do but to wait. */
  private static boolean isWatched(Leader leader, List<JobKey> jobs) {
    for (JobKey job : jobs) {
      for (UpdateRecord update : leader.state().updates().activeOf(job)) {
        if (update.progress().started() != GROUP) {
          return false;
        }
      }
      for (ScheduledTask task : leader.state().tasks().ofJob(job).active().asMap().values()) {
        if (task.status() != ScheduleStatus.RUNNING) {
          return false;
        }
      }
      if (leader.state().tasks().ofJob(job).active().size() != INSTANCES) {
        return false;
      }
    }
    return true;
  }
}
