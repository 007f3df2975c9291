package io.borealis.agent.observer;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableMap;
import io.borealis.agent.checkpoint.Checkpoint;
import io.borealis.agent.checkpoint.CheckpointPaths;
import io.borealis.agent.checkpoint.CheckpointWriter;
import io.borealis.agent.checkpoint.Header;
import io.borealis.agent.checkpoint.ProcessUpdate;
import io.borealis.agent.checkpoint.TaskUpdate;
import io.borealis.api.thermos.TaskState;
import io.borealis.runtime.SystemRuntimes;
import io.borealis.thrift.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;

/** An observer behind a real HTTP server, and a work directory to fill. For one thread. */
final class ObserverHarness implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  final PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  final Path workDir;
  private final SystemRuntimes runtimes =
      new SystemRuntimes((thread, failure) -> failure.printStackTrace());
  private final HttpClient client = HttpClient.newHttpClient();
  private final HttpServer server;

  ObserverHarness(Path workDir, ResourceSamples samples) {
    this.workDir = workDir;
    Observer observer =
        new Observer(
            workDir,
            runtimes.clock(),
            runtimes.newPool("observer", 4),
            samples,
            meters,
            () -> new About("h<1>", "agent-1", "leader:8081"));
    server = new HttpServer("127.0.0.1", 0, 1024, observer);
    server.start();
  }

  /** The folder of a run. */
  Path run(String taskId) {
    return workDir.resolve(
        "slaves/a-1/frameworks/f-1/executors/thermos-%s/runs/c-1".formatted(taskId));
  }

  CheckpointPaths paths(String taskId) {
    return new CheckpointPaths(run(taskId).resolve("checkpoints"), taskId);
  }

  /** A task of one process p that runs, in a sandbox of its own; gives its sandbox. */
  Path task(String taskId, String process) throws IOException {
    return task(taskId, process, run(taskId).resolve("sandbox").toString());
  }

  /** The same with a stream that says where the sandbox is. */
  Path task(String taskId, String process, String sandbox) throws IOException {
    CheckpointPaths paths = paths(taskId);
    Path own = run(taskId).resolve("sandbox");
    Files.createDirectories(own);
    Files.createDirectories(paths.active().getParent());
    Files.writeString(paths.active(), "{\"name\": \"<b>name\"}");
    try (CheckpointWriter writer = CheckpointWriter.open(paths.runner())) {
      writer.append(Checkpoint.of(TaskUpdate.of(TaskState.ACTIVE, 1_600_000_000_000L, 1, 2)));
      writer.append(
          Checkpoint.of(
              new Header(
                  taskId,
                  1_600_000_000_500L,
                  sandbox,
                  "h",
                  "<i>user",
                  ImmutableMap.of("http", 31000L),
                  null,
                  0)));
      writer.append(Checkpoint.of(ProcessUpdate.waiting(process, 0)));
      writer.append(Checkpoint.of(ProcessUpdate.forked(process, 1, 1_600_000_001.5, 7)));
      writer.append(Checkpoint.of(ProcessUpdate.running(process, 2, 1_600_000_002.5, 8)));
    }
    return own;
  }

  HttpResponse<byte[]> get(String path, String... headers) {
    return send("GET", path, headers);
  }

  HttpResponse<byte[]> send(String method, String path, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  String text(String path) {
    return new String(get(path).body(), UTF_8);
  }

  JsonNode json(String path) {
    try {
      return JSON.readTree(get(path).body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All that comes back for a path that is sent byte by byte as it stands here. */
  String raw(String path) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write(
              ("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                  .getBytes(UTF_8));
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }

  @Override
  public void close() {
    server.close();
    runtimes.close();
  }
}
