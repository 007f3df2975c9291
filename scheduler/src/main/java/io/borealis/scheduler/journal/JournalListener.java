package io.borealis.scheduler.journal;

/**
 * What a reader of the journal sees, in the order of indexes. Called on the journal's loop only;
 * calls may block it, and nothing further is read meanwhile.
 *
 * <p>A method that throws must leave the state as it was before the call.
 */
public interface JournalListener {
  /**
   * Replaces everything seen before.
   *
   * @throws CorruptJournalException when the bytes are broken or hold an operation this release
   *     does not know
   */
  void onSnapshot(long index, SnapshotManifest manifest, byte[] bytes)
      throws CorruptJournalException;

  /**
   * The next entry; one cut into chunks arrives whole, with the index of its last chunk. While
   * leading, own appends complete their future instead. Those in doubt when leadership ended and
   * found to have been applied complete their future and arrive here too.
   *
   * @throws CorruptJournalException when the bytes are broken or hold an operation this release
   *     does not know
   */
  void onEntry(long index, EntryPayload entry) throws CorruptJournalException;

  /**
   * A complete snapshot exists at an index the reader has reached or passed: the digests can be
   * compared.
   *
   * @throws CorruptJournalException when they differ; the snapshot is then loaded
   */
  void onManifest(long index, SnapshotManifest manifest) throws CorruptJournalException;

  /**
   * Leadership is lost: no append can succeed any more. Nothing else is called until {@link
   * Journal#stepDown}.
   */
  void onDeposed(String reason);

  /** Reading stops at something broken or unknown; the reason names it. */
  void onUnreadable(String reason);

  /** Reading goes on: a newer snapshot has been loaded. */
  void onHealed();
}
