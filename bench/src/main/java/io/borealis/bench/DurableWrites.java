package io.borealis.bench;

import io.borealis.bench.Figure.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** How many durable calls many clients get through, beside what the ensemble does one by one. */
final class DurableWrites implements Program {
  private static final int CLIENTS = 64;
  private static final int ROUNDS = 5;
  private static final Duration WARM_UP = Duration.ofSeconds(10);
  private static final Duration CALLS = Duration.ofSeconds(5);
  private static final Duration CREATES = Duration.ofSeconds(3);

  @Override
  public String name() {
    return "durable-writes";
  }

  @Override
  public String summary() {
    return "durable RPCs per second, 64 clients ÷ ZooKeeper creates one by one; CPU of each";
  }

  @Override
  public List<Figure> run() throws Exception {
    List<Figure> figures = new ArrayList<>(measure(3));
    figures.addAll(measure(1));
    return figures;
  }

  private static List<Figure> measure(int servers) throws Exception {
    try (Testbed testbed = Testbed.start(servers)) {
      Testbed.Scheduler scheduler = testbed.scheduler();
      scheduler.awaitLeading();
      try (Load load =
              new Load(CLIENTS, scheduler.port(), PulsedUpdate::request, PulsedUpdate::check);
          RawZooKeeper zooKeeper = testbed.client()) {
        byte[] node = PulsedUpdate.request(0);
        double unused = load.perSecond(WARM_UP);
        unused = zooKeeper.createsPerSecond(node, CREATES);
        List<Double> calls = new ArrayList<>();
        List<Double> creates = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        List<Double> micros = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
          creates.add(zooKeeper.createsPerSecond(node, CREATES));
          double cpu = scheduler.process().cpuSeconds();
          long before = load.calls();
          calls.add(load.perSecond(CALLS));
          micros.add((scheduler.process().cpuSeconds() - cpu) * 1e6 / (load.calls() - before));
          ratios.add(calls.get(round) / creates.get(round));
        }
        return List.of(
            Figure.ratio(
                "durable RPC/s, 64 clients ÷ creates/s, %s".formatted(Testbed.say(servers)),
                Statistics.median(ratios),
                Target.atLeast(4),
                "%,.0f/s ÷ %,.0f/s"
                    .formatted(Statistics.median(calls), Statistics.median(creates))),
            Figure.of(
                "scheduler CPU of a durable RPC, %s".formatted(Testbed.say(servers)),
                Statistics.median(micros),
                "µs",
                Target.atMost(100),
                "all threads of the process, 64 clients"));
      }
    }
  }
}
