package io.borealis.agent;

import com.google.common.collect.ImmutableSet;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes the files of tasks whose end the scheduler knows, some time after it, and sooner the
 * fuller the disk is. Confined to its loop, on which it blocks for as long as that takes.
 */
final class GarbageCollector {
  /** Time between two looks. */
  static final Duration INTERVAL = Duration.ofMinutes(1);

  /** From here on nothing that may go is kept. */
  static final double FULL = 0.9;

  private static final Logger LOG = LoggerFactory.getLogger(GarbageCollector.class);

  private final WorkDir workDir;
  private final Duration delay;
  private final DiskUse disk;
  private final Supplier<ImmutableSet<String>> alive;
  private final EventLoop loop;
  private final Clock clock;
  private final Counter removed;

  /** How full the disk is. */
  @FunctionalInterface
  interface DiskUse {
    /** From 0 to 1. */
    double used() throws IOException;

    /** That of the disk on which a folder lies. */
    static DiskUse of(Path folder) {
      return () -> {
        var store = Files.getFileStore(folder);
        long total = store.getTotalSpace();
        return total <= 0 ? 0 : 1 - (double) store.getUsableSpace() / total;
      };
    }
  }

  /** A run that may go, and since when. */
  private record Ended(RunPaths run, long sinceMillis) {}

  /**
   * @param delay how long files are kept on an empty disk
   * @param alive ids of tasks that have not ended, or whose end the scheduler does not know
   */
  GarbageCollector(
      WorkDir workDir,
      Duration delay,
      DiskUse disk,
      Supplier<ImmutableSet<String>> alive,
      EventLoop loop,
      Clock clock,
      MeterRegistry meters) {
    this.workDir = workDir;
    this.delay = delay;
    this.disk = disk;
    this.alive = alive;
    this.loop = loop;
    this.clock = clock;
    this.removed = meters.counter("agent_runs_removed");
  }

  /** Looks now and then, from now on. */
  void start() {
    var unused = loop.schedule(INTERVAL, this::again);
  }

  private void again() {
    try {
      collect();
    } catch (IOException | UncheckedIOException failure) {
      LOG.warn("Files of ended tasks cannot be listed: {}", failure.toString());
    }
    start();
  }

  /** How long files are kept on a disk that is so full. */
  static Duration keep(Duration delay, double used) {
    double left = Math.max(0, FULL - used) / FULL;
    return Duration.ofMillis((long) (delay.toMillis() * left));
  }

  /** Deletes what may go, the oldest first. */
  void collect() throws IOException {
    for (Ended ended : ended()) {
      Duration age = Duration.ofMillis(clock.wallMillis() - ended.sinceMillis());
      // What went before may have made enough room.
      if (age.compareTo(keep(delay, disk.used())) < 0) {
        return;
      }
      remove(ended.run());
    }
  }

  private List<Ended> ended() throws IOException {
    List<Ended> ended = new ArrayList<>();
    for (RunPaths run : workDir.runs()) {
      // Whoever is added meanwhile is seen by the second look.
      if (!alive.get().contains(run.taskId())) {
        Path sign = Files.exists(run.sentinel()) ? run.sentinel() : run.meta();
        // Without its name the next process does not find it again.
        boolean neverBegun = !Files.exists(run.taskInfo()) || !WorkDir.isLatest(run);
        if (sign.equals(run.sentinel()) || neverBegun) {
          try {
            ended.add(new Ended(run, Files.getLastModifiedTime(sign).toMillis()));
          } catch (NoSuchFileException gone) {
            LOG.debug("{} went by itself", run.meta());
          }
        }
      }
    }
    ended.removeIf(each -> alive.get().contains(each.run().taskId()));
    ended.sort(Comparator.comparingLong(Ended::sinceMillis));
    return ended;
  }

  private void remove(RunPaths run) {
    LOG.info("Removing the files of task {}, which is over", run.taskId());
    try {
      // What tells that it is over goes last, so that a half-deleted run is not found alive.
      Removal.of(run.directory());
      unlink(run.directory().resolveSibling("latest"), run);
      deleteEmpty(run.directory().getParent());
      unlink(run.latest(), run);
      Removal.of(run.meta());
      deleteEmpty(run.meta().getParent());
      removed.increment();
    } catch (IOException failure) {
      LOG.warn("Files of task {} cannot be removed: {}", run.taskId(), failure.toString());
    }
  }

  private static void unlink(Path latest, RunPaths run) throws IOException {
    if (Files.isSymbolicLink(latest)
        && Files.readSymbolicLink(latest).equals(Path.of(run.containerId()))) {
      Files.delete(latest);
    }
  }

  /** Removes the folder of runs, and that of the executor above it, unless there are others. */
  private static void deleteEmpty(Path runs) throws IOException {
    for (Path folder : new Path[] {runs, runs.getParent()}) {
      try (var entries = Files.list(folder)) {
        if (entries.findAny().isPresent()) {
          return;
        }
      } catch (NoSuchFileException gone) {
        continue;
      }
      Files.delete(folder);
    }
  }
}
