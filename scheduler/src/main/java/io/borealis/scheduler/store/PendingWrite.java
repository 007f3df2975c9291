package io.borealis.scheduler.store;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A write and its reply, from when it is submitted until it is answered. Thread-safe; the first
 * answer counts.
 *
 * @param replies runs what waits for the reply
 */
record PendingWrite<T>(
    Function<WriteTransaction, T> work,
    long deadlineNanos,
    CompletableFuture<T> reply,
    Executor replies) {

  boolean isLate(long nowNanos) {
    return nowNanos - deadlineNanos >= 0;
  }

  boolean isAnswered() {
    return reply.isDone();
  }

  void succeed(@Nullable T result) {
    replies.execute(() -> reply.complete(result));
  }

  void fail(RuntimeException failure) {
    replies.execute(() -> reply.completeExceptionally(failure));
  }
}
