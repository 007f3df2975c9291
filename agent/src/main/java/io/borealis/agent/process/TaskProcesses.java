package io.borealis.agent.process;

import com.google.common.collect.ImmutableSet;
import java.util.Collection;

/**
 * The processes of one task: who belongs to it, and signals to them. Thread-safe; no method waits.
 * Nothing here ever signals this agent, those above it, or pid 1.
 */
public interface TaskProcesses {
  /**
   * What lives of one run: its coordinator, both sessions, and all below the command. What left the
   * session and its parents is not found here but by {@link #ofTask}.
   */
  ImmutableSet<ProcEntry> ofRun(ProcTable table, RunPids run);

  /**
   * What lives of the whole task: of its runs, of its cgroups, and whoever has the sandbox as its
   * HOME, wherever it went.
   */
  ImmutableSet<ProcEntry> ofTask(ProcTable table, Collection<RunPids> runs);

  /** What lives of the task and belongs to none of the given runs, which are those still going. */
  ImmutableSet<ProcEntry> strays(ProcTable table, Collection<RunPids> liveRuns);

  /** Asks one process to end (SIGTERM); false if it is gone. */
  boolean terminate(ProcEntry process);

  /**
   * Kills what lives of one run now (SIGKILL) and returns how many there were. Repeat with new
   * tables, some 100 ms apart, until it returns 0.
   */
  int killRun(ProcTable table, RunPids run);

  /** The same for all of the task. */
  int killTask(ProcTable table, Collection<RunPids> runs);
}
