package io.borealis.scheduler.sla;

import io.borealis.api.codec.Bytes;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

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
            request, head -> new Reader(head.statusCode(), head.statusCode() == OK ? MAX_BODY : 0));
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

  /** Reads so many bytes, and hangs up when more come. */
  private static final class Reader implements HttpResponse.BodySubscriber<Reply> {
    private final int status;
    private final int limit;
    private final ByteArrayOutputStream read = new ByteArrayOutputStream();
    private final CompletableFuture<Reply> reply = new CompletableFuture<>();
    private Flow.@Nullable Subscription subscription;

    Reader(int status, int limit) {
      this.status = status;
      this.limit = limit;
    }

    @Override
    public CompletionStage<Reply> getBody() {
      return reply;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
      given.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
      for (ByteBuffer buffer : buffers) {
        byte[] some = new byte[Math.min(buffer.remaining(), limit - read.size())];
        int rest = buffer.remaining() - some.length;
        buffer.get(some);
        read.writeBytes(some);
        if (rest > 0) {
          end(false);
          return;
        }
      }
    }

    private void end(boolean whole) {
      if (!whole && subscription != null) {
        subscription.cancel();
      }
      reply.complete(new Reply(status, Bytes.copyOf(read.toByteArray()), whole));
    }

    @Override
    public void onError(Throwable failure) {
      reply.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      end(true);
    }
  }
}
