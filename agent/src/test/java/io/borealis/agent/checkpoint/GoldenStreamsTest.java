package io.borealis.agent.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.junit.runners.Parameterized;
import org.junit.runners.Parameterized.Parameters;

/**
 * Every stream of the golden data, read and replayed as their verdicts say. The system property
 * {@code borealis.test.checkpoints} may name a folder with more of them.
 */
@RunWith(Parameterized.class)
public class GoldenStreamsTest {
  private static final String MORE = "borealis.test.checkpoints";

  private final Path stream;
  private final JsonNode verdict;

  public GoldenStreamsTest(String name, Path stream) {
    this.stream = stream;
    this.verdict = Golden.read(Golden.verdict(stream));
  }

  @Parameters(name = "{0}")
  public static List<Object[]> streams() {
    List<Path> streams = new ArrayList<>(Golden.streams(Golden.FOLDER));
    assertThat(streams).hasSize(125);
    String more = System.getProperty(MORE, "");
    if (!more.isEmpty()) {
      streams.addAll(Golden.streams(Path.of(more)));
    }
    return streams.stream()
        .map(
            file ->
                new Object[] {
                  file.subpath(file.getNameCount() - 2, file.getNameCount()).toString(), file
                })
        .toList();
  }

  @Test
  public void theSameRecordsAreReadUpToTheSameEnd() throws Exception {
    ArrayNode records = JsonNodeFactory.instance.arrayNode();
    JsonNode end;
    try (CheckpointReader reader = CheckpointReader.open(stream)) {
      long offset = 0;
      try {
        for (Checkpoint record = reader.next(); record != null; record = reader.next()) {
          ObjectNode row = records.addObject();
          row.put("frame_length", reader.position() - offset - Frames.LENGTH_BYTES);
          row.put("offset", offset);
          row.set("record", CheckpointJson.of(record));
          offset = reader.position();
        }
        end = JsonNodeFactory.instance.textNode("EOF");
      } catch (CheckpointException e) {
        end =
            JsonNodeFactory.instance
                .objectNode()
                .put("at_offset", offset)
                .put("kind", e.kind().toString());
      }
    }
    assertThat(Golden.parsed(records)).isEqualTo(verdict.get("read").get("records"));
    assertThat(Golden.parsed(end)).isEqualTo(verdict.get("read").get("end"));
  }

  @Test
  public void aTailStopsAtTheSamePlace() throws Exception {
    ObjectNode read = JsonNodeFactory.instance.objectNode();
    try (CheckpointReader reader = CheckpointReader.open(stream)) {
      int records = 0;
      try {
        while (reader.tryNext() != null) {
          records++;
        }
      } catch (CheckpointException e) {
        read.putObject("error").put("kind", e.kind().toString());
      }
      read.put("records_read", records).put("stop_offset", reader.position());
    }
    assertThat(Golden.parsed(read)).isEqualTo(verdict.get("tail_read"));
  }

  @Test
  public void aReplayInEachModeReachesTheSameState() throws Exception {
    for (Mode mode : Mode.values()) {
      JsonNode expected = verdict.get("replay").get(mode.name().toLowerCase(Locale.ROOT));
      if (expected.isTextual()) {
        assertThat(expected.asText()).isEqualTo("same as strict");
        expected = verdict.get("replay").get("strict");
      }
      Replay replay = Replay.of(stream, mode);
      ObjectNode actual = outcome(replay);
      actual.set("state", CheckpointJson.of(replay.state()));
      assertThat(Golden.parsed(actual)).as(mode.name()).isEqualTo(expected);
    }
  }

  @Test
  public void handlersAreCalledInTheSameOrder() throws Exception {
    Recorder recorder = new Recorder();
    ArrayNode wouldUpdate = JsonNodeFactory.instance.arrayNode();
    RunnerState state = new RunnerState();
    Dispatcher dispatcher = recorder.dispatcher();
    Replay replay;
    int records = 0;
    try (CheckpointReader reader = CheckpointReader.open(stream)) {
      for (Checkpoint record = reader.next(); record != null; record = reader.next()) {
        wouldUpdate.add(Dispatcher.wouldUpdate(state, record));
        dispatcher.dispatch(state, record, Mode.STRICT);
        records++;
      }
      replay = new Replay(state, records, null);
    } catch (CheckpointException e) {
      replay = new Replay(state, records, e);
    }
    ObjectNode actual = outcome(replay);
    recorder.calls().forEach(actual.putArray("events")::add);
    actual.set("would_update", wouldUpdate);
    assertThat(Golden.parsed(actual)).isEqualTo(verdict.get("with_handlers"));
  }

  @Test
  public void onlyAWholeStreamGivesAState() {
    boolean whole = verdict.get("from_file").get("outcome").asText().equals("STATE");
    assertThat(Replay.fromFile(stream, false).isPresent()).isEqualTo(whole);
    assertThat(Replay.fromFile(stream, true).isPresent()).isEqualTo(whole);
  }

  private static ObjectNode outcome(Replay replay) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    if (replay.error() != null) {
      json.putObject("error").put("at_record", replay.records()).put("kind", Golden.kind(replay));
    }
    return json.put("outcome", replay.error() == null ? "OK" : "ERROR");
  }
}
