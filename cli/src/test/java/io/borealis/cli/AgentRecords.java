package io.borealis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.agent.checkpoint.Checkpoint;
import io.borealis.agent.checkpoint.CheckpointException;
import io.borealis.agent.checkpoint.CheckpointReader;
import io.borealis.agent.checkpoint.Mode;
import io.borealis.agent.checkpoint.ProcessUpdate;
import io.borealis.agent.checkpoint.Replay;
import io.borealis.agent.checkpoint.RunnerState;
import io.borealis.agent.updates.RecoveredUpdates;
import io.borealis.agent.updates.TaskUpdate;
import io.borealis.api.agent.AgentTaskState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** What an agent has written down of its tasks. Immutable but for the files. */
record AgentRecords(Path workDir) {
  private List<Path> files(String name) throws IOException {
    try (Stream<Path> all = Files.walk(workDir)) {
      return all.filter(file -> file.endsWith(name) && Files.isRegularFile(file)).toList();
    }
  }

  private Path stream(String taskId) throws IOException {
    return files("runner").stream()
        .filter(file -> file.toString().contains(taskId))
        .findFirst()
        .orElseThrow();
  }

  /** What the stream of a task leads to. */
  RunnerState state(String taskId) throws IOException {
    return Replay.of(stream(taskId), Mode.STRICT).state();
  }

  /** Every step of a task's processes, as it was written: a state does not keep all of it. */
  List<ProcessUpdate> steps(String taskId) throws IOException {
    List<ProcessUpdate> steps = new ArrayList<>();
    try (CheckpointReader reader = CheckpointReader.open(stream(taskId))) {
      for (Checkpoint record = reader.tryNext(); record != null; record = reader.tryNext()) {
        if (record.process() != null) {
          steps.add(record.process());
        }
      }
    } catch (CheckpointException broken) {
      throw new IOException(broken);
    }
    return steps;
  }

  /** Every stream can be read by the strict rules. */
  void assertStreamsAreWhole() throws IOException {
    for (Path stream : files("runner")) {
      Replay replay = Replay.of(stream, Mode.STRICT);
      assertThat(replay.error()).as("%s after %d records", stream, replay.records()).isNull();
      assertThat(replay.records()).as("records of %s", stream).isPositive();
    }
  }

  /** The states that were told of a task, in the order of their coming. */
  List<AgentTaskState> told(String taskId) throws IOException {
    List<AgentTaskState> states = new ArrayList<>();
    for (Path file : files("task.updates")) {
      if (file.toString().contains(taskId)) {
        updates(file).updates().forEach(update -> states.add(update.state()));
      }
    }
    return states;
  }

  /** The scheduler has every update; none was made twice, and of each task the last is the end. */
  void assertEverythingWasDelivered() throws IOException {
    for (Path file : files("task.updates")) {
      RecoveredUpdates updates = updates(file);
      List<UUID> uuids =
          updates.updates().stream().map(TaskUpdate::uuid).map(Optional::orElseThrow).toList();
      assertThat(uuids).as("updates in %s", file).isNotEmpty().doesNotHaveDuplicates();
      assertThat(updates.acknowledged())
          .as("%s", updates)
          .containsExactlyInAnyOrderElementsOf(uuids);
      List<AgentTaskState> states = updates.updates().stream().map(TaskUpdate::state).toList();
      assertThat(states).as("states in %s", file).doesNotHaveDuplicates();
      assertThat(states).isSortedAccordingTo((one, other) -> rank(one) - rank(other));
      assertThat(rank(states.get(states.size() - 1))).as("%s in %s", states, file).isEqualTo(2);
    }
  }

  private static int rank(AgentTaskState state) {
    return switch (state) {
      case TASK_STARTING -> 0;
      case TASK_RUNNING -> 1;
      default -> TaskUpdate.isTerminal(state) ? 2 : 3;
    };
  }

  /** Reads a copy, for what is half written would be cut. */
  private static RecoveredUpdates updates(Path file) throws IOException {
    Path copy = Files.createTempFile("task", ".updates");
    try {
      Files.write(copy, Files.readAllBytes(file));
      long size = Files.size(copy);
      RecoveredUpdates updates = RecoveredUpdates.recover(copy);
      assertThat(updates.corrupt()).as("%s", file).isEmpty();
      assertThat(Files.size(copy)).as("whole records of %s", file).isEqualTo(size);
      return updates;
    } finally {
      Files.delete(copy);
    }
  }
}
