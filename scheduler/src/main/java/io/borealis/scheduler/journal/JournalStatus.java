package io.borealis.scheduler.journal;

import java.time.Duration;
import java.util.Optional;

/**
 * Where a journal stands. Immutable.
 *
 * @param role what this process is to the journal
 * @param epoch the epoch this process leads with, or last led with; −1 before that
 * @param lastIndex the last entry read or durably appended
 * @param entriesSinceSnapshot entries after the newest snapshot
 * @param bytesSinceSnapshot bytes of these entries
 * @param newestSnapshot index of the newest complete snapshot, 0 without
 * @param snapshotWanted whether a reader has met something that only a newer snapshot heals. Known
 *     to the leader only
 * @param entries entries that exist; at the limit appends are refused. Known to the leader only
 * @param caughtUp whether everything that exists has been read
 * @param unreadable why reading has stopped
 * @param lastHeardNanos when the last request was sent that the session has answered, on the
 *     monotonic clock; long past before the first
 * @param sessionTimeout timeout of the session as negotiated
 * @param connected whether the session is connected
 */
public record JournalStatus(
    Role role,
    long epoch,
    long lastIndex,
    long entriesSinceSnapshot,
    long bytesSinceSnapshot,
    long newestSnapshot,
    boolean snapshotWanted,
    long entries,
    boolean caughtUp,
    Optional<String> unreadable,
    long lastHeardNanos,
    Duration sessionTimeout,
    boolean connected) {

  /** What a process is to the journal. */
  public enum Role {
    /** Reads what others append. */
    FOLLOWER,
    /** Has been told to lead and is fencing or catching up. */
    TAKING_OVER,
    /** May append; appends wait while the connection is lost. */
    LEADER,
    /** Has lost leadership and finds out what became of its last appends. */
    SETTLING,
  }

  /**
   * Whether the session was heard from so lately that nobody else can have taken over because of
   * its end: within two thirds of its timeout.
   */
  public boolean isHeard(long nowNanos) {
    return nowNanos - lastHeardNanos < sessionTimeout.toNanos() / 3 * 2;
  }
}
