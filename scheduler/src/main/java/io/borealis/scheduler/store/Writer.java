package io.borealis.scheduler.store;

import io.borealis.api.storage.Transaction;
import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.journal.Journal;
import io.borealis.scheduler.journal.JournalFullException;
import io.borealis.scheduler.journal.NotAppendedException;
import io.borealis.scheduler.runtime.Clock;
import io.borealis.scheduler.runtime.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs all writes of a leader, one after the other, and makes them durable in batches.
 *
 * <p>{@link #submit} may be called from any thread; everything else happens on the writer's loop.
 * Whatever is queued while appends are in flight goes into the next one, so there is no added delay
 * when idle and many transactions share an append under load. Replies, effects and the new State
 * leave only after the append that carries them, and all before it, are durable.
 */
public final class Writer implements Writes, AutoCloseable {
  /** How the writer is bounded. Immutable. */
  public record Limits(int appendsInFlight, int transactionsPerBatch, Duration batchTime) {
    public static final Limits DEFAULT = new Limits(4, 500, Duration.ofMillis(10));
  }

  /** Told of durable States on the writer's loop; must not block. */
  public interface DurableListener {
    /** The State after this entry of the journal is durable. */
    void onDurable(long index, State state);
  }

  private static final Duration SWEEP = Duration.ofMillis(200);

  private final EventLoop loop;
  private final Clock clock;
  private final Executor replies;
  private final Journal journal;
  private final EntryCodec codec;
  private final Replica replica;
  private final Supplier<? extends List<Reaction>> reactions;
  private final Limits limits;
  private final DurableListener onDurable;
  private final Consumer<Throwable> onFatal;

  private final Object queueLock = new Object();
  private final Map<WriteClass, Deque<Write<?>>> queues = new EnumMap<>(WriteClass.class);
  private boolean drainScheduled;
  private @Nullable String closedBecause;

  // Confined to the loop.
  private final Deque<Batch> inFlight = new ArrayDeque<>();
  private State latest;
  private int nextClass;
  private boolean sweeping;
  private boolean broken;

  /**
   * @param replica holds the durable State; the writer publishes to it
   * @param replies runs the continuations of answered writes
   * @param reactions follow-up work, in this order; asked for when first needed
   * @param onDurable told of each State that became durable
   * @param onFatal receives what leaves the writer unable to go on; the caller steps down
   */
  public Writer(
      EventLoop loop,
      Clock clock,
      Executor replies,
      Journal journal,
      EntryCodec codec,
      Replica replica,
      Supplier<? extends List<Reaction>> reactions,
      Limits limits,
      DurableListener onDurable,
      Consumer<Throwable> onFatal) {
    this.loop = loop;
    this.clock = clock;
    this.replies = replies;
    this.journal = journal;
    this.codec = codec;
    this.replica = replica;
    this.reactions = reactions;
    this.limits = limits;
    this.onDurable = onDurable;
    this.onFatal = onFatal;
    this.latest = replica.durable();
    for (WriteClass writeClass : WriteClass.values()) {
      queues.put(writeClass, new ArrayDeque<>());
    }
  }

  @Override
  public <T> CompletableFuture<T> submit(
      WriteClass writeClass, long deadlineNanos, Function<WriteTransaction, T> work) {
    Write<T> write = new Write<>(work, deadlineNanos);
    String refusal = enqueue(writeClass, write);
    if (refusal != null) {
      write.reply.completeExceptionally(new NotAppliedException(refusal));
    }
    return write.reply;
  }

  private @Nullable String enqueue(WriteClass writeClass, Write<?> write) {
    synchronized (queueLock) {
      if (closedBecause != null) {
        return closedBecause;
      }
      Deque<Write<?>> queue = queues.get(writeClass);
      if (queue.size() >= writeClass.capacity()) {
        return "Too many writes are waiting (" + writeClass + "), try again later";
      }
      queue.add(write);
      if (drainScheduled) {
        return null;
      }
      drainScheduled = true;
    }
    loop.execute(this::drain);
    return null;
  }

  /** Writes that wait to be run. Thread-safe. */
  public int queued() {
    synchronized (queueLock) {
      return queues.values().stream().mapToInt(Deque::size).sum();
    }
  }

  private void drain() {
    synchronized (queueLock) {
      drainScheduled = false;
    }
    try {
      while (inFlight.size() < limits.appendsInFlight()) {
        Batch batch = runBatch();
        if (batch == null) {
          break;
        }
        if (batch.transactions.isEmpty()) {
          attachToLast(batch);
        } else {
          append(batch);
        }
      }
      armSweep();
    } catch (Throwable failure) {
      onFatal.accept(failure);
    }
  }

  /** Runs waiting writes by turns of their classes; null when none waited. */
  private @Nullable Batch runBatch() {
    Batch batch = null;
    long end = clock.nanoTime() + limits.batchTime().toNanos();
    for (int i = 0; i < limits.transactionsPerBatch(); i++) {
      Write<?> write = poll();
      if (write == null) {
        break;
      }
      if (batch == null) {
        batch = new Batch();
      }
      run(write, batch);
      if (clock.nanoTime() - end >= 0) {
        break;
      }
    }
    return batch;
  }

  private @Nullable Write<?> poll() {
    synchronized (queueLock) {
      WriteClass[] classes = WriteClass.values();
      for (int i = 0; i < classes.length; i++) {
        Write<?> write = queues.get(classes[(nextClass + i) % classes.length]).poll();
        if (write != null) {
          nextClass = (nextClass + i + 1) % classes.length;
          return write;
        }
      }
      return null;
    }
  }

  private <T> void run(Write<T> write, Batch batch) {
    if (write.reply.isDone()) {
      return;
    }
    if (clock.nanoTime() - write.deadlineNanos >= 0) {
      fail(write, new NotAppliedException("The deadline passed before the write was begun"));
      return;
    }
    WriteTransaction transaction =
        new WriteTransaction(
            latest, latest.transaction() + 1, Math.max(clock.wallMillis(), latest.stampMs()));
    try {
      T result = write.work.apply(transaction);
      transaction.react(reactions.get());
      if (transaction.hasChanges()) {
        latest = transaction.end();
        batch.transactions.add(transaction.toRecord());
        batch.discards.add(transaction);
      }
      batch.replies.add(new Answer<>(write, result, null));
      batch.effects.addAll(transaction.afterCommit());
    } catch (RuntimeException refusal) {
      transaction.discard();
      batch.replies.add(new Answer<>(write, null, refusal));
    }
  }

  private void attachToLast(Batch batch) {
    Batch last = inFlight.peekLast();
    if (last == null) {
      deliver(batch);
    } else {
      last.replies.addAll(batch.replies);
      last.effects.addAll(batch.effects);
    }
  }

  private void append(Batch batch) {
    batch.end = latest;
    inFlight.add(batch);
    journal
        .append(codec.encode(batch.transactions))
        .whenComplete((index, failure) -> loop.execute(() -> appended(batch, index, failure)));
  }

  private void appended(Batch batch, @Nullable Long index, @Nullable Throwable failure) {
    if (batch.outcome != null) {
      return;
    }
    batch.outcome = failure == null ? Outcome.DURABLE : Outcome.FAILED;
    batch.index = index == null ? -1 : index;
    batch.failure = failure instanceof CompletionException ? failure.getCause() : failure;
    settle();
  }

  /** Delivers from the front whatever is settled; the first failure ends this writer. */
  private void settle() {
    while (!inFlight.isEmpty() && inFlight.peekFirst().outcome != null) {
      Batch batch = inFlight.removeFirst();
      if (batch.outcome == Outcome.DURABLE) {
        // Even when closed: the journal does not deliver what it has confirmed to us.
        if (!broken) {
          replica.publish(batch.end);
          onDurable.onDurable(batch.index, batch.end);
        }
        deliver(batch);
      } else {
        abandon(batch);
      }
    }
    if (isOpen()) {
      drain();
    }
  }

  private void deliver(Batch batch) {
    if (isOpen()) {
      batch.effects.forEach(Runnable::run);
    }
    for (Answer<?> answer : batch.replies) {
      answer.send(replies);
    }
  }

  private void abandon(Batch batch) {
    broken = true;
    Throwable cause = batch.failure;
    boolean notApplied = cause instanceof NotAppendedException;
    boolean full = cause instanceof JournalFullException;
    for (int i = batch.discards.size() - 1; i >= 0; i--) {
      batch.discards.get(i).discard();
    }
    String reason = cause == null ? "the journal was lost" : String.valueOf(cause.getMessage());
    for (Answer<?> answer : batch.replies) {
      fail(
          answer.write,
          notApplied || full
              ? new NotAppliedException(reason)
              : new OutcomeUnknownException(reason));
    }
    if (isOpen()) {
      onFatal.accept(cause == null ? new IllegalStateException(reason) : cause);
    }
  }

  private void fail(Write<?> write, RuntimeException failure) {
    replies.execute(() -> write.reply.completeExceptionally(failure));
  }

  private boolean isOpen() {
    synchronized (queueLock) {
      return closedBecause == null;
    }
  }

  /** Deadlines are looked at only while something waits. */
  private void armSweep() {
    if (!sweeping && (!inFlight.isEmpty() || queued() > 0)) {
      sweeping = true;
      loop.schedule(
          SWEEP,
          () -> {
            sweeping = false;
            sweep();
            armSweep();
          });
    }
  }

  private void sweep() {
    long now = clock.nanoTime();
    List<Write<?>> late = new ArrayList<>();
    synchronized (queueLock) {
      for (Deque<Write<?>> queue : queues.values()) {
        queue.removeIf(
            write -> {
              boolean expired = now - write.deadlineNanos >= 0;
              if (expired) {
                late.add(write);
              }
              return expired;
            });
      }
    }
    for (Write<?> write : late) {
      fail(write, new NotAppliedException("The deadline passed before the write was begun"));
    }
    for (Batch batch : inFlight) {
      for (Answer<?> answer : batch.replies) {
        if (now - answer.write.deadlineNanos >= 0) {
          fail(answer.write, new OutcomeUnknownException("the journal did not confirm it in time"));
        }
      }
    }
  }

  /**
   * Refuses new and queued writes; those in flight are answered as the journal settles them. Runs
   * on any thread.
   */
  public void close(String reason) {
    List<Write<?>> waiting = new ArrayList<>();
    synchronized (queueLock) {
      if (closedBecause != null) {
        return;
      }
      closedBecause = reason;
      queues.values().forEach(waiting::addAll);
      queues.values().forEach(Deque::clear);
    }
    for (Write<?> write : waiting) {
      fail(write, new NotAppliedException(reason));
    }
  }

  @Override
  public void close() {
    close("Storage is not READY");
  }

  /** Completes once nothing is in flight. */
  public CompletableFuture<Void> flushed() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    loop.execute(() -> awaitEmpty(done));
    return done;
  }

  private void awaitEmpty(CompletableFuture<Void> done) {
    Batch last = inFlight.peekLast();
    if (last == null) {
      done.complete(null);
    } else {
      last.replies.add(
          new Answer<>(new Write<Void>(transaction -> null, Long.MAX_VALUE, done), null, null));
    }
  }

  private enum Outcome {
    DURABLE,
    FAILED
  }

  private static final class Write<T> {
    final Function<WriteTransaction, T> work;
    final long deadlineNanos;
    final CompletableFuture<T> reply;

    Write(Function<WriteTransaction, T> work, long deadlineNanos) {
      this(work, deadlineNanos, new CompletableFuture<>());
    }

    Write(Function<WriteTransaction, T> work, long deadlineNanos, CompletableFuture<T> reply) {
      this.work = work;
      this.deadlineNanos = deadlineNanos;
      this.reply = reply;
    }
  }

  private record Answer<T>(Write<T> write, @Nullable T result, @Nullable RuntimeException refusal) {
    void send(Executor replies) {
      replies.execute(
          () -> {
            if (refusal == null) {
              write.reply.complete(result);
            } else {
              write.reply.completeExceptionally(refusal);
            }
          });
    }
  }

  /** Transactions that share an append, and what leaves once it is durable. */
  private static final class Batch {
    final List<Transaction> transactions = new ArrayList<>();
    final List<WriteTransaction> discards = new ArrayList<>();
    final List<Answer<?>> replies = new ArrayList<>();
    final List<Runnable> effects = new ArrayList<>();
    State end = State.EMPTY;
    long index = -1;
    @Nullable Outcome outcome;
    @Nullable Throwable failure;
  }
}
