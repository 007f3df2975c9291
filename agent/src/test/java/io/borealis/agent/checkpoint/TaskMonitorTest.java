package io.borealis.agent.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.List;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public class TaskMonitorTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void aGrowingStreamIsFollowedAsByOthers() throws Exception {
    JsonNode cases = Golden.read(Golden.FOLDER.resolve("tailing.json")).get("cases");
    assertThat(cases).hasSize(8);
    for (JsonNode row : cases) {
      CheckpointPaths paths =
          new CheckpointPaths(folder.getRoot().toPath(), row.get("name").asText());
      Files.createDirectories(paths.streams());
      TaskMonitor monitor = new TaskMonitor(paths);
      for (JsonNode step : row.get("steps")) {
        if (!step.get("append_hex").isNull()) {
          Files.write(
              paths.runner(),
              HexFormat.of().parseHex(step.get("append_hex").asText()),
              StandardOpenOption.CREATE,
              StandardOpenOption.APPEND);
        }
        JsonNode expected = ((ObjectNode) step).without(List.of("append_hex", "note"));
        assertThat(Golden.parsed(refresh(monitor))).as(paths.taskId()).isEqualTo(expected);
      }
    }
  }

  @Test
  public void aTaskIsActiveOrFinishedByWhereItsDescriptionLies() throws Exception {
    Path root = folder.getRoot().toPath();
    TaskMonitor monitor = new TaskMonitor(new CheckpointPaths(root, "t"));
    assertThat(monitor.isActive()).isFalse();
    Files.createDirectories(CheckpointPaths.active(root));
    Files.createDirectories(CheckpointPaths.finished(root));
    Files.writeString(monitor.paths().active(), "{}");
    assertThat(monitor.isActive()).isTrue();
    assertThat(monitor.isFinished()).isFalse();
    Files.move(monitor.paths().active(), monitor.paths().finished());
    assertThat(monitor.isActive()).isFalse();
    assertThat(monitor.isFinished()).isTrue();
  }

  @Test
  public void aStateOnceGivenDoesNotChange() throws Exception {
    CheckpointPaths paths = new CheckpointPaths(folder.getRoot().toPath(), "t");
    TaskMonitor monitor = new TaskMonitor(paths);
    try (CheckpointWriter writer = CheckpointWriter.open(paths.runner())) {
      writer.append(Checkpoint.of(ProcessUpdate.waiting("p", 0)));
      assertThat(monitor.refresh()).isTrue();
      RunnerState before = monitor.state();
      writer.append(Checkpoint.of(ProcessUpdate.forked("p", 1, 1.5, 7)));
      assertThat(monitor.refresh()).isTrue();
      assertThat(before.lastRun("p")).isEqualTo(ProcessUpdate.waiting("p", 0));
      assertThat(monitor.state().lastRun("p")).isEqualTo(ProcessUpdate.forked("p", 1, 1.5, 7));
    }
  }

  private static ObjectNode refresh(TaskMonitor monitor) throws Exception {
    ObjectNode json = Golden.JSON.createObjectNode();
    try {
      json.put("refresh_returned", monitor.refresh());
    } catch (CheckpointException e) {
      json.putObject("refresh_raised").put("kind", e.kind().toString());
    }
    json.put("head_after", monitor.head());
    ArrayNode active = json.putArray("active_processes");
    monitor.activeProcesses().forEach((name, run) -> active.addArray().add(name).add(run.number()));
    json.set("state_after", CheckpointJson.of(monitor.state()));
    return json;
  }
}
