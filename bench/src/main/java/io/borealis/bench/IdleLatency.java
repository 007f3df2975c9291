package io.borealis.bench;

import io.borealis.bench.Figure.Target;
import java.util.ArrayList;
import java.util.List;

/** What one durable call costs an idle daemon beyond the disk of ZooKeeper. */
final class IdleLatency implements Program {
  private static final int WARM_UP = 10_000;
  private static final int SAMPLES = 2_000;

  @Override
  public String name() {
    return "idle-latency";
  }

  @Override
  public String summary() {
    return "latency of one idle durable RPC ÷ one raw ZooKeeper create";
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
      try (Connection connection = scheduler.connect();
          RawZooKeeper zooKeeper = testbed.client()) {
        List<Long> calls = new ArrayList<>();
        List<Long> creates = new ArrayList<>();
        for (int i = 0; i < WARM_UP + SAMPLES; i++) {
          byte[] request = PulsedUpdate.request(i);
          long start = System.nanoTime();
          byte[] answer = connection.post(request, Connection.BINARY);
          long between = System.nanoTime();
          zooKeeper.create(request);
          long end = System.nanoTime();
          PulsedUpdate.check(answer);
          if (i >= WARM_UP) {
            calls.add(between - start);
            creates.add(end - between);
          }
        }
        return List.of(
            Figure.ratio(
                "one idle durable RPC ÷ one create, %s".formatted(Testbed.say(servers)),
                Statistics.median(calls) / Statistics.median(creates),
                Target.atMost(1.5),
                "medians: %s ÷ %s".formatted(micros(calls, 0.5), micros(creates, 0.5)),
                "99 of 100 within: %s, %s".formatted(micros(calls, 0.99), micros(creates, 0.99))));
      }
    }
  }

  private static String micros(List<Long> nanos, double part) {
    return "%,.0f µs".formatted(Statistics.quantile(nanos, part) / 1_000);
  }
}
