package io.borealis.scheduler.simulation;

import io.borealis.scheduler.journal.CorruptJournalException;
import io.borealis.scheduler.journal.EntryPayload;
import io.borealis.scheduler.journal.Journal;
import io.borealis.scheduler.journal.JournalListener;
import io.borealis.scheduler.journal.JournalStatus;
import io.borealis.scheduler.journal.SnapshotManifest;
import io.borealis.scheduler.journal.SnapshotPayload;
import java.util.concurrent.CompletionStage;

/** A journal of which the truth learns what is durable before its process does. */
final class WatchedJournal implements Journal {
  private final String who;
  private final Journal journal;
  private final Truth truth;

  WatchedJournal(String who, Journal journal, Truth truth) {
    this.who = who;
    this.journal = journal;
    this.truth = truth;
  }

  @Override
  public CompletionStage<Void> follow(JournalListener listener) {
    return journal.follow(new Listener(listener));
  }

  @Override
  public boolean caughtUp() {
    return journal.caughtUp();
  }

  @Override
  public CompletionStage<Void> whenCaughtUp() {
    return journal.whenCaughtUp();
  }

  @Override
  public CompletionStage<Long> takeOver(String leaderId) {
    return journal.takeOver(leaderId);
  }

  @Override
  public CompletionStage<Long> append(EntryPayload payload) {
    return journal
        .append(payload)
        .thenApply(
            index -> {
              truth.durable(payload);
              return index;
            });
  }

  @Override
  public CompletionStage<Void> writeSnapshot(long index, SnapshotPayload payload) {
    return journal.writeSnapshot(index, payload);
  }

  @Override
  public void stepDown() {
    journal.stepDown();
  }

  @Override
  public String epochPath() {
    return journal.epochPath();
  }

  @Override
  public JournalStatus status() {
    return journal.status();
  }

  @Override
  public void close() {
    journal.close();
  }

  private final class Listener implements JournalListener {
    private final JournalListener listener;

    Listener(JournalListener listener) {
      this.listener = listener;
    }

    @Override
    public void onSnapshot(long index, SnapshotManifest manifest, byte[] bytes)
        throws CorruptJournalException {
      listener.onSnapshot(index, manifest, bytes);
    }

    @Override
    public void onEntry(long index, EntryPayload entry) throws CorruptJournalException {
      truth.durable(entry);
      listener.onEntry(index, entry);
    }

    @Override
    public void onManifest(long index, SnapshotManifest manifest) throws CorruptJournalException {
      listener.onManifest(index, manifest);
    }

    @Override
    public void onDeposed(String reason) {
      listener.onDeposed(reason);
    }

    @Override
    public void onUnreadable(String reason) {
      truth.broken(who + " cannot read the journal: " + reason);
      listener.onUnreadable(reason);
    }

    @Override
    public void onHealed() {
      listener.onHealed();
    }
  }
}
