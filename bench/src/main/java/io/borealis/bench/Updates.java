package io.borealis.bench;

import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.Response;
import io.borealis.api.ScheduleStatus;
import io.borealis.bench.Figure.Target;
import io.borealis.scheduler.store.UpdateRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** What whole updates cost the leader, and how that grows with the job. */
final class Updates implements Program {
  private static final int SMALL = 1_000;
  private static final int LARGE = 10_000;
  private static final int GROUP = 50;
  private static final int HOSTS = 100;
  private static final int WARM_UP = 2;
  private static final int ROUNDS = 3;
  private static final Duration LIMIT = Duration.ofHours(12);

  @Override
  public String name() {
    return "updates";
  }

  @Override
  public String summary() {
    return "CPU of updates of 1,000 and 10,000 instances, group 50, on virtual time";
  }

  @Override
  public List<Figure> run() {
    double first = seconds(SMALL);
    for (int i = 1; i < WARM_UP; i++) {
      double unused = seconds(SMALL);
    }
    List<Double> small = new ArrayList<>();
    List<Double> large = new ArrayList<>();
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < ROUNDS; i++) {
      small.add(seconds(SMALL));
      large.add(seconds(LARGE));
      ratios.add(large.get(i) / small.get(i));
    }
    return List.of(
        Figure.of(
            "CPU of a 1,000-instance update, group 50",
            Statistics.median(small),
            "s",
            Target.atMost(1),
            "the first one, before anything is compiled: %.2f s".formatted(first)),
        Figure.ratio(
            "CPU of a 10,000-instance update ÷ a 1,000-instance",
            Statistics.median(ratios),
            Target.atMost(12),
            "%.3f s ÷ %.3f s".formatted(Statistics.median(large), Statistics.median(small))));
  }

  /** CPU seconds of the leader, from the call to the end of the update. */
  private static double seconds(int instances) {
    JobKey job = Samples.job("hello");
    try (VirtualTime time = new VirtualTime();
        Leader leader = new Leader(time, HOSTS)) {
      leader.preload(Samples.running(Samples.config(job, "one"), instances, HOSTS));
      await(time, leader.elect());
      time.resetCpu();
      Response started =
          await(
              time,
              leader
                  .api()
                  .startJobUpdate(
                      leader.call(), Samples.update(job, "two", instances, GROUP), "bench")
                  .toCompletableFuture());
      Response unused = Leader.ok(started);
      time.runUntil(() -> status(leader, job) == JobUpdateStatus.ROLLED_FORWARD, LIMIT);
      check(leader, job, instances);
      Map<String, Long> cpu = time.cpuNanos();
      long all = cpu.values().stream().mapToLong(Long::longValue).sum();
      return (all - cpu.getOrDefault("cluster", 0L)) / 1e9;
    }
  }

  private static <T> T await(VirtualTime time, CompletableFuture<T> future) {
    time.runUntil(future::isDone, LIMIT);
    return future.join();
  }

  private static JobUpdateStatus status(Leader leader, JobKey job) {
    for (UpdateRecord update : leader.state().updates().ofJob(job)) {
      JobUpdateStatus status = update.status();
      if (status != null) {
        return status;
      }
    }
    return JobUpdateStatus.ERROR;
  }

  private static void check(Leader leader, JobKey job, int instances) {
    String version = Samples.config(job, "two").executorConfig().data();
    long updated =
        leader.state().tasks().ofJob(job).active().asMap().values().stream()
            .filter(task -> task.status() == ScheduleStatus.RUNNING)
            .filter(task -> task.assignedTask().task().executorConfig().data().equals(version))
            .count();
    if (updated != instances) {
      throw new IllegalStateException(updated + " of " + instances + " were updated");
    }
  }
}
