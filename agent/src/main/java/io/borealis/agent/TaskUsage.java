package io.borealis.agent;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.agent.checkpoint.CheckpointException;
import io.borealis.agent.checkpoint.CheckpointPaths;
import io.borealis.agent.checkpoint.TaskMonitor;
import io.borealis.agent.observer.ResourceSample;
import io.borealis.agent.observer.ResourceSamples;
import io.borealis.agent.process.DiskUsage;
import io.borealis.agent.process.ProcEntry;
import io.borealis.agent.process.ProcTable;
import io.borealis.agent.process.RunPids;
import io.borealis.agent.process.TaskProcesses;
import io.borealis.agent.process.Usage;
import io.borealis.agent.process.UsageMeter;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks now and then what living tasks use, for those who ask. Any thread may ask; the looks are
 * confined to a loop of their own, on which they block.
 */
final class TaskUsage implements ResourceSamples {
  /** Time between two looks at processes. */
  static final Duration INTERVAL = Duration.ofSeconds(10);

  /** The disk is looked at each so many times. */
  private static final int DISK_EVERY = 6;

  private static final int MOST_FILES = 1_000_000;
  private static final Logger LOG = LoggerFactory.getLogger(TaskUsage.class);

  private final Supplier<ImmutableList<RunPaths>> runs;
  private final Supplier<ProcTable> processes;
  private final Function<Path, TaskProcesses> ofSandbox;
  private final EventLoop loop;
  private final Clock clock;
  private final Map<RunPaths, Watched> watched = new HashMap<>();
  private volatile ImmutableMap<String, Sampled> samples = ImmutableMap.of();
  private int looks;

  /** What one task uses. */
  private record Sampled(ResourceSample task, ImmutableMap<String, ResourceSample> processes) {}

  /** What has to be remembered of a task between two looks. */
  private static final class Watched {
    final TaskMonitor monitor;
    final TaskProcesses processes;
    final UsageMeter task = new UsageMeter();
    final Map<String, UsageMeter> byProcess = new HashMap<>();
    long diskBytes;

    Watched(TaskMonitor monitor, TaskProcesses processes) {
      this.monitor = monitor;
      this.processes = processes;
    }
  }

  /**
   * @param runs of all living tasks
   * @param processes those of this machine, at most a moment ago
   * @param ofSandbox the processes of the task that has this sandbox
   */
  TaskUsage(
      Supplier<ImmutableList<RunPaths>> runs,
      Supplier<ProcTable> processes,
      Function<Path, TaskProcesses> ofSandbox,
      EventLoop loop,
      Clock clock) {
    this.runs = runs;
    this.processes = processes;
    this.ofSandbox = ofSandbox;
    this.loop = loop;
    this.clock = clock;
  }

  /** Looks from now on. */
  void start() {
    var unused = loop.schedule(INTERVAL, this::again);
  }

  private void again() {
    look();
    start();
  }

  /** Looks once. */
  void look() {
    ImmutableSet<RunPaths> living = ImmutableSet.copyOf(runs.get());
    watched.keySet().retainAll(living);
    boolean disk = looks++ % DISK_EVERY == 0;
    ProcTable table = processes.get();
    long nanos = clock.nanoTime();
    ImmutableMap.Builder<String, Sampled> seen = ImmutableMap.builder();
    for (RunPaths run : living) {
      Watched task = watched.computeIfAbsent(run, this::watch);
      if (disk || task.diskBytes == 0) {
        task.diskBytes = DiskUsage.of(run.sandbox(), MOST_FILES).bytes();
      }
      seen.put(run.taskId(), look(task, table, nanos));
    }
    samples = seen.buildOrThrow();
  }

  private Watched watch(RunPaths run) {
    return new Watched(
        new TaskMonitor(new CheckpointPaths(run.checkpoints(), run.taskId())),
        ofSandbox.apply(run.sandbox()));
  }

  private static Sampled look(Watched task, ProcTable table, long nanos) {
    try {
      boolean unused = task.monitor.refresh();
    } catch (IOException | CheckpointException unreadable) {
      LOG.debug("{} cannot be read on", task.monitor.paths().runner(), unreadable);
    }
    ImmutableMap<String, TaskMonitor.Run> active = task.monitor.activeProcesses();
    task.byProcess.keySet().retainAll(active.keySet());
    ImmutableMap.Builder<String, ResourceSample> samples = ImmutableMap.builder();
    ImmutableSet.Builder<ProcEntry> all = ImmutableSet.builder();
    active.forEach(
        (name, run) ->
            RunPids.of(run.last())
                .ifPresent(
                    pids -> {
                      ImmutableSet<ProcEntry> found = task.processes.ofRun(table, pids);
                      all.addAll(found);
                      UsageMeter meter =
                          task.byProcess.computeIfAbsent(name, key -> new UsageMeter());
                      samples.put(name, sample(meter.sample(found, nanos), 0));
                    }));
    return new Sampled(
        sample(task.task.sample(all.build(), nanos), task.diskBytes), samples.buildOrThrow());
  }

  private static ResourceSample sample(Usage usage, long diskBytes) {
    return new ResourceSample(
        usage.cores(),
        usage.userSeconds(),
        usage.systemSeconds(),
        usage.residentBytes(),
        usage.virtualBytes(),
        usage.threads(),
        diskBytes);
  }

  @Override
  public ResourceSample ofTask(String taskId) {
    Sampled sampled = samples.get(taskId);
    return sampled == null ? ResourceSample.NONE : sampled.task();
  }

  @Override
  public ResourceSample ofProcess(String taskId, String process) {
    Sampled sampled = samples.get(taskId);
    return sampled == null
        ? ResourceSample.NONE
        : sampled.processes().getOrDefault(process, ResourceSample.NONE);
  }
}
