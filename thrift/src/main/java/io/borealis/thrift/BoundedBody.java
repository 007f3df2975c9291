package io.borealis.thrift;

import io.borealis.api.codec.Bytes;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads so many bytes of an answer to the HTTP client of the JDK, and hangs up when more come. Used
 * by that client alone, for one answer.
 */
public final class BoundedBody implements BodySubscriber<BoundedBody.Content> {
  private final int limit;
  private final ByteArrayOutputStream read = new ByteArrayOutputStream();
  private final CompletableFuture<Content> body = new CompletableFuture<>();
  private Flow.@Nullable Subscription subscription;

  /**
   * What was read. Immutable.
   *
   * @param whole whether there was no more
   */
  public record Content(Bytes bytes, boolean whole) {}

  private BoundedBody(int limit) {
    this.limit = limit;
  }

  /**
   * A body of at most so many bytes, made into something else.
   *
   * @param limit in bytes; with 0 nothing is read
   */
  public static <T> BodySubscriber<T> of(int limit, Function<Content, T> then) {
    return BodySubscribers.mapping(new BoundedBody(limit), then);
  }

  @Override
  public CompletionStage<Content> getBody() {
    return body;
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
    body.complete(new Content(Bytes.copyOf(read.toByteArray()), whole));
  }

  @Override
  public void onError(Throwable failure) {
    body.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    end(true);
  }
}
