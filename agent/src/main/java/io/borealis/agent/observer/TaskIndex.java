package io.borealis.agent.observer;

import com.google.common.collect.ImmutableList;
import io.borealis.agent.checkpoint.CheckpointPaths;
import io.borealis.runtime.Clock;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the tasks of this machine: all that have a description under a checkpoint root, in the
 * folder of some run below the work directory. Threads may share it; it waits for the disk.
 */
final class TaskIndex {
  private static final Logger log = LoggerFactory.getLogger(TaskIndex.class);
  private static final Duration FRESH = Duration.ofSeconds(1);

  /** Questions for tasks that are not there must not keep the disk busy. */
  private static final Duration VERY_FRESH = Duration.ofMillis(100);

  private static final Comparator<ObservedTask> NEWEST_FIRST =
      Comparator.comparingLong(ObservedTask::modifiedMs).reversed().thenComparing(ObservedTask::id);

  private final Path workDir;
  private final Clock clock;
  private ImmutableList<ObservedTask> tasks = ImmutableList.of();
  private long scannedNanos;
  private boolean scanned;

  TaskIndex(Path workDir, Clock clock) {
    this.workDir = workDir;
    this.clock = clock;
  }

  /** Which tasks are meant. */
  enum Which {
    ALL,
    ACTIVE,
    FINISHED;

    boolean has(ObservedTask task) {
      return this == ALL || task.finished() == (this == FINISHED);
    }
  }

  /** All tasks as of a moment ago, the latest to begin or end first. */
  synchronized ImmutableList<ObservedTask> tasks() {
    return tasks(FRESH);
  }

  /** The task of that id; looked for once more if it was not there a moment ago. */
  synchronized Optional<ObservedTask> find(String id) {
    Optional<ObservedTask> found = find(tasks(), id);
    return found.isPresent() ? found : find(tasks(VERY_FRESH), id);
  }

  private ImmutableList<ObservedTask> tasks(Duration maxAge) {
    if (!scanned || clock.nanoTime() - scannedNanos > maxAge.toNanos()) {
      scan();
    }
    return tasks;
  }

  private static Optional<ObservedTask> find(List<ObservedTask> tasks, String id) {
    return tasks.stream().filter(task -> task.id().equals(id)).findFirst();
  }

  private void scan() {
    Map<String, ObservedTask> found = new HashMap<>();
    for (Path agent : folders(workDir.resolve("slaves"))) {
      for (Path framework : folders(agent.resolve("frameworks"))) {
        for (Path executor : folders(framework.resolve("executors"))) {
          for (Path run : folders(executor.resolve("runs"))) {
            scan(run, run.resolve("checkpoints"), found);
          }
        }
      }
    }
    Map<String, ObservedTask> known = new HashMap<>();
    tasks.forEach(task -> known.put(task.id(), task));
    tasks =
        found.values().stream()
            .map(task -> keep(known.get(task.id()), task))
            .sorted(NEWEST_FIRST)
            .collect(ImmutableList.toImmutableList());
    scannedNanos = clock.nanoTime();
    scanned = true;
  }

  /** What was read of a task already is not read again. */
  private static ObservedTask keep(@Nullable ObservedTask known, ObservedTask found) {
    return known != null && known.isLike(found) ? known : found;
  }

  private static void scan(Path run, Path root, Map<String, ObservedTask> found) {
    // A task on its way from one folder to the other is met at least once in this order.
    add(run, root, false, found);
    add(run, root, true, found);
  }

  private static void add(Path run, Path root, boolean finished, Map<String, ObservedTask> found) {
    Path folder = finished ? CheckpointPaths.finished(root) : CheckpointPaths.active(root);
    for (Map.Entry<Path, BasicFileAttributes> file : children(folder).entrySet()) {
      if (file.getValue().isRegularFile()) {
        ObservedTask task =
            new ObservedTask(
                run,
                new CheckpointPaths(root, file.getKey().getFileName().toString()),
                finished,
                file.getValue().lastModifiedTime().toMillis());
        found.merge(task.id(), task, TaskIndex::later);
      }
    }
  }

  /** A task that is in both folders has just ended; of two runs the newer one is shown. */
  private static ObservedTask later(ObservedTask one, ObservedTask other) {
    if (one.run().equals(other.run())) {
      return one.finished() ? one : other;
    }
    return one.modifiedMs() > other.modifiedMs() ? one : other;
  }

  /** Links such as {@code latest} are left out. */
  private static List<Path> folders(Path folder) {
    List<Path> folders = new ArrayList<>();
    children(folder)
        .forEach(
            (path, attributes) -> {
              if (attributes.isDirectory()) {
                folders.add(path);
              }
            });
    return folders;
  }

  private static Map<Path, BasicFileAttributes> children(Path folder) {
    Map<Path, BasicFileAttributes> children = new HashMap<>();
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      return children;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        try {
          children.put(
              entry,
              Files.readAttributes(entry, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS));
        } catch (IOException e) {
          log.debug("{} is gone", entry, e);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      log.debug("{} cannot be read", folder, e);
    }
    return children;
  }
}
