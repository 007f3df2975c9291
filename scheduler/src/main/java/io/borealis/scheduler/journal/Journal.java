package io.borealis.scheduler.journal;

import java.util.concurrent.CompletionStage;

/**
 * One process's view of the replicated log. Thread-safe; results complete on the journal's loop.
 */
public interface Journal extends AutoCloseable {
  /**
   * Starts tailing, once. Completes when the journal is known to be ours and reading has begun;
   * fails with {@link WrongJournalException} when it belongs to another cluster or a newer release.
   */
  CompletionStage<Void> follow(JournalListener listener);

  /** Whether everything that exists has been read and nothing is unreadable. */
  boolean caughtUp();

  /** Completes once {@link #caughtUp} is true for the first time from now on. */
  CompletionStage<Void> whenCaughtUp();

  /**
   * Fences everybody else off, reads the rest and appends a takeover entry. Completes with the
   * epoch.
   *
   * @param leaderId who leads, one line of text, for people to read
   */
  CompletionStage<Long> takeOver(String leaderId);

  /**
   * Appends; several may be in flight and they become durable in the order given. Completes with
   * the index once durable. Fails with {@link NotAppendedException} when provably not applied, then
   * or ever; {@link JournalFullException} when there is no room, and then whatever transactions
   * come after the refused ones, until these are tried again; {@link OutcomeUnknownException} when
   * that could not be found out.
   */
  CompletionStage<Long> append(EntryPayload payload);

  /**
   * Writes the state after entry {@code index} as a snapshot, in the background, then deletes
   * entries and snapshots no longer needed. Completes when the snapshot is durable.
   */
  CompletionStage<Void> writeSnapshot(long index, SnapshotPayload payload);

  /**
   * Gives leadership up and follows again; appends in flight are settled. Needed after {@link
   * JournalListener#onDeposed} too: until then nothing is delivered to the listener, so that a
   * writer can finish with what it has in hand.
   */
  void stepDown();

  /** Path of the node whose version is the epoch, for others who fence with it. */
  String epochPath();

  /** Where the journal stands now. */
  JournalStatus status();

  /** Ends reading and writing; appends not yet settled fail as of unknown outcome. */
  @Override
  void close();
}
