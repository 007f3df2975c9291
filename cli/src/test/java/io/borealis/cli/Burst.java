package io.borealis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.InstanceKey;
import io.borealis.api.Response;
import io.borealis.api.ScheduledTask;
import io.borealis.api.rpc.AddInstancesArgs;
import io.borealis.api.rpc.CreateJobArgs;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Clients that write as fast as they are answered, by turns what can be done once (create a job)
 * and what would show if it were done twice (add an instance), and remember every answer. They look
 * for the leader themselves. Started and stopped by one thread.
 */
final class Burst implements AutoCloseable {
  /** What a client may believe about a write. */
  private enum Outcome {
    /** It was acknowledged. */
    DONE,
    /** It was refused in a way that says: not applied. */
    REFUSED,
    /** It may have been applied or not. */
    UNKNOWN,
  }

  /** Of every job, so that one half applied would show. */
  private static final int INSTANCES = 3;

  private final String name;
  private final Duration rest;
  private final Supplier<List<Wire>> members;
  private final List<Thread> clients = new ArrayList<>();
  private final Map<String, Outcome> created = new ConcurrentHashMap<>();
  private final Map<String, Map<Outcome, Integer>> added = new ConcurrentHashMap<>();
  private final AtomicInteger acknowledged = new AtomicInteger();
  private final List<Throwable> failures = new ArrayList<>();
  private volatile boolean going = true;

  /**
   * @param name begins the names of all jobs of this burst
   * @param members the schedulers to be tried
   */
  Burst(String name, int size, Supplier<List<Wire>> members) {
    this(name, size, Duration.ZERO, members);
  }

  /**
   * @param rest how long each client waits after its writes
   */
  Burst(String name, int size, Duration rest, Supplier<List<Wire>> members) {
    this.name = name;
    this.rest = rest;
    this.members = members;
    for (int i = 0; i < size; i++) {
      int client = i;
      Thread thread = new Thread(() -> run(client), name + " client " + i);
      thread.setDaemon(true);
      clients.add(thread);
      thread.start();
    }
  }

  private void run(int client) {
    try {
      Client turns = new Client(client);
      int attempt = 0;
      String growing = "%s-grows-%d-%d".formatted(name, client, attempt);
      while (going && turns.create(growing) != Outcome.DONE) {
        turns.another();
        growing = "%s-grows-%d-%d".formatted(name, client, ++attempt);
      }
      for (int i = 0; going; i++) {
        turns.write("%s-%d-%d".formatted(name, client, i), growing);
        Await.pause(rest);
      }
    } catch (RuntimeException | Error failure) {
      synchronized (failures) {
        failures.add(failure);
      }
    }
  }

  /** One client and whom it takes for the leader. */
  private final class Client {
    private int turn;

    Client(int turn) {
      this.turn = turn;
    }

    void write(String job, String growing) {
      Outcome once = create(job);
      created.put(job, once);
      Outcome more = call("addInstances", new AddInstancesArgs(growing(growing), 1));
      added
          .computeIfAbsent(growing, g -> new EnumMap<>(Outcome.class))
          .merge(more, 1, (a, b) -> a + b);
      if (once != Outcome.DONE || more != Outcome.DONE) {
        another();
      }
    }

    void another() {
      turn++;
      Await.pause(Duration.ofMillis(20));
    }

    private InstanceKey growing(String job) {
      return new InstanceKey(Jobs.key(job), 0);
    }

    Outcome create(String job) {
      return call("createJob", new CreateJobArgs(Jobs.job(job, INSTANCES)));
    }

    private <A> Outcome call(String method, A args) {
      List<Wire> all = members.get();
      Outcome outcome = answer(all.get(Math.floorMod(turn, all.size())), method, args);
      if (outcome == Outcome.DONE) {
        acknowledged.incrementAndGet();
      }
      return outcome;
    }
  }

  private static <A> Outcome answer(Wire wire, String method, A args) {
    try {
      Response response = wire.call(method, args);
      return switch (response.responseCode()) {
        case OK -> Outcome.DONE;
        case ERROR_TRANSIENT -> Outcome.REFUSED;
        case ERROR -> Outcome.UNKNOWN;
        default -> throw new AssertionError(method + " " + args + ": " + response);
      };
    } catch (Wire.NotHandledException | ConnectException refused) {
      return Outcome.REFUSED;
    } catch (IOException broken) {
      return Outcome.UNKNOWN;
    }
  }

  /** How many writes were acknowledged so far. */
  int acknowledged() {
    return acknowledged.get();
  }

  /** Waits until some more writes were acknowledged. */
  void awaitMore(int writes) {
    int goal = acknowledged() + writes;
    Await.until(writes + " more writes", Duration.ofSeconds(60), () -> acknowledged() >= goal);
  }

  /** Has the clients stop after their next answer. */
  @Override
  public void close() {
    going = false;
  }

  /** Stops the clients and waits until each has its last answer. */
  void finish() {
    close();
    try {
      for (Thread client : clients) {
        client.join(Duration.ofSeconds(60).toMillis());
        assertThat(client.isAlive()).as(client.getName()).isFalse();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", interrupted);
    }
    synchronized (failures) {
      assertThat(failures).isEmpty();
    }
  }

  /** All that was acknowledged is there once, and nothing that was refused. */
  void check(Wire leader) throws IOException {
    Map<String, Integer> found = new ConcurrentHashMap<>();
    for (ScheduledTask task : Calls.activeOf(leader, Jobs.ROLE)) {
      found.merge(task.assignedTask().task().job().name(), 1, (a, b) -> a + b);
    }
    created.forEach(
        (job, outcome) -> {
          int tasks = found.getOrDefault(job, 0);
          switch (outcome) {
            case DONE -> assertThat(tasks).as("acknowledged %s", job).isEqualTo(INSTANCES);
            case REFUSED -> assertThat(tasks).as("refused %s", job).isZero();
            case UNKNOWN -> assertThat(tasks).as("in doubt %s", job).isIn(0, INSTANCES);
          }
        });
    added.forEach(
        (job, outcomes) -> {
          int done = INSTANCES + outcomes.getOrDefault(Outcome.DONE, 0);
          int doubtful = outcomes.getOrDefault(Outcome.UNKNOWN, 0);
          assertThat(found.getOrDefault(job, 0))
              .as("instances of %s", job)
              .isBetween(done, done + doubtful);
        });
  }
}
