package io.borealis.bench;

import io.borealis.bench.Figure.Target;
import java.io.IOException;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** How soon the next leader accepts a write, after a crash and after an orderly end. */
final class Failover implements Program {
  private static final int ROUNDS = 3;
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Duration SETTLE = Duration.ofSeconds(5);
  private static final Duration RETRY = Duration.ofMillis(5);

  private int writes;

  @Override
  public String name() {
    return "failover";
  }

  @Override
  public String summary() {
    return "election, and planned hand-over, to the first accepted write, 100,000 tasks";
  }

  @Override
  public List<Figure> run() throws Exception {
    List<Double> elections = new ArrayList<>();
    List<Double> crashes = new ArrayList<>();
    List<Double> handOvers = new ArrayList<>();
    try (Testbed testbed = Testbed.start()) {
      StoredState.store(LargeState.of(LargeState.UPDATES), testbed.connectString());
      Testbed.Scheduler leader = start(testbed);
      leader.awaitLeading();
      for (int round = 0; round < ROUNDS; round++) {
        Testbed.Scheduler next = follower(testbed);
        long killed = System.currentTimeMillis();
        leader.process().kill();
        long accepted = firstWrite(next);
        elections.add((accepted - electedMs(next)) / 1e3);
        crashes.add((accepted - killed) / 1e3);
        leader = next;
        next = follower(testbed);
        long ended = System.currentTimeMillis();
        leader.process().terminate();
        handOvers.add((firstWrite(next) - ended) / 1e3);
        leader = next;
      }
    }
    return List.of(
        Figure.of(
            "election to first accepted write, 100,000 tasks",
            Statistics.median(elections),
            "s",
            Target.atMost(1),
            "the leader was killed; with a session timeout of 6 s, %.1f s after that"
                .formatted(Statistics.median(crashes))),
        Figure.of(
            "planned hand-over to first accepted write",
            Statistics.median(handOvers),
            "s",
            Target.atMost(0.5),
            "from SIGTERM of the leader"));
  }

  private static Testbed.Scheduler start(Testbed testbed) throws IOException {
    return testbed.scheduler(
        "--cluster-name",
        StoredState.CLUSTER,
        "--serverset-path",
        StoredState.SERVERSET,
        "--simulated-hosts",
        Integer.toString(LargeState.HOSTS));
  }

  /** One that is caught up and stands as a candidate. */
  private static Testbed.Scheduler follower(Testbed testbed)
      throws IOException, InterruptedException {
    Testbed.Scheduler follower = start(testbed);
    String unused = follower.process().awaitLine("standing by; the leader is", LIMIT);
    Thread.sleep(SETTLE.toMillis());
    return follower;
  }

  /** Asks until a write is accepted; when that was, by the wall clock. */
  private long firstWrite(Testbed.Scheduler next) throws IOException, InterruptedException {
    long end = System.nanoTime() + LIMIT.toNanos();
    Connection connection = next.connect();
    try {
      while (System.nanoTime() - end < 0) {
        try {
          PulsedUpdate.check(connection.post(PulsedUpdate.request(writes), Connection.BINARY));
          writes++;
          return System.currentTimeMillis();
        } catch (IOException | IllegalStateException notYet) {
          // A redirect to the old leader, or a refusal by one that does not lead yet.
          TimeUnit.NANOSECONDS.sleep(RETRY.toNanos());
          connection.close();
          connection = next.connect();
        }
      }
    } finally {
      connection.close();
    }
    throw new IllegalStateException("no write was accepted within " + LIMIT);
  }

  /** When it learned that it was elected, as it has logged. */
  private static long electedMs(Testbed.Scheduler next) throws InterruptedException {
    String line = next.process().awaitLine("Elected, taking over", LIMIT);
    String time = line.substring(0, line.indexOf(' '));
    return LocalDateTime.parse(time).atZone(ZoneId.systemDefault()).toInstant().toEpochMilli();
  }
}
