package io.borealis.scheduler.store;

import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.journal.Journal;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Runs all writes of a leader, one after the other, and makes them durable in batches.
 *
 * <p>{@link #submit} may be called from any thread; everything else happens on the writer's loop.
 * Whatever is queued while appends are in flight goes into the next one, so there is no added delay
 * when idle and many transactions share an append under load. Replies, effects and the new State
 * leave only after the append that carries them, and all before it, are durable.
 *
 * <p>When the journal is full, what was built on the refused append is refused with it, and the
 * writer goes on from the durable State. Anything else that fails ends it: it closes at once, since
 * no transaction may be built on one that is lost, and tells its owner.
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
  private final Supplier<? extends List<Reaction>> reactions;
  private final Limits limits;
  private final Consumer<Throwable> onFatal;

  private final WriteQueues queues = new WriteQueues();
  private final AtomicBoolean drainScheduled = new AtomicBoolean();
  private final Pipeline pipeline;
  private boolean sweeping;

  /**
   * @param replica holds the durable State; the writer publishes to it
   * @param replies runs the continuations of answered writes
   * @param reactions follow-up work, in this order; asked for when first needed
   * @param onDurable told of each State that became durable
   * @param onFatal receives what leaves the writer unable to go on, unless it is closed already;
   *     the caller steps down
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
    this.reactions = reactions;
    this.limits = limits;
    this.onFatal = onFatal;
    this.pipeline =
        new Pipeline(
            loop,
            journal,
            codec,
            replica,
            onDurable,
            limits.appendsInFlight(),
            new PipelineOwner());
  }

  @Override
  public <T> CompletableFuture<T> submit(
      WriteClass writeClass, long deadlineNanos, Function<WriteTransaction, T> work) {
    PendingWrite<T> write =
        new PendingWrite<>(work, deadlineNanos, new CompletableFuture<>(), replies);
    String refusal = queues.add(writeClass, write);
    if (refusal != null) {
      write.reply().completeExceptionally(new NotAppliedException(refusal));
    } else if (drainScheduled.compareAndSet(false, true)) {
      loop.execute(
          () -> {
            drainScheduled.set(false);
            drain();
          });
    }
    return write.reply();
  }

  /** Writes that wait to be run. Thread-safe. */
  public int queued() {
    return queues.size();
  }

  private void drain() {
    boolean more = true;
    while (more && pipeline.hasRoom()) {
      Batch batch = new Batch();
      try {
        more = run(batch);
        pipeline.add(batch);
        if (more && !batch.hasChanges()) {
          // However many come that change nothing, the journal's answers get their turn.
          loop.execute(this::drain);
          more = false;
        }
      } catch (Throwable failure) {
        pipeline.breakOff(batch, failure);
      }
    }
    armSweep();
  }

  /** Runs waiting writes by turns of their classes; false when no more wait. */
  private boolean run(Batch batch) {
    long end = clock.nanoTime() + limits.batchTime().toNanos();
    for (int i = 0; i < limits.transactionsPerBatch() && clock.nanoTime() - end < 0; i++) {
      PendingWrite<?> write = queues.poll();
      if (write == null) {
        return false;
      }
      if (!write.isAnswered()) {
        run(write, batch);
      }
    }
    return true;
  }

  private <T> void run(PendingWrite<T> write, Batch batch) {
    if (write.isLate(clock.nanoTime())) {
      write.fail(notBegun());
      return;
    }
    State latest = pipeline.latest();
    WriteTransaction transaction =
        new WriteTransaction(
            latest, latest.transaction() + 1, Math.max(clock.wallMillis(), latest.stampMs()));
    T result;
    try {
      result = write.work().apply(transaction);
      transaction.react(reactions.get());
    } catch (RuntimeException refusal) {
      transaction.discard();
      batch.addRefused(write, refusal);
      return;
    } catch (Throwable broke) {
      transaction.discard();
      // Not as what may be repeated: it would break the next leader too.
      write.fail(new IllegalStateException("The write failed: " + broke, broke));
      throw broke;
    }
    batch.add(write, result, transaction);
    if (transaction.hasChanges()) {
      pipeline.advance(batch.end());
    }
  }

  private static NotAppliedException notBegun() {
    return new NotAppliedException("The deadline passed before the write was begun");
  }

  /** Deadlines are looked at only while something waits. */
  private void armSweep() {
    if (!sweeping && (!pipeline.isEmpty() || queues.size() > 0)) {
      sweeping = true;
      var unused =
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
    queues.takeLate(now).forEach(write -> write.fail(notBegun()));
    pipeline.failLate(now);
  }

  /**
   * Refuses new and queued writes; those in flight are answered as the journal settles them. Runs
   * on any thread.
   */
  public void close(String reason) {
    queues.close(reason).forEach(write -> write.fail(new NotAppliedException(reason)));
  }

  @Override
  public void close() {
    close("Storage is not READY");
  }

  /** Completes once nothing is in flight; to be called after closing. */
  public CompletableFuture<Void> flushed() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    loop.execute(() -> pipeline.flush(done));
    return done;
  }

  private final class PipelineOwner implements Pipeline.Owner {
    @Override
    public boolean isOpen() {
      return queues.isOpen();
    }

    @Override
    public void onRoom() {
      if (queues.isOpen()) {
        drain();
      }
    }

    @Override
    public void onBroken(Throwable failure) {
      boolean wasOpen = queues.isOpen();
      close(Pipeline.reasonOf(failure));
      if (wasOpen) {
        onFatal.accept(failure);
      }
    }
  }
}
