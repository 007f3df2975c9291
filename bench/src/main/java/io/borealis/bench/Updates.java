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
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/** What whole updates cost the leader, and how that grows with the job. */
final class Updates implements Program {
  /** How often an update of so many instances is run to be counted once: short ones are noise. */
  private static final Map<Integer, Integer> SIZES =
      new TreeMap<>(Map.of(100, 10, 1_000, 1, 10_000, 1));

  private static final int USUAL = 1_000;
  private static final int GROUP = 50;

  /** Of which 10,000 tasks with their executors use a quarter. */
  private static final int HOSTS = 1_000;

  private static final int WARM_UP = 2;
  private static final int ROUNDS = 3;
  private static final Duration SETTLE = Duration.ofSeconds(30);
  private static final Duration LIMIT = Duration.ofHours(12);

  @Override
  public String name() {
    return "updates";
  }

  @Override
  public String summary() {
    return "CPU and journal bytes of updates of 100, 1,000 and 10,000 instances, on virtual time";
  }

  @Override
  public List<Figure> run() {
    double first = cost(USUAL, GROUP).cpu();
    for (int i = 1; i < WARM_UP; i++) {
      Cost unused = cost(USUAL, GROUP).plus(cost(USUAL, USUAL));
    }
    List<Map<Integer, Cost>> grouped = new ArrayList<>();
    List<Map<Integer, Cost>> whole = new ArrayList<>();
    for (int i = 0; i < ROUNDS; i++) {
      Map<Integer, Cost> inGroups = new TreeMap<>();
      Map<Integer, Cost> inOne = new TreeMap<>();
      SIZES.forEach(
          (size, times) -> {
            inGroups.put(size, average(size, GROUP, times));
            inOne.put(size, average(size, size, times));
          });
      grouped.add(inGroups);
      whole.add(inOne);
    }
    List<Figure> figures = new ArrayList<>();
    figures.add(
        Figure.of(
            "CPU of a 1,000-instance update, group 50",
            median(grouped, sizes -> at(sizes, USUAL).cpu()),
            "s",
            Target.atMost(1),
            "the first one, before anything is compiled: %.2f s".formatted(first)));
    figures.addAll(growth("group 50", grouped));
    figures.addAll(growth("one group", whole));
    return figures;
  }

  private static List<Figure> growth(String how, List<Map<Integer, Cost>> rounds) {
    List<String> sides = new ArrayList<>();
    SIZES
        .keySet()
        .forEach(size -> sides.add(at(rounds.get(rounds.size() - 1), size).describe(size)));
    List<Figure> figures = new ArrayList<>();
    for (int small : List.of(1_000, 100)) {
      int large = 10 * small;
      String names = "%,d ÷ %,d instances, %s".formatted(large, small, how);
      figures.add(
          Figure.ratio(
              "CPU of updates, " + names,
              median(rounds, sizes -> at(sizes, large).cpu() / at(sizes, small).cpu()),
              Cost.LINEAR,
              small == USUAL ? sides.toArray(String[]::new) : new String[0]));
      figures.add(
          Figure.ratio(
              "journal bytes, " + names,
              median(rounds, sizes -> (double) at(sizes, large).bytes() / at(sizes, small).bytes()),
              Cost.LINEAR));
    }
    return figures;
  }

  private static Cost at(Map<Integer, Cost> sizes, int size) {
    return sizes.getOrDefault(size, Cost.NONE);
  }

  private static double median(
      List<Map<Integer, Cost>> rounds, ToDoubleFunction<Map<Integer, Cost>> figure) {
    return Statistics.median(rounds.stream().map(figure::applyAsDouble).toList());
  }

  private static Cost average(int instances, int group, int times) {
    Cost sum = Cost.NONE;
    for (int i = 0; i < times; i++) {
      sum = sum.plus(cost(instances, group));
    }
    return sum.each(times);
  }

  /** From the call to the end of the update. */
  private static Cost cost(int instances, int group) {
    JobKey job = Samples.job("hello");
    try (VirtualTime time = new VirtualTime();
        Leader leader = new Leader(time, HOSTS)) {
      leader.preload(Samples.running(Samples.config(job, "one"), instances, HOSTS));
      time.await(leader.elect());
      // What the hosts cost that come is not the update's.
      time.runFor(SETTLE);
      time.resetCpu();
      Cost before = Cost.of(time, leader);
      Response unused =
          Leader.ok(
              time.await(
                  leader
                      .api()
                      .startJobUpdate(
                          leader.call(), Samples.update(job, "two", instances, group), "bench")));
      time.runUntil(() -> status(leader, job) == JobUpdateStatus.ROLLED_FORWARD, LIMIT);
      check(leader, job, instances);
      return Cost.of(time, leader).minus(before);
    }
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

  /** Insists that so many instances of the job have what Samples.update brings. */
  static void check(Leader leader, JobKey job, int instances) {
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
