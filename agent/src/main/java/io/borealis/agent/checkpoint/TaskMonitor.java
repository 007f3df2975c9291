package io.borealis.agent.checkpoint;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Iterables;
import io.borealis.agent.checkpoint.CheckpointException.Kind;
import io.borealis.api.thermos.ProcessState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows the stream of a task while it grows. Threads may share it. */
public final class TaskMonitor {
  private static final Logger log = LoggerFactory.getLogger(TaskMonitor.class);

  private final CheckpointPaths paths;
  private final Dispatcher dispatcher = new Dispatcher();
  private final RunnerState state = new RunnerState();
  private long head;

  /** A monitor that has read nothing yet. */
  public TaskMonitor(CheckpointPaths paths) {
    this.paths = paths;
  }

  /** The files it follows. */
  public CheckpointPaths paths() {
    return paths;
  }

  /**
   * Reads what has come, and says whether anything has. A step out of order ends the pass; the next
   * one goes on behind it.
   *
   * @throws CheckpointException when the stream cannot be read on: later calls meet the same place
   */
  public synchronized boolean refresh() throws IOException, CheckpointException {
    long before = head;
    try (CheckpointReader reader = CheckpointReader.open(paths.runner())) {
      if (reader.size() > head) {
        reader.position(head);
        pass(reader);
      }
    } catch (NoSuchFileException e) {
      return false;
    }
    return head != before;
  }

  /** How far the stream was taken in, in bytes. */
  public synchronized long head() {
    return head;
  }

  /** What is known by now; a copy. */
  public synchronized RunnerState state() {
    return state.copy();
  }

  /** The last run of every process that runs, by name, with its number. */
  public synchronized ImmutableMap<String, Run> activeProcesses() {
    ImmutableMap.Builder<String, Run> active = ImmutableMap.builder();
    state
        .processes()
        .forEach(
            (name, runs) -> {
              ProcessUpdate last = Iterables.getLast(runs);
              if (name != null && last.state() == ProcessState.RUNNING) {
                active.put(name, new Run(runs.size() - 1, last));
              }
            });
    return active.buildOrThrow();
  }

  /** Whether its description lies among those of living tasks. */
  public boolean isActive() {
    return Files.exists(paths.active());
  }

  /** Whether its description lies among those of ended tasks. */
  public boolean isFinished() {
    return Files.exists(paths.finished());
  }

  private void pass(CheckpointReader reader) throws IOException, CheckpointException {
    for (@Nullable Checkpoint record = reader.tryNext();
        record != null;
        record = reader.tryNext()) {
      try {
        dispatcher.dispatch(state, record, Mode.STRICT);
      } catch (CheckpointException e) {
        if (e.kind() != Kind.INVALID_SEQUENCE_NUMBER) {
          throw e;
        }
        log.warn("Stream {}: {}", paths.runner(), e.getMessage());
        break;
      }
    }
    head = reader.position();
  }

  /**
   * A run of a process.
   *
   * @param number counted from 0
   * @param last what is known of it
   */
  public record Run(int number, ProcessUpdate last) {}
}
