package io.borealis.scheduler.store;

import io.borealis.api.storage.Transaction;
import io.borealis.scheduler.journal.CorruptJournalException;
import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.journal.EntryPayload;
import io.borealis.scheduler.journal.JournalListener;
import io.borealis.scheduler.journal.SnapshotManifest;
import java.util.ArrayDeque;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The durable State of this process. A follower builds it from the journal; a leader's writer
 * publishes to it. Reads are free and may come from any thread; changes come from the journal's
 * loop while following and from the writer's loop while leading, never both.
 */
public final class Replica implements JournalListener {
  /** What follows the State and the reader's health. Called on the thread that changed it. */
  public interface Observer {
    /** A new durable State is visible. */
    default void onState(State state) {}

    /** Leadership was lost; no append can succeed any more. */
    default void onDeposed(String reason) {}

    /** The journal cannot be read further, for this reason. */
    default void onUnreadable(String reason) {}

    /** It can be read again. */
    default void onHealed() {}
  }

  /** A leader's snapshot is seen when it is written, some entries after the State it holds. */
  private static final int REMEMBERED = 2_000;

  private final EntryCodec codec;
  private final CopyOnWriteArrayList<Observer> observers = new CopyOnWriteArrayList<>();
  private final ArrayDeque<State> recent = new ArrayDeque<>();
  private volatile State durable = State.EMPTY;

  public Replica(EntryCodec codec) {
    this.codec = codec;
  }

  /** The newest durable State. */
  public State durable() {
    return durable;
  }

  /** Adds an observer for the life of this replica. */
  public void observe(Observer observer) {
    observers.add(observer);
  }

  /** Shows a State that became durable. */
  void publish(State state) {
    if (state.transaction() < durable.transaction()) {
      return; // Seen already, by another way.
    }
    show(state);
  }

  private void show(State state) {
    durable = state;
    for (Observer observer : observers) {
      observer.onState(state);
    }
  }

  @Override
  public void onSnapshot(long index, SnapshotManifest manifest, byte[] bytes)
      throws CorruptJournalException {
    byte[] plain = codec.unpack(manifest.codec(), bytes);
    String digest = codec.digest(plain);
    if (!digest.equals(manifest.digest())) {
      throw new CorruptJournalException(
          "Snapshot "
              + index
              + " has digest "
              + digest
              + ", its manifest says "
              + manifest.digest());
    }
    // Even when it is older: this State may have been found to differ from it.
    recent.clear();
    show(Snapshots.toState(codec.decodeSnapshot(plain)));
  }

  @Override
  public void onEntry(long index, EntryPayload entry) throws CorruptJournalException {
    State state = durable;
    for (Transaction transaction : codec.decode(entry)) {
      try {
        state = state.apply(transaction);
      } catch (RuntimeException failure) {
        throw new CorruptJournalException(
            "Transaction "
                + transaction.number()
                + " of entry "
                + index
                + " cannot be applied: "
                + failure.getMessage(),
            failure);
      }
    }
    publish(state);
    recent.addLast(state);
    if (recent.size() > REMEMBERED) {
      recent.removeFirst();
    }
  }

  @Override
  public void onManifest(long index, SnapshotManifest manifest) throws CorruptJournalException {
    State state = null;
    for (State each : recent) {
      if (each.transaction() == manifest.lastTransaction()) {
        state = each;
      }
    }
    recent.clear();
    if (state != null) {
      String digest = codec.digest(codec.encodeSnapshot(Snapshots.of(state)));
      if (!digest.equals(manifest.digest())) {
        throw new CorruptJournalException(
            "This State has digest "
                + digest
                + " at transaction "
                + state.transaction()
                + ", the leader's snapshot "
                + index
                + " says "
                + manifest.digest());
      }
    }
  }

  @Override
  public void onDeposed(String reason) {
    observers.forEach(observer -> observer.onDeposed(reason));
  }

  @Override
  public void onUnreadable(String reason) {
    observers.forEach(observer -> observer.onUnreadable(reason));
  }

  @Override
  public void onHealed() {
    observers.forEach(Observer::onHealed);
  }
}
