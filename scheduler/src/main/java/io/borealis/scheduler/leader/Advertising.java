package io.borealis.scheduler.leader;

import io.borealis.thrift.MemberEntry;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** How a leader tells the world where it is. Thread-safe. */
public interface Advertising extends LeaderView {
  /**
   * Sees to it that exactly this leader's entry is there, under the fence: a leader frozen at this
   * point and thawed later can neither advertise itself nor remove its successor. Fails when
   * ZooKeeper cannot be reached or the fence was moved.
   *
   * @param known the path of its entry, if it has one
   * @param fencePath the journal's epoch node
   * @param fenceVersion its version in this leader's term
   * @return the path of the entry
   */
  CompletionStage<String> advertise(
      MemberEntry entry, @Nullable String known, String fencePath, int fenceVersion);

  /**
   * Removes an entry; one that is gone is fine. Completes, always well, when ZooKeeper has answered
   * or could not be asked for long. An entry that remains ends with its session, and the next
   * leader removes it as well.
   */
  CompletionStage<Void> withdraw(String entryPath);

  /** Runs the action after each change of the entries, on any thread. */
  void onChange(Runnable action);
}
