package io.borealis.agent.process;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Multimaps;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;

/**
 * All processes of this machine at one moment. Thread-safe: nothing changes but that what is read
 * of them later is kept.
 */
public final class ProcTable {
  /** How far the recorded and the real time of creation may lie apart, in seconds. */
  private static final double TOLERANCE_SECONDS = 10;

  private final ImmutableMap<Integer, ProcEntry> byPid;
  private final ImmutableListMultimap<Integer, ProcEntry> children;
  private final ImmutableListMultimap<Integer, ProcEntry> sessions;
  private final int ownUid;

  /** HOME of those that were asked for it; with many tasks each asks for all. */
  private final Map<Integer, Optional<String>> homes = new ConcurrentHashMap<>();

  ProcTable(Iterable<ProcEntry> entries, int ownUid) {
    Map<Integer, ProcEntry> pids = new LinkedHashMap<>();
    entries.forEach(entry -> pids.put(entry.pid(), entry));
    this.byPid = ImmutableMap.copyOf(pids);
    ImmutableList<ProcEntry> living =
        byPid.values().stream().filter(ProcEntry::isAlive).collect(ImmutableList.toImmutableList());
    this.children = Multimaps.index(living, ProcEntry::ppid);
    this.sessions = Multimaps.index(living, ProcEntry::session);
    this.ownUid = ownUid;
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
    Map<Integer, ProcEntry> found = new LinkedHashMap<>();
    Deque<Integer> parents = new ArrayDeque<>();
    parents.add(pid);
    while (!parents.isEmpty()) {
      for (ProcEntry child : children.get(parents.remove())) {
        // A table read while pids were used again may hold a circle.
        if (child.pid() != pid && found.put(child.pid(), child) == null) {
          parents.add(child.pid());
        }
      }
    }
    return ImmutableSet.copyOf(found.values());
  }

  /** The living members of the session. */
  public ImmutableSet<ProcEntry> session(int session) {
    return ImmutableSet.copyOf(sessions.get(session));
  }

  /** HOME of a process that lives still, read when first asked for. */
  Optional<String> home(int pid, ProcReader reader) {
    return homes.computeIfAbsent(pid, reader::home);
  }

  /** The process and those above it, up to the first that has no parent here. */
  ImmutableSet<Integer> ancestry(int pid) {
    Map<Integer, Boolean> found = new LinkedHashMap<>();
    ProcEntry entry = byPid.get(pid);
    while (entry != null && found.put(entry.pid(), true) == null) {
      entry = byPid.get(entry.ppid());
    }
    return ImmutableSet.copyOf(found.keySet());
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
    ProcEntry entry = byPid.get(pid);
    return entry != null
        && entry.isAlive()
        && Math.abs(entry.startSeconds() - recorded) < TOLERANCE_SECONDS
        && hasUser(entry, uid);
  }

  /** Whether the process is not older than what was recorded, and is of a right user. */
  boolean mayBelong(ProcEntry entry, double recorded, OptionalInt uid) {
    return entry.startSeconds() > recorded - TOLERANCE_SECONDS && hasUser(entry, uid);
  }

  private boolean hasUser(ProcEntry entry, OptionalInt uid) {
    return entry.uid() >= 0
        && (uid.isEmpty()
            || uid.getAsInt() == 0
            || entry.uid() == uid.getAsInt()
            || entry.uid() == ownUid);
  }
}
