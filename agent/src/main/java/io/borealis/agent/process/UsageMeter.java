package io.borealis.agent.process;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;

/** Turns tables of processes into what a task uses. One thread. */
public final class UsageMeter {
  private ImmutableMap<Integer, ProcEntry> before = ImmutableMap.of();
  private long beforeNanos;

  /**
   * Takes the processes of a task as seen now. Those that came and went between two samples are
   * missed.
   *
   * @param nanos of the monotonic clock, when the table was read
   */
  public Usage sample(ImmutableSet<ProcEntry> processes, long nanos) {
    double used = 0;
    double user = 0;
    double system = 0;
    long resident = 0;
    long virtual = 0;
    int threads = 0;
    ImmutableMap.Builder<Integer, ProcEntry> now = ImmutableMap.builder();
    for (ProcEntry process : processes) {
      user += process.userSeconds();
      system += process.systemSeconds();
      resident += process.residentBytes();
      virtual += process.virtualBytes();
      threads += process.threads();
      used += cpuSeconds(process) - cpuSecondsBefore(process);
      now.put(process.pid(), process);
    }
    double seconds = (nanos - beforeNanos) / 1e9;
    double cores = before.isEmpty() || seconds <= 0 ? 0 : Math.max(0, used / seconds);
    before = now.buildOrThrow();
    beforeNanos = nanos;
    return new Usage(cores, resident, virtual, user, system, threads, processes.size());
  }

  /** A process that was not there before has used all it has since. */
  private double cpuSecondsBefore(ProcEntry process) {
    ProcEntry known = before.get(process.pid());
    return known != null && known.startTicks() == process.startTicks() ? cpuSeconds(known) : 0;
  }

  private static double cpuSeconds(ProcEntry process) {
    return process.userSeconds() + process.systemSeconds();
  }
}
