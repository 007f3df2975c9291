package io.borealis.agent.link;

import io.borealis.thrift.MemberEntry.Endpoint;
import io.borealis.thrift.StructBytes;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Posts with the HTTP client of the JDK: no redirects, no proxy. Thread-safe. */
public final class HttpLeaderTransport implements LeaderTransport {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  private final HttpClient client;
  private final Optional<String> authorization;

  /**
   * @param secret shared with the schedulers, if there is one
   * @param executor finds out addresses and handles what arrives
   */
  public HttpLeaderTransport(Optional<String> secret, Executor executor) {
    this.authorization = secret.map(token -> "Bearer " + token);
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .proxy(HttpClient.Builder.NO_PROXY)
            .connectTimeout(CONNECT_TIMEOUT)
            .executor(executor)
            .build();
  }

  @Override
  public CompletableFuture<Reply> post(Endpoint leader, String path, byte[] body) {
    String host = leader.host().contains(":") ? "[" + leader.host() + "]" : leader.host();
    HttpRequest.Builder request;
    try {
      request =
          HttpRequest.newBuilder(URI.create("http://" + host + ":" + leader.port() + path))
              .header("Content-Type", StructBytes.CONTENT_TYPE)
              .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    } catch (IllegalArgumentException unusable) {
      return CompletableFuture.failedFuture(unusable);
    }
    authorization.ifPresent(value -> request.header("Authorization", value));
    CompletableFuture<HttpResponse<byte[]>> sent =
        client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    CompletableFuture<Reply> reply =
        sent.thenApply(response -> new Reply(response.statusCode(), response.body()));
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
