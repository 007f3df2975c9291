package io.borealis.thrift;

import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;

/**
 * Answers when the implementation does not in time, saying what can be known then: a write may
 * still come true. Safe for use by any thread if the timer is.
 *
 * @param timer runs a task after a delay, unless what it returns is run before
 * @param nanos the monotonic clock of the calls' deadlines
 */
public record Deadline(BiFunction<Duration, Runnable, Runnable> timer, LongSupplier nanos)
    implements Interceptor {
  @Override
  public CompletionStage<Response> around(Call<?> call, Next next) {
    Duration left =
        Duration.ofNanos(Math.max(0, call.context().deadlineNanos() - nanos.getAsLong()));
    CompletableFuture<Response> pending = next.proceed(call).toCompletableFuture();
    if (pending.isDone()) {
      return pending;
    }
    CompletableFuture<Response> result = new CompletableFuture<>();
    Runnable cancel = timer.apply(left, () -> result.complete(tooLate(call, left)));
    var unused =
        pending.whenComplete(
            (response, failure) -> {
              cancel.run();
              if (failure != null) {
                result.completeExceptionally(failure);
              } else {
                result.complete(response);
              }
            });
    return result;
  }

  private static Response tooLate(Call<?> call, Duration waited) {
    long seconds = waited.plusMillis(500).toSeconds();
    return call.mutating()
        ? Answers.of(
            ResponseCode.ERROR,
            "Outcome unknown: no answer within %d s; check before repeating".formatted(seconds))
        : Answers.of(ResponseCode.ERROR_TRANSIENT, "No answer within %d s".formatted(seconds));
  }
}
