package io.borealis.scheduler.journal;

/**
 * How much has come since the newest snapshot, which says when the next is due. Confined to the
 * journal's loop.
 */
final class SinceSnapshot {
  private long entries;
  private long bytes;

  long entries() {
    return entries;
  }

  long bytes() {
    return bytes;
  }

  /** An entry was read or appended. */
  void add(int size) {
    entries++;
    bytes += size;
  }

  /** There is a snapshot, and this many entries after it. */
  void snapshot(long later) {
    entries = later;
  }

  /** All that has come so far is in a snapshot, but for these entries. */
  void restart(long later) {
    entries = later;
    bytes = 0;
  }
}
