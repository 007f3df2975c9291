package io.borealis.bench;

import com.sun.management.OperatingSystemMXBean;
import io.borealis.bench.Figure.Target;
import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.journal.Journal;
import io.borealis.scheduler.store.Replica;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How long a process that has just started takes to know a large State. Also the main class of that
 * process.
 */
public final class ColdStart implements Program {
  private static final int ROUNDS = 5;
  private static final Pattern LOADED = Pattern.compile("loaded after (\\d+) ms, (\\d+) ms of CPU");

  ColdStart() {}

  @Override
  public String name() {
    return "cold-start";
  }

  @Override
  public String summary() {
    return "from the begin of loading 100,000 tasks and 1,000 updates to State, in a new process";
  }

  @Override
  public List<Figure> run() throws Exception {
    try (Testbed testbed = Testbed.start()) {
      StoredState.store(LargeState.of(LargeState.UPDATES), testbed.connectString());
      List<Double> seconds = new ArrayList<>();
      List<Double> cpu = new ArrayList<>();
      for (int round = 0; round < ROUNDS; round++) {
        try (Child child = Child.start(ColdStart.class.getName(), testbed.connectString())) {
          Matcher line = LOADED.matcher(child.awaitLine("loaded after", Duration.ofMinutes(2)));
          if (!line.find()) {
            throw new IllegalStateException("an unexpected line");
          }
          seconds.add(Double.parseDouble(line.group(1)) / 1_000);
          cpu.add(Double.parseDouble(line.group(2)) / 1_000);
        }
      }
      return List.of(
          Figure.of(
              "cold start, 100,000 tasks and 1,000 updates",
              Statistics.median(seconds),
              "s",
              Target.atMost(2),
              "from the first contact with ZooKeeper, in a new JVM; CPU %.2f s"
                  .formatted(Statistics.median(cpu))));
    }
  }

  /** Follows the journal until it is caught up. */
  public static void main(String[] args) throws Exception {
    try (Metered runtimes = Metered.realTime();
        Journal journal = StoredState.open(args[0], runtimes)) {
      Replica replica = new Replica(new EntryCodec());
      long start = System.nanoTime();
      long cpu = cpuNanos();
      journal.follow(replica).toCompletableFuture().get();
      journal.whenCaughtUp().toCompletableFuture().get();
      long end = System.nanoTime();
      if (replica.durable().tasks().size() != LargeState.TASKS) {
        throw new IllegalStateException(replica.durable().tasks().size() + " tasks were found");
      }
      System.out.printf(
          "loaded after %d ms, %d ms of CPU%n",
          (end - start) / 1_000_000, (cpuNanos() - cpu) / 1_000_000);
    }
  }

  /** CPU of this process, with collections and compilations. */
  private static long cpuNanos() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? system.getProcessCpuTime()
        : 0;
  }
}
