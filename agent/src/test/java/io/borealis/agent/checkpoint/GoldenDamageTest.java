package io.borealis.agent.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.Assume.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.borealis.api.thermos.TaskState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Good streams, cut at every byte or with a bit turned over. */
public class GoldenDamageTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void everyPrefixOfAStreamIsReadAsOthersReadIt() throws Exception {
    JsonNode sweep = Golden.read(Golden.FOLDER.resolve("sweep-truncation.json"));
    byte[] whole = Files.readAllBytes(Golden.FOLDER.resolve(sweep.get("source_file").asText()));
    assertThat(sweep.get("rows")).hasSize(whole.length + 1);
    for (JsonNode row : sweep.get("rows")) {
      Path prefix = file(Arrays.copyOf(whole, row.get("prefix").asInt()));
      Replay replay = Replay.of(prefix, Mode.STRICT);
      ObjectNode actual = read(prefix);
      actual.put("prefix", row.get("prefix").asLong());
      actual.put("from_file", Replay.fromFile(prefix, false).isPresent() ? "STATE" : "NULL");
      actual.put(
          "last_task_state",
          replay.state().statuses().isEmpty() ? null : replay.state().taskState().name());
      ArrayNode states = actual.putArray("process_p");
      replay.state().runs("p").forEach(run -> states.add(String.valueOf(run.state())));
      assertThat(Golden.parsed(actual)).isEqualTo(row);
    }
    assertThat(Replay.of(file(whole), Mode.STRICT).state().taskState())
        .isEqualTo(TaskState.SUCCESS);
  }

  /** Others guess at wire types there are not, which is why some rows cannot agree. */
  @Test
  public void mostTurnedBitsAreReadAsOthersReadThemAndNoneFailsOtherwise() throws Exception {
    String more = System.getProperty("borealis.test.checkpoints", "");
    assumeFalse("needs streams that are not in the repository", more.isEmpty());
    JsonNode sweep = Golden.read(Path.of(more, "sweep-bitflips.json"));
    byte[] whole = Files.readAllBytes(Path.of(more, sweep.get("source_file").asText()));
    int agreed = 0;
    for (JsonNode row : sweep.get("rows")) {
      byte[] damaged = whole.clone();
      damaged[row.get("offset").asInt()] ^= (byte) row.get("xor").asInt();
      Path stream = file(damaged);
      ObjectNode read = read(stream);
      Replay replay = Replay.of(stream, Mode.STRICT);
      boolean same =
          read.get("end").equals(row.get("end"))
              && read.get("records").asInt() == row.get("records_read").asInt()
              && row.get("replay").asText().equals(orOk(replay))
              && row.get("from_file").asText().equals("STATE")
                  == Replay.fromFile(stream, false).isPresent();
      if (same) {
        agreed++;
      } else if (Boolean.getBoolean("borealis.test.verbose")) {
        System.out.println(row + " but " + read + " " + orOk(replay));
      }
    }
    assertThat(agreed).isGreaterThanOrEqualTo(506);
    System.out.println(agreed + " of " + sweep.get("rows").size() + " turned bits agree");
  }

  private static String orOk(Replay replay) {
    String kind = Golden.kind(replay);
    return kind == null ? "OK" : kind;
  }

  /** How strict reading and a tail end. */
  private static ObjectNode read(Path stream) throws IOException {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    int records = 0;
    String end = "EOF";
    try (CheckpointReader reader = CheckpointReader.open(stream)) {
      while (reader.next() != null) {
        records++;
      }
    } catch (CheckpointException e) {
      end = e.kind().toString();
    }
    json.put("end", end).put("records", records);
    try (CheckpointReader reader = CheckpointReader.open(stream)) {
      int whole = 0;
      while (reader.tryNext() != null) {
        whole++;
      }
      json.put("tail_records", whole).put("tail_stop_offset", reader.position());
    } catch (CheckpointException e) {
      json.put("tail_error", e.kind().toString());
    }
    return json;
  }

  private Path file(byte[] content) throws IOException {
    return Files.write(folder.getRoot().toPath().resolve("stream"), content);
  }
}
