package io.borealis.agent.executor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.borealis.api.agent.AgentTaskState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps why a task is being stopped, so that the next agent process goes on stopping it and tells
 * the same. Stateless.
 */
final class StopReason {
  private static final Logger LOG = LoggerFactory.getLogger(StopReason.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private StopReason() {}

  /** Writes it down. That it cannot be written does not keep a task from being stopped. */
  static void write(Path file, TaskStatus status) {
    ObjectNode node = JSON.createObjectNode().put("state", status.state().name());
    status.message().ifPresent(message -> node.put("message", message));
    status.reason().ifPresent(reason -> node.put("reason", reason));
    Path draft = file.resolveSibling(file.getFileName() + ".new");
    try {
      Files.write(
          draft,
          node.toString().getBytes(StandardCharsets.UTF_8),
          StandardOpenOption.CREATE,
          StandardOpenOption.TRUNCATE_EXISTING,
          StandardOpenOption.WRITE,
          StandardOpenOption.SYNC);
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException failure) {
      LOG.warn("Why a task is stopped cannot be kept", failure);
    }
  }

  /** What was written, if the task was being stopped. */
  static Optional<TaskStatus> read(Path file) {
    try {
      JsonNode node = JSON.readTree(Files.readString(file));
      return Optional.of(
          new TaskStatus(
              AgentTaskState.valueOf(node.path("state").asText()),
              text(node.path("message")),
              text(node.path("reason"))));
    } catch (NoSuchFileException usual) {
      return Optional.empty();
    } catch (IOException | IllegalArgumentException failure) {
      LOG.warn("Why a task was stopped cannot be read", failure);
      return Optional.empty();
    }
  }

  private static Optional<String> text(JsonNode node) {
    return node.isTextual() ? Optional.of(node.asText()) : Optional.empty();
  }
}
