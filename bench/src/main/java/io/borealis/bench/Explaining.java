package io.borealis.bench;

import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateQuery;
import io.borealis.api.Response;
import io.borealis.scheduler.store.UpdateRecord;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What it costs to say why updates are not moving; it is done for those who ask and only then. */
final class Explaining implements Program {
  private static final int LARGE = 10_000;
  private static final int SMALL = 1_000;
  private static final int GROUP = 50;
  private static final int MANY = 1_000;
  private static final int FEW = 100;
  private static final int INSTANCES = 10;
  private static final int HOSTS = 1_000;
  private static final int WARM_UP = 40;
  private static final int ROUNDS = 40;
  private static final Duration LIMIT = Duration.ofHours(12);

  @Override
  public String name() {
    return "explaining";
  }

  @Override
  public String summary() {
    return "CPU of the explanation of a 10,000-instance update and of 1,000 active updates";
  }

  @Override
  public List<Figure> run() {
    double large = ofOneGroup(LARGE);
    double small = ofOneGroup(SMALL);
    double many = ofMany(MANY);
    double few = ofMany(FEW);
    return List.of(
        Figure.ratio(
            "explanation, %,d ÷ %,d instances under way".formatted(LARGE, SMALL),
            large / small,
            Cost.LINEAR,
            "%.2f ms ÷ %.2f ms of CPU, with the summary it belongs to"
                .formatted(large * 1e3, small * 1e3),
            "%,d instances of which %d are under way: %.2f ms"
                .formatted(LARGE, GROUP, ofHalfDone() * 1e3)),
        Figure.ratio(
            "explanations, %,d ÷ %,d active updates".formatted(MANY, FEW),
            many / few,
            Cost.LINEAR,
            "%.2f ms ÷ %.2f ms of CPU, with all summaries".formatted(many * 1e3, few * 1e3)));
  }

  /** All instances begun at once, of which the one host takes few. */
  private static double ofOneGroup(int instances) {
    try (VirtualTime time = new VirtualTime();
        Leader leader = new Leader(time, 1)) {
      time.await(leader.elect());
      start(time, leader, Samples.job("hello"), instances, instances);
      return seconds(leader, 1);
    }
  }

  /** A large job with a small group, in the middle. */
  private static double ofHalfDone() {
    JobKey job = Samples.job("hello");
    try (VirtualTime time = new VirtualTime();
        Leader leader = new Leader(time, HOSTS)) {
      leader.preload(Samples.running(Samples.config(job, "one"), LARGE, HOSTS));
      time.await(leader.elect());
      start(time, leader, job, LARGE, GROUP);
      time.runUntil(
          () -> {
            for (UpdateRecord update : leader.state().updates().activeOf(job)) {
              return update.progress().started() >= LARGE / 2;
            }
            return false;
          },
          LIMIT);
      return seconds(leader, 1);
    }
  }

  private static double ofMany(int updates) {
    try (VirtualTime time = new VirtualTime();
        Leader leader = new Leader(time, 1)) {
      time.await(leader.elect());
      for (int i = 0; i < updates; i++) {
        start(time, leader, Samples.job("hello-" + i), INSTANCES, INSTANCES);
      }
      return seconds(leader, updates);
    }
  }

  private static void start(VirtualTime time, Leader leader, JobKey job, int instances, int group) {
    var unused =
        Leader.ok(
            time.await(
                leader
                    .api()
                    .startJobUpdate(
                        leader.call(), Samples.update(job, "two", instances, group), "bench")));
  }

  /** CPU of a list of all updates with what they wait for. */
  private static double seconds(Leader leader, int updates) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    List<Double> seconds = new ArrayList<>();
    for (int i = 0; i < WARM_UP + ROUNDS; i++) {
      long start = threads.getCurrentThreadCpuTime();
      int explained = explained(leader);
      long end = threads.getCurrentThreadCpuTime();
      if (explained != updates) {
        throw new IllegalStateException(explained + " of " + updates + " were explained");
      }
      if (i >= WARM_UP) {
        seconds.add((end - start) / 1e9);
      }
    }
    return Statistics.median(seconds);
  }

  private static int explained(Leader leader) {
    Response answer =
        Leader.ok(
            leader
                .api()
                .getJobUpdateSummaries(leader.call(), JobUpdateQuery.builder().build())
                .toCompletableFuture()
                .join());
    return leader.explain(answer).size();
  }
}
