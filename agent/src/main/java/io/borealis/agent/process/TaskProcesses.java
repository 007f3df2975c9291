package io.borealis.agent.process;

import com.google.common.collect.ImmutableSet;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The processes of one task: who belongs to it, and signals to them. Thread-safe; no method waits.
 * Nothing here ever signals this agent, those above it, or pid 1.
 */
public final class TaskProcesses {
  private final ProcReader reader;
  private final Signals signals;
  private final String sandbox;
  private final OptionalInt uid;
  private final TaskGroup group;

  /**
   * @param sandbox what the commands of the task have as HOME
   * @param uid the user its commands run as, absent if that is not known
   */
  public TaskProcesses(ProcReader reader, Path sandbox, OptionalInt uid, TaskGroup group) {
    this.reader = reader;
    this.signals = new Signals(reader);
    this.sandbox = sandbox.toAbsolutePath().toString();
    this.uid = uid;
    this.group = group;
  }

  /**
   * What lives of one run: its coordinator, both sessions, and all below the command. What left the
   * session and its parents is not found here but by {@link #ofTask}.
   */
  public ImmutableSet<ProcEntry> ofRun(ProcTable table, RunPids run) {
    Map<Integer, ProcEntry> found = new LinkedHashMap<>();
    collect(table, run, found);
    return harmless(table, found);
  }

  /**
   * What lives of the whole task: of its runs, of its cgroups, and whoever has the sandbox as its
   * HOME, wherever it went.
   */
  public ImmutableSet<ProcEntry> ofTask(ProcTable table, Collection<RunPids> runs) {
    Map<Integer, ProcEntry> found = new LinkedHashMap<>();
    runs.forEach(run -> collect(table, run, found));
    for (int pid : group.pids()) {
      table.get(pid).filter(ProcEntry::isAlive).ifPresent(entry -> found.put(pid, entry));
    }
    for (ProcEntry entry : table.all().values()) {
      if (entry.isAlive()
          && !found.containsKey(entry.pid())
          && table.home(entry.pid(), reader).equals(Optional.of(sandbox))) {
        found.put(entry.pid(), entry);
      }
    }
    return harmless(table, found);
  }

  /** What lives of the task and belongs to none of the given runs, which are those still going. */
  public ImmutableSet<ProcEntry> strays(ProcTable table, Collection<RunPids> liveRuns) {
    Map<Integer, ProcEntry> known = new LinkedHashMap<>();
    liveRuns.forEach(run -> collect(table, run, known));
    return ofTask(table, liveRuns).stream()
        .filter(entry -> !known.containsKey(entry.pid()))
        .collect(ImmutableSet.toImmutableSet());
  }

  /** Asks one process to end (SIGTERM); false if it is gone. */
  public boolean terminate(ProcEntry process) {
    return signals.terminate(process);
  }

  /** Kills one process (SIGKILL); false if it is gone. */
  public boolean kill(ProcEntry process) {
    return signals.kill(process);
  }

  /**
   * Kills what lives of one run now (SIGKILL) and returns how many there were. Repeat with new
   * tables, some 100 ms apart, until it returns 0.
   */
  public int killRun(ProcTable table, RunPids run) {
    return kill(ofRun(table, run));
  }

  /** The same for all of the task. */
  public int killTask(ProcTable table, Collection<RunPids> runs) {
    group.kill();
    return kill(ofTask(table, runs));
  }

  private int kill(ImmutableSet<ProcEntry> processes) {
    processes.forEach(signals::kill);
    return processes.size();
  }

  private void collect(ProcTable table, RunPids run, Map<Integer, ProcEntry> found) {
    int coordinator = run.coordinatorPid();
    for (ProcEntry entry : session(table, coordinator, run.forkTime())) {
      found.put(entry.pid(), entry);
      // Its only child outside its session is the rotator of its logs, which ends by itself when
      // all
      // that can write to it is gone, and should write that down until then.
      if (entry.pid() != coordinator) {
        withDescendants(table, entry, found);
      }
    }
    if (run.commandPid().isPresent()) {
      for (ProcEntry entry : session(table, run.commandPid().getAsInt(), run.startTime())) {
        withDescendants(table, entry, found);
      }
    }
  }

  private static void withDescendants(
      ProcTable table, ProcEntry entry, Map<Integer, ProcEntry> found) {
    found.put(entry.pid(), entry);
    table.descendants(entry.pid()).forEach(below -> found.put(below.pid(), below));
  }

  /**
   * The session, unless its leader is another process by now. When the leader is gone, the kernel
   * gives its number to nobody as long as the session has members, so they are its own; only those
   * that are older than the record, or of other users, cannot be.
   */
  private ImmutableSet<ProcEntry> session(ProcTable table, int leader, double recorded) {
    boolean gone = table.get(leader).filter(ProcEntry::isAlive).isEmpty();
    if (!gone && !table.isOurs(leader, recorded, uid)) {
      return ImmutableSet.of();
    }
    return table.session(leader).stream()
        .filter(entry -> !gone || table.mayBelong(entry, recorded, uid))
        .collect(ImmutableSet.toImmutableSet());
  }

  /** Leaves out what must never be signalled. */
  private static ImmutableSet<ProcEntry> harmless(ProcTable table, Map<Integer, ProcEntry> found) {
    Set<Integer> spared = new HashSet<>(table.ancestry(ProcReader.ownPid()));
    spared.add(1);
    return found.values().stream()
        .filter(entry -> !spared.contains(entry.pid()))
        .collect(ImmutableSet.toImmutableSet());
  }
}
