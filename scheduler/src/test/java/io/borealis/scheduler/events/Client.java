package io.borealis.scheduler.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import io.borealis.runtime.VirtualRuntimes;
import io.borealis.thrift.HttpCall;
import io.borealis.thrift.HttpHandler;
import io.borealis.thrift.HttpReply;
import io.borealis.thrift.HttpStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The far end of a stream: reads as fast as the test says. For one thread. */
final class Client implements HttpStream {
  private final StringBuilder text = new StringBuilder();
  private @Nullable CompletableFuture<Void> pending;
  private boolean reading = true;
  private boolean ended;
  private boolean aborted;

  /** Asks, and waits for an answer if it takes its time. */
  static HttpReply ask(
      VirtualRuntimes runtimes,
      HttpHandler handler,
      String method,
      String path,
      Map<String, String> headers) {
    CompletableFuture<HttpReply> reply = send(handler, method, path, headers);
    if (!reply.isDone()) {
      runtimes.advance(Duration.ofSeconds(2));
    }
    return reply.join();
  }

  static CompletableFuture<HttpReply> send(
      HttpHandler handler, String method, String path, Map<String, String> headers) {
    int query = path.indexOf('?');
    return handler
        .handle(
            new HttpCall(
                method,
                query < 0 ? path : path.substring(0, query),
                query < 0 ? "" : path.substring(query + 1),
                ImmutableMap.copyOf(headers),
                new byte[0],
                "10.0.0.1"))
        .toCompletableFuture();
  }

  /** A client that has seen what the id says; none was seen when it is null. */
  static Client follow(UpdateStreams streams, @Nullable String lastEventId) {
    HttpReply reply =
        send(
                streams,
                "GET",
                Histories.PATH,
                lastEventId == null ? Map.of() : Map.of("last-event-id", lastEventId))
            .join();
    if (reply.stream() == null) {
      throw new AssertionError(reply.status() + " " + new String(reply.body(), UTF_8));
    }
    Client client = new Client();
    reply.stream().accept(client);
    return client;
  }

  /** Takes nothing any more, until told to. */
  void stall() {
    reading = false;
  }

  /** Takes what waits and goes on reading. */
  void read() {
    reading = true;
    CompletableFuture<Void> taken = pending;
    pending = null;
    if (taken != null) {
      taken.complete(null);
    }
  }

  /** Goes away without a word: the piece that waits, or the next, fails. */
  void vanish(Throwable how) {
    CompletableFuture<Void> taken = pending;
    pending = null;
    taken.completeExceptionally(how);
  }

  @Override
  public CompletionStage<Void> write(byte[] piece) {
    if (pending != null || ended || aborted) {
      throw new AssertionError("a piece at the wrong time: " + new String(piece, UTF_8));
    }
    text.append(new String(piece, UTF_8));
    CompletableFuture<Void> taken = new CompletableFuture<>();
    if (reading) {
      taken.complete(null);
    } else {
      pending = taken;
    }
    return taken;
  }

  @Override
  public CompletionStage<Void> end(byte[] piece) {
    CompletionStage<Void> taken = write(piece);
    ended = true;
    return taken;
  }

  @Override
  public void abort() {
    aborted = true;
    if (pending != null) {
      vanish(new IOException("aborted"));
    }
  }

  boolean ended() {
    return ended;
  }

  boolean aborted() {
    return aborted;
  }

  /** All that was written. */
  String text() {
    return text.toString();
  }

  /** What a browser would make of it: each message as its lines, without comments and retry. */
  List<String> messages() {
    return messages(text());
  }

  static List<String> messages(String text) {
    return Splitter.on("\n\n")
        .splitToStream(text)
        .map(
            block ->
                block
                    .lines()
                    .filter(line -> !line.isEmpty())
                    .filter(line -> !line.startsWith(":") && !line.startsWith("retry:"))
                    .collect(Collectors.joining("|")))
        .filter(message -> !message.isEmpty())
        .toList();
  }

  /** The id of a message; null without one. */
  static @Nullable String id(String message) {
    return Splitter.on('|')
        .splitToStream(message)
        .filter(line -> line.startsWith("id: "))
        .map(line -> line.substring(4))
        .findFirst()
        .orElse(null);
  }
}
