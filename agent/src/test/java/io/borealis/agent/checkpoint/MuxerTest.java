package io.borealis.agent.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.google.common.collect.ImmutableList;
import io.borealis.agent.checkpoint.CheckpointException.Kind;
import io.borealis.api.thermos.ProcessState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.Map;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public class MuxerTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void recordsAboveTheWatermarkAreGivenOnce() throws Exception {
    JsonNode cases = Golden.read(Golden.FOLDER.resolve("muxer.json")).get("cases");
    assertThat(cases).hasSize(12);
    for (JsonNode row : cases) {
      CheckpointPaths paths = paths(row.get("name").asText());
      if (!row.get("file_hex").isNull()) {
        append(paths.coordinator("p"), row.get("file_hex").asText());
      }
      try (Muxer muxer = new Muxer(paths)) {
        muxer.register("p", row.get("watermark").asLong());
        assertThat(select(muxer)).as(paths.taskId()).isEqualTo(row.get("first_select"));
        assertThat(select(muxer)).as(paths.taskId()).isEqualTo(row.get("second_select"));
        for (JsonNode later : row.path("later")) {
          append(paths.coordinator("p"), later.get("append_hex").asText());
          assertThat(muxer.hasData("p")).isEqualTo(later.get("has_data").asBoolean());
          assertThat(muxer.hasData("p")).isEqualTo(later.get("has_data").asBoolean());
          assertThat(select(muxer)).isEqualTo(later.get("select"));
          assertThat(muxer.hasData("p")).isFalse();
        }
      }
    }
  }

  @Test
  public void whatIsBelowTheWatermarkIsPassedOverHoweverLateItComes() throws Exception {
    CheckpointPaths paths = paths("late");
    try (Muxer muxer = new Muxer(paths);
        CheckpointWriter writer = CheckpointWriter.open(paths.coordinator("p"))) {
      writer.append(Checkpoint.of(ProcessUpdate.forked("p", 1, 1.5, 7)));
      muxer.register("p", 3);
      assertThat(muxer.select()).isEmpty();
      writer.append(Checkpoint.of(ProcessUpdate.ended("p", 3, ProcessState.FAILED, 2.5, 1)));
      assertThat(muxer.hasData("p")).isFalse();
      Checkpoint fresh = Checkpoint.of(ProcessUpdate.forked("p", 5, 3.5, 8));
      writer.append(fresh);
      assertThat(muxer.select()).containsOnly(Map.entry("p", ImmutableList.of(fresh)));
    }
  }

  @Test
  public void severalProcessesAreReadSideBySide() throws Exception {
    CheckpointPaths paths = paths("many");
    Checkpoint p = Checkpoint.of(ProcessUpdate.forked("p", 1, 1.5, 7));
    Checkpoint q = Checkpoint.of(ProcessUpdate.forked("q", 1, 1.5, 8));
    try (Muxer muxer = new Muxer(paths);
        CheckpointWriter ofP = CheckpointWriter.open(paths.coordinator("p"));
        CheckpointWriter ofQ = CheckpointWriter.open(paths.coordinator("q"))) {
      muxer.register("p", -1);
      muxer.register("q", -1);
      muxer.register("none", -1);
      ofP.append(p);
      ofQ.append(q);
      assertThat(muxer.select())
          .containsOnly(Map.entry("p", ImmutableList.of(p)), Map.entry("q", ImmutableList.of(q)));
      muxer.unregister("q");
      ofQ.append(q);
      assertThat(muxer.select()).isEmpty();
    }
  }

  @Test
  public void aStreamThatCannotBeReadHidesNothingOfTheOthers() throws Exception {
    CheckpointPaths paths = paths("broken");
    Checkpoint p = Checkpoint.of(ProcessUpdate.forked("p", 1, 1.5, 7));
    try (Muxer muxer = new Muxer(paths);
        CheckpointWriter ofP = CheckpointWriter.open(paths.coordinator("p"))) {
      muxer.register("p", -1);
      muxer.register("q", -1);
      ofP.append(p);
      append(paths.coordinator("q"), "ffffffff");
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(muxer::select)
            .isInstanceOfSatisfying(
                CheckpointException.class,
                e -> assertThat(e.kind()).isEqualTo(Kind.RECORD_TOO_LARGE));
      }
      muxer.unregister("q");
      assertThat(muxer.select()).containsOnlyKeys("p");
    }
  }

  @Test
  public void aStreamThatHasBecomeShorterGivesNothing() throws Exception {
    CheckpointPaths paths = paths("short");
    try (Muxer muxer = new Muxer(paths);
        CheckpointWriter writer = CheckpointWriter.open(paths.coordinator("p"))) {
      muxer.register("p", -1);
      writer.append(Checkpoint.of(ProcessUpdate.forked("p", 1, 1.5, 7)));
      assertThat(muxer.select()).hasSize(1);
      Files.write(paths.coordinator("p"), new byte[1]);
      assertThat(muxer.select()).isEmpty();
    }
  }

  @Test
  public void aProcessIsRegisteredOnceAndItsNameStaysInItsFolder() throws Exception {
    try (Muxer muxer = new Muxer(paths("once"))) {
      muxer.register("p", -1);
      assertThatThrownBy(() -> muxer.register("p", 1)).hasMessage("Process p is registered");
      assertThatThrownBy(() -> muxer.unregister("q")).hasMessage("Process q is not registered");
      assertThatThrownBy(() -> muxer.hasData("q")).hasMessage("Process q is not registered");
      assertThatThrownBy(() -> muxer.register("../p", 1))
          .isInstanceOf(IllegalArgumentException.class);
      muxer.unregister("p");
      muxer.register("p", -1);
    }
  }

  private CheckpointPaths paths(String task) throws IOException {
    CheckpointPaths paths = new CheckpointPaths(folder.getRoot().toPath(), task);
    Files.createDirectories(paths.streams());
    return paths;
  }

  private static ArrayNode select(Muxer muxer) throws Exception {
    ArrayNode rows = Golden.JSON.createArrayNode();
    muxer
        .select()
        .getOrDefault("p", ImmutableList.of())
        .forEach(
            record ->
                rows.addArray()
                    .add(record.process().seq())
                    .add(record.process().state().toString()));
    return rows;
  }

  private static void append(Path file, String hex) throws IOException {
    Files.write(
        file, HexFormat.of().parseHex(hex), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
