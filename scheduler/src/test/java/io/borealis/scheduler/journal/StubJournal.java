package io.borealis.scheduler.journal;

import java.util.concurrent.CompletionStage;

/** A journal of which a test makes what it needs; the rest is not to be called. For one thread. */
public abstract class StubJournal implements Journal {
  @Override
  public CompletionStage<Void> follow(JournalListener listener) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean caughtUp() {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Void> whenCaughtUp() {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Long> takeOver(String leaderId) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Long> append(EntryPayload payload) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Void> writeSnapshot(long index, SnapshotPayload payload) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void stepDown() {
    throw new UnsupportedOperationException();
  }

  @Override
  public String epochPath() {
    throw new UnsupportedOperationException();
  }

  @Override
  public JournalStatus status() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
