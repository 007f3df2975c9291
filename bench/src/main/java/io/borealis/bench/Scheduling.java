package io.borealis.bench;

import com.google.common.collect.ArrayListMultimap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import com.google.common.collect.ListMultimap;
import io.borealis.api.Resource;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.bench.Figure.Target;
import io.borealis.scheduler.store.WriteClass;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What placing tasks costs, in one job or in many, and what it costs while many others wait that
 * cannot be placed.
 */
final class Scheduling implements Program {
  private static final int HOSTS = 1_000;
  private static final int TASKS = 10_000;
  private static final int WARM_UP = 2;
  private static final int ROUNDS = 5;

  /**
   * What is placed.
   *
   * @param jobs among which the tasks are divided
   * @param hopeless jobs of a task each that no host is large enough for
   */
  private record Case(int jobs, int hopeless) {}

  /** CPU of the two loops that place tasks, in µs a task. */
  private record Cost(double search, double writer) {
    double total() {
      return search + writer;
    }

    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%.1f µs of search, %.1f µs of the writer", search, writer);
    }
  }

  @Override
  public String name() {
    return "scheduling";
  }

  @Override
  public String summary() {
    return "CPU of placing 10,000 tasks of 1, 100 and 10,000 jobs on 1,000 hosts";
  }

  @Override
  public List<Figure> run() {
    List<Case> cases =
        List.of(new Case(1, 0), new Case(100, 0), new Case(TASKS, 0), new Case(100, TASKS));
    // By turns, so that none is measured with less compiled code than another.
    ListMultimap<Case, Cost> costs = ArrayListMultimap.create();
    for (int round = -WARM_UP; round < ROUNDS; round++) {
      for (Case each : cases) {
        Cost cost = measure(each.jobs, each.hopeless);
        if (round >= 0) {
          costs.put(each, cost);
        }
      }
    }
    Cost one = median(costs.get(cases.get(0)));
    Cost some = median(costs.get(cases.get(1)));
    Cost many = median(costs.get(cases.get(2)));
    Cost crowded = median(costs.get(cases.get(3)));
    return List.of(
        Figure.of(
            "placing 10,000 tasks of one job",
            one.total(),
            "µs/task",
            Target.atMost(100),
            one.toString(),
            "%,.0f tasks a second of one core".formatted(1e6 / one.total())),
        Figure.ratio(
            "100 jobs ÷ one job, per task",
            some.total() / one.total(),
            Target.atMost(1.5),
            some.toString()),
        Figure.ratio(
            "10,000 jobs ÷ one job, per task",
            many.total() / one.total(),
            Target.atMost(3),
            many.toString()),
        Figure.ratio(
            "beside 10,000 jobs that find no place ÷ alone",
            crowded.total() / some.total(),
            Target.atMost(1.5),
            crowded.toString()));
  }

  private static Cost median(List<Cost> costs) {
    costs.sort((a, b) -> Double.compare(a.total(), b.total()));
    return costs.get(costs.size() / 2);
  }

  /**
   * @param hopeless jobs of a task each that no host is large enough for
   */
  private static Cost measure(int jobs, int hopeless) {
    VirtualTime time = new VirtualTime();
    try (Leader leader = new Leader(time, HOSTS)) {
      List<ScheduledTask> tasks = new ArrayList<>();
      for (int job = 0; job < hopeless; job++) {
        tasks.addAll(Samples.pending(huge("huge-" + job), 1));
      }
      leader.preload(tasks);
      time.await(leader.elect());
      time.runFor(Duration.ofSeconds(30));
      int hosts = leader.state().hosts().size();
      if (hosts != HOSTS) {
        throw new IllegalStateException(hosts + " hosts have made offers");
      }
      List<ScheduledTask> placeable = new ArrayList<>();
      for (int job = 0; job < jobs; job++) {
        placeable.addAll(
            Samples.pending(Samples.config(Samples.job("job-" + job), "one"), TASKS / jobs));
      }
      time.await(
          leader
              .writes()
              .submit(
                  WriteClass.RPC,
                  time.clock().nanoTime() + Duration.ofMinutes(1).toNanos(),
                  tx -> {
                    placeable.forEach(tx::save);
                    return true;
                  }));
      time.resetCpu();
      time.runUntil(
          () -> Iterables.size(leader.state().tasks().pending().values()) == hopeless,
          Duration.ofMinutes(5));
      return new Cost(
          time.cpuNanos().getOrDefault("scheduling", 0L) / 1e3 / TASKS,
          time.cpuNanos().getOrDefault("writer", 0L) / 1e3 / TASKS);
    }
  }

  private static TaskConfig huge(String job) {
    return Samples.config(Samples.job(job), "one").toBuilder()
        .resources(
            ImmutableSet.of(
                new Resource.NumCpus(100), new Resource.RamMb(32), new Resource.DiskMb(16)))
        .build();
  }
}
