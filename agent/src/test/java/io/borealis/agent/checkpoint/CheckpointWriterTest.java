package io.borealis.agent.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.borealis.api.thermos.ProcessState;
import io.borealis.api.thermos.TaskState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public class CheckpointWriterTest {
  private static final List<Checkpoint> RECORDS =
      List.of(
          Checkpoint.of(TaskUpdate.of(TaskState.ACTIVE, 1000, 1, 2)),
          Checkpoint.of(new Header("t", 1L, "/s", "h", "u", null, "/s/.logs", null)),
          Checkpoint.of(ProcessUpdate.waiting("p", 0)),
          Checkpoint.of(ProcessUpdate.forked("p", 1, 1.5, 7)),
          Checkpoint.of(ProcessUpdate.running("p", 2, 2.5, 8)),
          Checkpoint.of(ProcessUpdate.ended("p", 3, ProcessState.KILLED, 3.5, -9)),
          Checkpoint.of(ProcessUpdate.waiting("p", 4)),
          Checkpoint.of(ProcessUpdate.unlaunched("p", 5)),
          Checkpoint.of(ProcessUpdate.waiting("q", 0)),
          Checkpoint.of(ProcessUpdate.forked("q", 1, 1.5, 7)),
          Checkpoint.of(ProcessUpdate.lost("q", 2)));

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void whatIsWrittenFollowsTheRulesAndIsReadBack() throws Exception {
    Path stream = folder.getRoot().toPath().resolve("made").resolve("runner");
    for (Checkpoint record : RECORDS) {
      try (CheckpointWriter writer = CheckpointWriter.open(stream)) {
        writer.append(record);
      }
    }
    Replay replay = Replay.of(stream, Mode.STRICT);
    assertThat(replay.error()).isNull();
    assertThat(replay.state().runs("p")).hasSize(2);
    assertThat(replay.state().lastRun("q").state()).isEqualTo(ProcessState.LOST);
    try (CheckpointReader reader = CheckpointReader.open(stream)) {
      for (Checkpoint record : RECORDS) {
        assertThat(reader.next()).isEqualTo(record);
      }
      assertThat(reader.next()).isNull();
    }
  }

  @Test
  public void aWriteThatFailsIsReported() throws Exception {
    try (CheckpointWriter writer = CheckpointWriter.open(Path.of("/dev/full"))) {
      assertThatThrownBy(() -> writer.append(RECORDS.get(0))).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> writer.append(RECORDS.get(0))).isInstanceOf(IOException.class);
    }
  }

  @Test
  public void namesThatLeadElsewhereAreRefused() {
    Path root = folder.getRoot().toPath();
    for (String name : List.of("", ".", "..", "a/b", "../a", "a\0b")) {
      assertThatThrownBy(() -> new CheckpointPaths(root, name))
          .hasMessageStartingWith("A task id cannot be '");
      assertThatThrownBy(() -> new CheckpointPaths(root, "t").coordinator(name))
          .hasMessageStartingWith("A process name cannot be '");
      assertThatThrownBy(() -> CheckpointPaths.log(root, name, 0))
          .hasMessageStartingWith("A process name cannot be '");
    }
  }

  @Test
  public void filesLieWhereOtherToolsLookForThem() {
    CheckpointPaths paths = new CheckpointPaths(Path.of("/r"), "t-1");
    assertThat(
            List.of(
                paths.active(),
                paths.finished(),
                paths.runner(),
                paths.coordinator("p q"),
                CheckpointPaths.log(Path.of("/s/.logs"), "p q", 3)))
        .containsExactly(
            Path.of("/r/tasks/active/t-1"),
            Path.of("/r/tasks/finished/t-1"),
            Path.of("/r/checkpoints/t-1/runner"),
            Path.of("/r/checkpoints/t-1/coordinator.p q"),
            Path.of("/s/.logs/p q/3"));
    assertThat(Files.exists(Path.of("/r/checkpoints"))).isFalse();
  }
}
