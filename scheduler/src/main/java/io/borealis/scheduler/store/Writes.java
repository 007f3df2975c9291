package io.borealis.scheduler.store;

import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** The way to change State. Thread-safe. */
public interface Writes {
  /**
   * Runs the work in a transaction of its own and completes once its outcome is durable.
   *
   * @param deadlineNanos on the monotonic clock; a write not begun by then fails with {@link
   *     NotAppliedException}, one in doubt with {@link OutcomeUnknownException}
   * @return what the work returned or threw; {@link NotAppliedException} when the queue is full,
   *     the journal is full or this leader stepped down before the write was durable
   */
  <T> CompletionStage<T> submit(
      WriteClass writeClass, long deadlineNanos, Function<WriteTransaction, T> work);
}
