package io.borealis.scheduler.store;

import io.borealis.api.storage.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Transactions that share an append, with what leaves once it is durable: their own replies and
 * effects, and those of transactions without changes that were built on them. Confined to the
 * writer's loop.
 */
final class Batch {
  private final List<WriteTransaction> changes = new ArrayList<>();
  private final List<Answer<?>> answers = new ArrayList<>();
  private final List<Runnable> effects = new ArrayList<>();
  private State end = State.EMPTY;
  private boolean settled;
  private long index;
  private @Nullable Throwable failure;

  /** What a write came to. */
  private record Answer<T>(
      PendingWrite<T> write,
      @Nullable T result,
      @Nullable RuntimeException refusal,
      boolean changes) {
    void send() {
      if (refusal == null) {
        write.succeed(result);
      } else {
        write.fail(refusal);
      }
    }
  }

  /** Adds a transaction that was made, with or without changes. */
  <T> void add(PendingWrite<T> write, T result, WriteTransaction transaction) {
    if (transaction.hasChanges()) {
      changes.add(transaction);
      end = transaction.end();
    }
    answers.add(new Answer<>(write, result, null, transaction.hasChanges()));
    effects.addAll(transaction.afterCommit());
  }

  /** Adds a write that was refused because of what it saw. */
  <T> void addRefused(PendingWrite<T> write, RuntimeException refusal) {
    answers.add(new Answer<>(write, null, refusal, false));
  }

  /** Takes over what another batch without changes has to say. */
  void follow(Batch other) {
    answers.addAll(other.answers);
    effects.addAll(other.effects);
  }

  boolean hasChanges() {
    return !changes.isEmpty();
  }

  List<Transaction> transactions() {
    return changes.stream().map(WriteTransaction::toRecord).toList();
  }

  /** The State after it. */
  State end() {
    return end;
  }

  /** Notes what became of the append; only the first time counts. */
  void settle(long appendedAt, @Nullable Throwable reason) {
    if (!settled) {
      settled = true;
      index = appendedAt;
      failure = reason;
    }
  }

  boolean isSettled() {
    return settled;
  }

  /** Why it was not appended; null when it was. */
  @Nullable Throwable failure() {
    return failure;
  }

  long index() {
    return index;
  }

  void runEffects(Consumer<Runnable> runner) {
    effects.forEach(runner);
  }

  void sendAnswers() {
    answers.forEach(Answer::send);
  }

  /** Gives back what was reserved, the latest first. */
  void discard() {
    for (int i = changes.size() - 1; i >= 0; i--) {
      changes.get(i).discard();
    }
  }

  /**
   * Answers everything as failed. A write that changed nothing is not applied in any case: it may
   * be repeated, whatever became of the changes it was built on.
   */
  void fail(RuntimeException ofChanges, String reason) {
    for (Answer<?> answer : answers) {
      answer.write.fail(answer.changes ? ofChanges : new NotAppliedException(reason));
    }
  }

  /** Answers what is late while the append is under way. */
  void failLate(long nowNanos) {
    String reason = "the journal did not confirm it in time";
    for (Answer<?> answer : answers) {
      if (answer.write.isLate(nowNanos) && !answer.write.isAnswered()) {
        answer.write.fail(
            answer.changes
                ? new OutcomeUnknownException(reason)
                : new NotAppliedException("What it was built on is in doubt: " + reason));
      }
    }
  }
}
