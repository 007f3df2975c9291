package io.borealis.bench;

import io.borealis.api.JobKey;
import io.borealis.bench.Figure.Target;
import java.util.ArrayList;
import java.util.List;

/** What a start of a large update costs the writer, through which all changes go. */
final class StartUpdate implements Program {
  private static final int INSTANCES = 2_000;
  private static final int ROUNDS = 15;

  @Override
  public String name() {
    return "start-update";
  }

  @Override
  public String summary() {
    return "writer time of startJobUpdate with 2,000 instances in one group";
  }

  @Override
  public List<Figure> run() throws Exception {
    List<Double> adding = new ArrayList<>();
    List<Double> replacing = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      adding.add(seconds(0));
      replacing.add(seconds(INSTANCES));
    }
    return List.of(
        figure("startJobUpdate, 2,000 new instances", adding),
        figure("startJobUpdate, 2,000 replaced instances", replacing));
  }

  private static Figure figure(String name, List<Double> seconds) {
    return Figure.of(
        name,
        Statistics.median(seconds),
        "s",
        Target.atMost(0.25),
        "writer time; the first one, before anything is compiled: %.2f s"
            .formatted(seconds.get(0)));
  }

  /** The writer's time for one update over a job that has so many instances. */
  private static double seconds(int existing) throws Exception {
    JobKey job = Samples.job("hello");
    Metered runtimes = Metered.realTime();
    // The one host cannot hold the tasks: what is measured is the start and nothing after it.
    try (runtimes;
        Leader leader = new Leader(runtimes, 1)) {
      leader.preload(Samples.running(Samples.config(job, "one"), existing, 1));
      leader.elect().get();
      runtimes.reset();
      var unused =
          Leader.ok(
              leader
                  .api()
                  .startJobUpdate(
                      leader.call(), Samples.update(job, "two", INSTANCES, INSTANCES), "bench")
                  .toCompletableFuture()
                  .get());
      return runtimes.longest("writer").toNanos() / 1e9;
    }
  }
}
