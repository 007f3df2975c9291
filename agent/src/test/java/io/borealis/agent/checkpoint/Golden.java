package io.borealis.agent.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;
import io.borealis.api.thermos.ProcessState;
import io.borealis.api.thermos.TaskState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Streams written by others, and what they made of them. */
final class Golden {
  /** What the repository has of them. */
  static final Path FOLDER = Path.of("src", "test", "resources", "checkpoints");

  static final ObjectMapper JSON = new ObjectMapper();

  private Golden() {}

  /** All streams below a folder that have a verdict beside them. */
  static List<Path> streams(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> Files.exists(verdict(file))).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path verdict(Path stream) {
    return stream.resolveSibling(stream.getFileName() + ".json");
  }

  static JsonNode read(Path json) {
    try {
      return normal(JSON.readTree(json.toFile()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same JSON as it looks when it was parsed. */
  static JsonNode parsed(JsonNode json) {
    try {
      return normal(JSON.readTree(JSON.writeValueAsBytes(json)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Without the names of classes of other programs, and with whole numbers of one width. */
  private static JsonNode normal(JsonNode json) {
    if (json instanceof ObjectNode object) {
      object.remove("original_exception");
      object.fieldNames().forEachRemaining(key -> object.set(key, normal(object.get(key))));
    } else if (json instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        array.set(i, normal(array.get(i)));
      }
    } else if (json.isInt()) {
      return JsonNodeFactory.instance.numberNode(json.longValue());
    }
    return json;
  }

  /** What stopped a replay, as the verdicts say it; null if nothing did. */
  static @Nullable String kind(Replay replay) {
    return replay.error() == null ? null : replay.error().kind().inReplay();
  }

  /** The record that JSON describes. */
  static Checkpoint record(JsonNode json) {
    return new Checkpoint(
        json.has("runner_header") ? header(json.get("runner_header")) : null,
        json.has("process_status") ? process(json.get("process_status")) : null,
        json.has("task_status") ? task(json.get("task_status")) : null);
  }

  private static Header header(JsonNode json) {
    ImmutableMap.Builder<String, Long> ports = ImmutableMap.builder();
    json.path("ports").properties().forEach(e -> ports.put(e.getKey(), e.getValue().asLong()));
    return new Header(
        text(json, "task_id"),
        whole(json, "launch_time_ms"),
        text(json, "sandbox"),
        text(json, "hostname"),
        text(json, "user"),
        json.has("ports") ? ports.buildOrThrow() : null,
        text(json, "log_dir"),
        small(json, "uid"));
  }

  private static ProcessUpdate process(JsonNode json) {
    return new ProcessUpdate(
        whole(json, "seq"),
        text(json, "process"),
        json.has("state")
            ? (Integer) ProcessState.valueOf(json.get("state").asText()).value()
            : null,
        real(json, "start_time"),
        small(json, "pid"),
        real(json, "stop_time"),
        small(json, "return_code"),
        small(json, "coordinator_pid"),
        real(json, "fork_time"));
  }

  private static TaskUpdate task(JsonNode json) {
    return new TaskUpdate(
        json.has("state") ? (Integer) TaskState.valueOf(json.get("state").asText()).value() : null,
        whole(json, "timestamp_ms"),
        small(json, "runner_pid"),
        small(json, "runner_uid"));
  }

  private static @Nullable String text(JsonNode json, String key) {
    return json.has(key) ? json.get(key).asText() : null;
  }

  private static @Nullable Long whole(JsonNode json, String key) {
    return json.has(key) ? (Long) json.get(key).asLong() : null;
  }

  private static @Nullable Integer small(JsonNode json, String key) {
    return json.has(key) ? (Integer) json.get(key).asInt() : null;
  }

  private static @Nullable Double real(JsonNode json, String key) {
    return json.has(key) ? (Double) json.get(key).asDouble() : null;
  }
}
