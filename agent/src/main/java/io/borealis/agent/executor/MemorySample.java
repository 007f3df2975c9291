package io.borealis.agent.executor;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.agent.checkpoint.CheckpointException;
import io.borealis.agent.checkpoint.TaskMonitor;
import io.borealis.agent.process.ProcEntry;
import io.borealis.agent.process.ProcTable;
import io.borealis.agent.process.RunPids;
import io.borealis.agent.process.TaskGroup;
import io.borealis.agent.process.TaskProcesses;
import java.io.IOException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out how much memory a task has. One thread at a time. */
final class MemorySample {
  private static final Logger LOG = LoggerFactory.getLogger(MemorySample.class);

  /** To find who left the sessions of a task, the environment of everybody must be read. */
  private static final int THOROUGH_EVERY = 6;

  private final Supplier<ProcTable> tables;
  private final TaskProcesses processes;
  private final TaskGroup group;
  private final TaskMonitor monitor;
  private int samples;

  MemorySample(
      Supplier<ProcTable> tables, TaskProcesses processes, TaskGroup group, TaskMonitor monitor) {
    this.tables = tables;
    this.processes = processes;
    this.group = group;
    this.monitor = monitor;
  }

  /** Bytes of all its processes that are found. */
  long residentBytes() {
    ProcTable table = tables.get();
    return processes(table).stream().mapToLong(ProcEntry::residentBytes).sum();
  }

  private ImmutableSet<ProcEntry> processes(ProcTable table) {
    ImmutableSet<Integer> inGroup = group.pids();
    if (!inGroup.isEmpty()) {
      return inGroup.stream()
          .flatMap(pid -> table.get(pid).stream())
          .collect(ImmutableSet.toImmutableSet());
    }
    if (samples++ % THOROUGH_EVERY == THOROUGH_EVERY - 1) {
      return processes.ofTask(table, runs());
    }
    // A process may be found by several runs.
    return runs().stream()
        .flatMap(run -> processes.ofRun(table, run).stream())
        .collect(ImmutableSet.toImmutableSet());
  }

  private ImmutableList<RunPids> runs() {
    try {
      boolean unused = monitor.refresh();
    } catch (IOException | CheckpointException failure) {
      LOG.debug("Stream {} cannot be read on", monitor.paths().runner(), failure);
    }
    return monitor.activeProcesses().values().stream()
        .flatMap(run -> RunPids.of(run.last()).stream())
        .collect(ImmutableList.toImmutableList());
  }
}
