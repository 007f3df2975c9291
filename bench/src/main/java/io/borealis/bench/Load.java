package io.borealis.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;

/**
 * Clients that call as fast as they are answered, each on a connection that it keeps. Confined to
 * one thread.
 */
final class Load implements AutoCloseable {
  /** Looks at an answer. */
  interface Check {
    void accept(byte[] answer) throws IOException;
  }

  private final List<Connection> connections = new ArrayList<>();
  private final ExecutorService threads;
  private final LongFunction<byte[]> requests;
  private final Check check;
  private final AtomicLong calls = new AtomicLong();

  /**
   * @param requests the call of each number, from 0
   */
  Load(int clients, int port, LongFunction<byte[]> requests, Check check) throws IOException {
    this.requests = requests;
    this.check = check;
    for (int i = 0; i < clients; i++) {
      connections.add(new Connection(port));
    }
    threads = Executors.newFixedThreadPool(clients);
  }

  /** Lets them call for a while; how many calls in a second. */
  double perSecond(Duration duration) throws InterruptedException, ExecutionException {
    long before = calls.get();
    long start = System.nanoTime();
    List<Future<?>> running = new ArrayList<>();
    for (Connection connection : connections) {
      running.add(
          threads.submit(
              () -> {
                while (System.nanoTime() - start < duration.toNanos()) {
                  check.accept(
                      connection.post(requests.apply(calls.getAndIncrement()), Connection.BINARY));
                }
                return null;
              }));
    }
    for (Future<?> each : running) {
      Object unused = each.get();
    }
    return (calls.get() - before) * 1e9 / (System.nanoTime() - start);
  }

  /** Calls made so far. */
  long calls() {
    return calls.get();
  }

  @Override
  public void close() throws IOException {
    threads.shutdownNow();
    for (Connection connection : connections) {
      connection.close();
    }
  }
}
