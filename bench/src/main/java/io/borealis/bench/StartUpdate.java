package io.borealis.bench;

import io.borealis.api.JobKey;
import io.borealis.bench.Figure.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a start of a large update costs the writer, through which all changes go, and how that grows
 * with the update.
 */
final class StartUpdate implements Program {
  private static final List<Integer> SIZES = List.of(500, 1_000, 2_000, 4_000);
  private static final int USUAL = 2_000;
  private static final int ROUNDS = 11;

  /** A fifth more than eight times, for eight times the instances. */
  private static final Target LINEAR = Target.atMost(9.6);

  /**
   * One start.
   *
   * @param seconds that the writer was busy with it
   * @param cpu seconds of its processor, which others on the machine change less
   */
  private record Start(double seconds, double cpu) {}

  /** What starts of each size took, in the order they were made. */
  private static final class Starts {
    private final boolean replacing;
    private final Map<Integer, List<Start>> bySize = new TreeMap<>();

    Starts(boolean replacing) {
      this.replacing = replacing;
    }

    void addOne(int size) throws Exception {
      bySize.computeIfAbsent(size, any -> new ArrayList<>()).add(start(size, replacing));
    }

    List<Start> of(int size) {
      return bySize.getOrDefault(size, List.of());
    }

    double cpu(int size) {
      return Statistics.median(of(size).stream().map(Start::cpu).toList());
    }

    String kind() {
      return replacing ? "replaced" : "new";
    }
  }

  @Override
  public String name() {
    return "start-update";
  }

  @Override
  public String summary() {
    return "writer time of startJobUpdate with 500 to 4,000 instances in one group";
  }

  @Override
  public List<Figure> run() throws Exception {
    Starts adding = new Starts(false);
    Starts replacing = new Starts(true);
    for (int round = 0; round < ROUNDS; round++) {
      for (int size : SIZES) {
        adding.addOne(size);
        replacing.addOne(size);
      }
    }
    return List.of(usual(adding), growth(adding), usual(replacing), growth(replacing));
  }

  private static Figure usual(Starts starts) {
    List<Start> all = starts.of(USUAL);
    return Figure.of(
        "startJobUpdate, 2,000 %s instances".formatted(starts.kind()),
        Statistics.median(all.stream().map(Start::seconds).toList()),
        "s",
        Target.atMost(0.25),
        "writer time, of which CPU %.3f s; the first one, before anything is compiled: %.2f s"
            .formatted(starts.cpu(USUAL), all.get(0).seconds()));
  }

  private static Figure growth(Starts starts) {
    int least = SIZES.get(0);
    int most = SIZES.get(SIZES.size() - 1);
    List<String> sides = new ArrayList<>();
    for (int size : SIZES) {
      double cpu = starts.cpu(size);
      sides.add(
          "%,d instances: %.3f s of the writer's CPU, %.0f µs each%s"
              .formatted(
                  size,
                  cpu,
                  cpu * 1e6 / size,
                  size == least
                      ? ""
                      : ", %.2f times half as many".formatted(cpu / starts.cpu(size / 2))));
    }
    return Figure.ratio(
        "startJobUpdate, %,d ÷ %,d %s instances".formatted(most, least, starts.kind()),
        starts.cpu(most) / starts.cpu(least),
        LINEAR,
        sides.toArray(String[]::new));
  }

  private static Start start(int instances, boolean replacing) throws Exception {
    JobKey job = Samples.job("hello");
    Metered runtimes = Metered.realTime();
    // The one host cannot hold the tasks: what is measured is the start and nothing after it.
    try (runtimes;
        Leader leader = new Leader(runtimes, 1)) {
      leader.preload(Samples.running(Samples.config(job, "one"), replacing ? instances : 0, 1));
      leader.elect().get();
      runtimes.reset();
      var unused =
          Leader.ok(
              leader
                  .api()
                  .startJobUpdate(
                      leader.call(), Samples.update(job, "two", instances, instances), "bench")
                  .toCompletableFuture()
                  .get());
      return new Start(
          runtimes.longest("writer").toNanos() / 1e9,
          runtimes.longestCpu("writer").toNanos() / 1e9);
    }
  }
}
