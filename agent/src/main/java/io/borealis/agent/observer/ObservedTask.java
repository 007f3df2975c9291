package io.borealis.agent.observer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.borealis.agent.checkpoint.CheckpointException;
import io.borealis.agent.checkpoint.CheckpointPaths;
import io.borealis.agent.checkpoint.Header;
import io.borealis.agent.checkpoint.Mode;
import io.borealis.agent.checkpoint.Replay;
import io.borealis.agent.checkpoint.RunnerState;
import io.borealis.agent.checkpoint.TaskMonitor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One task on the disk, living or ended. Threads may share it; all but the plain values wait for
 * the disk.
 */
final class ObservedTask {
  private static final Logger log = LoggerFactory.getLogger(ObservedTask.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long MAX_DESCRIPTION = 16 << 20;

  private final Path run;
  private final CheckpointPaths paths;
  private final boolean finished;
  private final long modifiedMs;
  private final TaskMonitor monitor;
  private @Nullable RunnerState ended;
  private @Nullable JsonNode description;
  private @Nullable String damage;

  /**
   * @param run the folder of the run it belongs to
   * @param modifiedMs when its description was written or moved, in ms since the epoch
   */
  ObservedTask(Path run, CheckpointPaths paths, boolean finished, long modifiedMs) {
    this.run = run;
    this.paths = paths;
    this.finished = finished;
    this.modifiedMs = modifiedMs;
    this.monitor = new TaskMonitor(paths);
  }

  String id() {
    return paths.taskId();
  }

  Path run() {
    return run;
  }

  boolean finished() {
    return finished;
  }

  long modifiedMs() {
    return modifiedMs;
  }

  /** Whether both are the same task, in the same phase of its life. */
  boolean isLike(ObservedTask other) {
    return paths.equals(other.paths)
        && finished == other.finished
        && modifiedMs == other.modifiedMs;
  }

  /** What its stream says by now; nobody may change it. */
  synchronized RunnerState state() {
    if (finished) {
      if (ended == null) {
        ended = replay();
      }
      return ended;
    }
    // A monitor takes in again what came before the damage, so it is not asked any more.
    if (damage == null && isFile(paths.runner())) {
      try {
        monitor.refresh();
      } catch (CheckpointException | IOException e) {
        damaged(e);
      }
    }
    return monitor.state();
  }

  /** Why its stream could not be read on; null while it can. */
  synchronized @Nullable String damage() {
    return damage;
  }

  /** What it was made of; JSON's null if that cannot be read. */
  synchronized JsonNode description() {
    if (description == null) {
      description = readDescription();
    }
    return description;
  }

  /** Where its processes run, as its stream says; null while it does not say. */
  @Nullable String sandbox() {
    @Nullable Header header = state().header();
    return header == null ? null : header.sandbox();
  }

  /** Where the output of its processes lies, as its stream says; null while it does not say. */
  static @Nullable String logDir(RunnerState state) {
    @Nullable Header header = state.header();
    if (header == null) {
      return null;
    }
    return header.logDir() == null && header.sandbox() != null
        ? header.sandbox() + "/.logs"
        : header.logDir();
  }

  private RunnerState replay() {
    try {
      if (isFile(paths.runner())) {
        Replay replay = Replay.of(paths.runner(), Mode.STRICT);
        if (replay.error() != null) {
          damaged(replay.error());
        }
        return replay.state();
      }
    } catch (IOException e) {
      damaged(e);
    }
    return new RunnerState();
  }

  private JsonNode readDescription() {
    Path file = finished ? paths.finished() : paths.active();
    try {
      if (isFile(file) && Files.size(file) <= MAX_DESCRIPTION) {
        return JSON.readTree(Files.readAllBytes(file));
      }
    } catch (NoSuchFileException e) {
      // It has just ended.
    } catch (IOException e) {
      log.warn("The description {} cannot be read: {}", file, e.toString());
    }
    return JsonNodeFactory.instance.nullNode();
  }

  private void damaged(Exception e) {
    damage = e.getMessage() == null ? e.toString() : e.getMessage();
    log.warn("Stream {} cannot be read on: {}", paths.runner(), damage);
  }

  /** Pipes and links, which somebody else may have put there, are not opened. */
  private static boolean isFile(Path path) {
    return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
  }
}
