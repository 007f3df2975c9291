package io.borealis.scheduler.sla;

import io.borealis.thrift.BoundedBody;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Talks to coordinators with the HTTP client of the JDK: no redirects, no proxy, and no more of an
 * answer than is of use. Thread-safe.
 */
public final class JdkCoordinatorHttp implements CoordinatorHttp {
  static final int MAX_BODY = 64 << 10;
  private static final int OK = 200;

  private final HttpClient client;

  /**
   * @param timeout for a connection; who asks has to see to the rest
   * @param executor finds out addresses, which may take its time
   */
  public JdkCoordinatorHttp(Duration timeout, Executor executor) {
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .proxy(HttpClient.Builder.NO_PROXY)
            .connectTimeout(timeout)
            .executor(executor)
            .build();
  }

  @Override
  public CompletableFuture<Reply> post(URI uri, byte[] body) {
    HttpRequest request =
        HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.ofByteArray(body)).build();
    CompletableFuture<HttpResponse<Reply>> sent =
        client.sendAsync(
            request,
            head ->
                BoundedBody.of(
                    head.statusCode() == OK ? MAX_BODY : 0,
                    read -> new Reply(head.statusCode(), read.bytes(), read.whole())));
    CompletableFuture<Reply> reply = sent.thenApply(HttpResponse::body);
    // Only the first future knows how to end the exchange.
    var unused =
        reply.whenComplete(
            (answer, failure) -> {
              if (reply.isCancelled()) {
                sent.cancel(true);
              }
            });
    return reply;
  }
}
