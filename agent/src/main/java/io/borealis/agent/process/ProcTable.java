package io.borealis.agent.process;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.Optional;
import java.util.OptionalInt;

/** All processes of this machine at one moment. Immutable. */
public final class ProcTable {
  private final ImmutableMap<Integer, ProcEntry> byPid;

  ProcTable(ImmutableMap<Integer, ProcEntry> byPid) {
    this.byPid = byPid;
  }

  /** The process with this pid, dead ones included. */
  public Optional<ProcEntry> get(int pid) {
    return Optional.ofNullable(byPid.get(pid));
  }

  /** All processes, dead ones included. */
  public ImmutableMap<Integer, ProcEntry> all() {
    return byPid;
  }

  /** The living children of the process, their children, and so on; not the process itself. */
  public ImmutableSet<ProcEntry> descendants(int pid) {
    throw new UnsupportedOperationException();
  }

  /** The living members of the session. */
  public ImmutableSet<ProcEntry> session(int session) {
    throw new UnsupportedOperationException();
  }

  /**
   * Whether a recorded pid still is the process it was recorded for: it lives, was created within
   * 10 s of the recorded time, and belongs to the recorded user, or that was root, or it belongs to
   * the user of this agent, as coordinators do.
   *
   * @param recorded seconds since the epoch: fork_time of coordinators, start_time of commands
   * @param uid the recorded user, if there is one
   */
  public boolean isOurs(int pid, double recorded, OptionalInt uid) {
    throw new UnsupportedOperationException();
  }
}
