package io.borealis.scheduler.store;

import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.journal.EntryPayload;
import io.borealis.scheduler.journal.Journal;
import io.borealis.scheduler.journal.JournalFullException;
import io.borealis.scheduler.journal.NotAppendedException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The batches on their way into the journal, in order. Keeps the rules that nothing leaves before
 * it and all before it are durable, and that nothing is built on a batch that is lost. Confined to
 * the writer's loop.
 */
final class Pipeline {
  private static final Logger LOG = LoggerFactory.getLogger(Pipeline.class);

  /** What its owner has to do. */
  interface Owner {
    /** Whether effects may still leave. */
    boolean isOpen();

    /** There may be room for another batch. */
    void onRoom();

    /** Nothing more can be added, for this reason. Called once. */
    void onBroken(Throwable failure);
  }

  private final EventLoop loop;
  private final Journal journal;
  private final EntryCodec codec;
  private final Replica replica;
  private final Writer.DurableListener onDurable;
  private final int size;
  private final Owner owner;

  private final Deque<Batch> inFlight = new ArrayDeque<>();
  private final List<CompletableFuture<Void>> flushes = new ArrayList<>();
  private State latest;
  private boolean broken;

  /** Set while what was built on a refused append is being refused. */
  private @Nullable String refusing;

  /** Set once a batch with changes is lost to this process: what it shows must have no gaps. */
  private boolean incomplete;

  Pipeline(
      EventLoop loop,
      Journal journal,
      EntryCodec codec,
      Replica replica,
      Writer.DurableListener onDurable,
      int size,
      Owner owner) {
    this.loop = loop;
    this.journal = journal;
    this.codec = codec;
    this.replica = replica;
    this.onDurable = onDurable;
    this.size = size;
    this.owner = owner;
    this.latest = replica.durable();
  }

  /** What the next transaction builds on. */
  State latest() {
    return latest;
  }

  /** Whether another batch may be built on {@link #latest}. */
  boolean hasRoom() {
    return !broken && refusing == null && inFlight.size() < size;
  }

  boolean isEmpty() {
    return inFlight.isEmpty();
  }

  /** A transaction was made; the next one builds on this. */
  void advance(State state) {
    latest = state;
  }

  /** Appends the batch; one without changes waits for what it was built on. */
  void add(Batch batch) {
    if (batch.hasChanges()) {
      append(batch);
      return;
    }
    Batch last = inFlight.peekLast();
    if (last == null) {
      deliver(batch);
    } else {
      last.follow(batch);
    }
  }

  private void append(Batch batch) {
    EntryPayload payload = codec.encode(batch.transactions());
    inFlight.add(batch);
    journal
        .append(payload)
        .whenComplete(
            (index, failure) -> loop.execute(() -> settle(batch, index, unwrapped(failure))));
  }

  private static @Nullable Throwable unwrapped(@Nullable Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  private void settle(Batch settled, @Nullable Long index, @Nullable Throwable reason) {
    settled.settle(index == null ? -1 : index, reason);
    while (!inFlight.isEmpty() && inFlight.peekFirst().isSettled()) {
      Batch batch = inFlight.removeFirst();
      Throwable failure = batch.failure();
      if (failure == null) {
        show(batch);
      } else {
        refuse(batch, failure);
      }
    }
    if (inFlight.isEmpty()) {
      goOnFromDurable();
      flushes.forEach(flush -> flush.complete(null));
      flushes.clear();
    }
    owner.onRoom();
  }

  /** Shows what is durable, even when closed: the journal does not deliver to us what we wrote. */
  private void show(Batch batch) {
    if (!incomplete) {
      guarded(() -> replica.publish(batch.end()));
      guarded(() -> onDurable.onDurable(batch.index(), batch.end()));
    }
    deliver(batch);
  }

  private void deliver(Batch batch) {
    if (owner.isOpen()) {
      batch.runEffects(this::guarded);
    }
    batch.sendAnswers();
  }

  private void refuse(Batch batch, Throwable failure) {
    String reason = reasonOf(failure);
    boolean inDoubt = !(failure instanceof NotAppendedException);
    if (failure instanceof JournalFullException && !broken && refusing == null) {
      LOG.warn("Writes are refused: {}", reason);
      refusing = reason;
    }
    if (refusing != null && !inDoubt) {
      abandon(batch, new NotAppliedException(refusing), refusing);
    } else {
      incomplete = true;
      breakDown(failure);
      abandon(
          batch,
          inDoubt ? new OutcomeUnknownException(reason) : new NotAppliedException(reason),
          reason);
    }
  }

  /** What was built on the refused append is refused too: the next transaction starts before it. */
  private void goOnFromDurable() {
    if (refusing != null) {
      refusing = null;
      latest = replica.durable();
    }
  }

  /** Ends a batch that was not finished when something unexpected was thrown. */
  void breakOff(Batch batch, Throwable failure) {
    incomplete = true;
    breakDown(failure);
    abandon(batch, new NotAppliedException(reasonOf(failure)), reasonOf(failure));
  }

  private void abandon(Batch batch, RuntimeException ofChanges, String reason) {
    guarded(batch::discard);
    batch.fail(ofChanges, reason);
  }

  /** One effect that throws keeps neither others nor answers back; the next leader repeats it. */
  private void guarded(Runnable action) {
    try {
      action.run();
    } catch (Throwable failure) {
      breakDown(failure);
    }
  }

  private void breakDown(Throwable failure) {
    if (broken) {
      LOG.warn("And then: {}", reasonOf(failure));
    } else {
      broken = true;
      owner.onBroken(failure);
    }
  }

  static String reasonOf(Throwable failure) {
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }

  /** Answers what has waited for too long. */
  void failLate(long nowNanos) {
    inFlight.forEach(batch -> batch.failLate(nowNanos));
  }

  /** Completes once nothing is in flight. */
  void flush(CompletableFuture<Void> done) {
    if (inFlight.isEmpty()) {
      done.complete(null);
    } else {
      flushes.add(done);
    }
  }
}
