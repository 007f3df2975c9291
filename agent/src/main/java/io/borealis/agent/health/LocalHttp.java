package io.borealis.agent.health;

import com.google.common.collect.ImmutableSet;
import io.borealis.runtime.EventLoop;
import io.borealis.thrift.BoundedBody;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Asks tasks of this machine over HTTP: follows redirects, uses no proxy, keeps no connection, and
 * reads no more of an answer than is of use. Thread-safe.
 */
public final class LocalHttp {
  static final int MAX_BODY = 64 << 10;
  private static final int MAX_REDIRECTS = 10;
  private static final ImmutableSet<Integer> REDIRECTS = ImmutableSet.of(301, 302, 303, 307);
  private static final String TIMEOUT = "Error within timeout";

  private final HttpClient client;

  /** What came of a request. */
  public sealed interface Reply {
    /**
     * The task answered. The body is empty unless the code tells of success.
     *
     * @param code of HTTP
     * @param body its begin, if it is long
     */
    record Answer(int code, String body) implements Reply {}

    /**
     * It did not.
     *
     * @param reason for people
     */
    record NoAnswer(String reason) implements Reply {}
  }

  /**
   * @param executor does what little the client has to do between network events
   */
  public LocalHttp(Executor executor) {
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .proxy(HttpClient.Builder.NO_PROXY)
            .executor(executor)
            .build();
  }

  /** Where a task of this machine answers. */
  public static String url(int port, String path) {
    return "http://localhost:" + port + (path.startsWith("/") ? path : "/" + path);
  }

  /**
   * Gets a page; the reply comes at the latest when the timeout is over, on any thread.
   *
   * @param loop measures the timeout
   */
  public CompletionStage<Reply> get(String url, Duration timeout, EventLoop loop) {
    return send(new Ask(url, Ask.GET, MAX_REDIRECTS), timeout, loop);
  }

  /** Posts nothing; otherwise as {@link #get}, but a redirect is an answer. */
  public CompletionStage<Reply> post(String url, Duration timeout, EventLoop loop) {
    return send(new Ask(url, "POST", 0), timeout, loop);
  }

  /** One request, and how often it may still be sent elsewhere. */
  private record Ask(String url, String method, int redirects) {
    static final String GET = "GET";
    private static final String LOCALHOST = "//localhost:";

    HttpRequest request() {
      HttpRequest.Builder builder =
          HttpRequest.newBuilder(URI.create(url))
              .method(method, HttpRequest.BodyPublishers.ofByteArray(new byte[0]));
      if (method.equals(GET)) {
        builder.GET();
      }
      try {
        // A server with a single thread would wait on a connection that is kept.
        builder.header("Connection", "close");
      } catch (IllegalArgumentException notAllowed) {
        // The JDK allows it only with -Djdk.httpclient.allowRestrictedHeaders=connection.
      }
      return builder.build();
    }

    /** Many servers listen at one of the two addresses of this machine only. */
    Optional<Ask> atOtherAddress() {
      return url.contains(LOCALHOST)
          ? Optional.of(new Ask(url.replace(LOCALHOST, "//[::1]:"), method, redirects))
          : Optional.empty();
    }

    Optional<Ask> redirected(HttpResponse<String> response) {
      boolean follow = redirects > 0 && REDIRECTS.contains(response.statusCode());
      return follow
          ? response
              .headers()
              .firstValue("Location")
              .map(to -> new Ask(response.uri().resolve(to).toString(), method, redirects - 1))
          : Optional.empty();
    }
  }

  private CompletionStage<Reply> send(Ask ask, Duration timeout, EventLoop loop) {
    CompletableFuture<Reply> reply = new CompletableFuture<>();
    EventLoop.Timer timer =
        loop.schedule(
            timeout,
            () -> {
              var unused = reply.complete(new Reply.NoAnswer(TIMEOUT));
            });
    exchange(ask, reply);
    return reply.whenComplete((answer, failure) -> timer.cancel());
  }

  private void exchange(Ask ask, CompletableFuture<Reply> reply) {
    CompletableFuture<HttpResponse<String>> sent;
    try {
      sent =
          client.sendAsync(
              ask.request(),
              head ->
                  BoundedBody.of(
                      isSuccess(head.statusCode()) ? MAX_BODY : 0,
                      read -> new String(read.bytes().toByteArray(), StandardCharsets.UTF_8)));
    } catch (IllegalArgumentException notAnAddress) {
      reply.complete(new Reply.NoAnswer(unexpected(notAnAddress)));
      return;
    }
    var unused =
        sent.whenComplete(
            (response, failure) -> {
              if (failure == null) {
                answered(ask, response, reply);
              } else {
                failed(ask, cause(failure), reply);
              }
            });
    // Only the first future knows how to end the exchange.
    var unusedToo = reply.thenRun(() -> sent.cancel(true));
  }

  private void answered(Ask ask, HttpResponse<String> response, CompletableFuture<Reply> reply) {
    Optional<Ask> elsewhere;
    try {
      elsewhere = ask.redirected(response);
    } catch (IllegalArgumentException notAnAddress) {
      elsewhere = Optional.empty();
    }
    if (elsewhere.isPresent()) {
      exchange(elsewhere.get(), reply);
    } else {
      reply.complete(new Reply.Answer(response.statusCode(), response.body()));
    }
  }

  private void failed(Ask ask, Throwable failure, CompletableFuture<Reply> reply) {
    Optional<Ask> other =
        failure instanceof ConnectException ? ask.atOtherAddress() : Optional.empty();
    if (other.isPresent()) {
      exchange(other.get(), reply);
    } else {
      reply.complete(new Reply.NoAnswer(reason(failure)));
    }
  }

  private static boolean isSuccess(int code) {
    return code >= 200 && code < 300;
  }

  private static Throwable cause(Throwable failure) {
    Throwable cause = failure.getCause();
    return failure instanceof CompletionException && cause != null ? cause : failure;
  }

  private static String reason(Throwable failure) {
    if (failure instanceof ConnectException) {
      return "[Errno 111] Connection refused";
    }
    if (failure instanceof CancellationException) {
      return TIMEOUT;
    }
    if (failure instanceof IOException
        && text(failure).toLowerCase(Locale.ROOT).contains("header parser received no bytes")) {
      return "Error within BadStatusLine";
    }
    return unexpected(failure);
  }

  private static String unexpected(Throwable failure) {
    return "Unexpected error: " + text(failure);
  }

  private static String text(Throwable failure) {
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }
}
