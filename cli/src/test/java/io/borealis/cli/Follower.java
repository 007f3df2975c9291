package io.borealis.cli;

import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A client that follows an update by its events, and goes on with whom it is told to when its
 * connection ends, as a browser would. Its thread fills the list; any thread may read it.
 */
final class Follower {
  /** A message of a stream; the end has no id. */
  record Message(String event, @Nullable String id, String data) {}

  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Message> messages = new CopyOnWriteArrayList<>();
  private final String path;
  private final AtomicInteger connections = new AtomicInteger();
  private final CompletableFuture<Void> done;
  private volatile @Nullable String lastEventId;

  private Follower(JobUpdateKey key, ExecutorService executor, Supplier<Integer> port) {
    JobKey job = key.job();
    this.path =
        "/events/updates/%s/%s/%s/%s"
            .formatted(job.role(), job.environment(), job.name(), key.id());
    this.done = CompletableFuture.runAsync(() -> run(port), executor);
  }

  /**
   * Follows an update to its end on the thread of an executor.
   *
   * @param port where to connect, asked each time
   */
  static Follower of(JobUpdateKey key, ExecutorService executor, Supplier<Integer> port) {
    return new Follower(key, executor, port);
  }

  /** Completes with the end of the update. */
  CompletableFuture<Void> done() {
    return done;
  }

  /** All messages so far. */
  List<Message> messages() {
    return messages;
  }

  /** How many connections were answered. */
  int connections() {
    return connections.get();
  }

  /** The status of the answer to a client that has seen everything. */
  int again(int port) throws IOException, InterruptedException {
    return http.send(request(port), BodyHandlers.discarding()).statusCode();
  }

  private HttpRequest request(int port) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
    String seen = lastEventId;
    return (seen == null ? request : request.header("Last-Event-ID", seen)).build();
  }

  private void run(Supplier<Integer> port) {
    while (!ended()) {
      try {
        HttpResponse<Stream<String>> reply = http.send(request(port.get()), BodyHandlers.ofLines());
        if (reply.statusCode() != 200) {
          throw new AssertionError(reply.statusCode() + " for " + lastEventId);
        }
        connections.incrementAndGet();
        read(reply.body().iterator());
      } catch (IOException | UncheckedIOException lost) {
        Await.pause(Duration.ofMillis(100));
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new AssertionError(interrupted);
      }
    }
  }

  private boolean ended() {
    return !messages.isEmpty() && messages.get(messages.size() - 1).event().equals("end");
  }

  private void read(Iterator<String> lines) {
    String event = null;
    String id = null;
    String data = null;
    while (lines.hasNext()) {
      String line = lines.next();
      if (line.startsWith("event: ")) {
        event = line.substring(7);
      } else if (line.startsWith("id: ")) {
        id = line.substring(4);
      } else if (line.startsWith("data: ")) {
        data = line.substring(6);
      } else if (line.isEmpty() && event != null && data != null) {
        messages.add(new Message(event, id, data));
        lastEventId = id == null ? lastEventId : id;
        event = null;
        id = null;
        data = null;
      }
    }
  }
}
