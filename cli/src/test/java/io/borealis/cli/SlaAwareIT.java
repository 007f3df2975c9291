package io.borealis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.borealis.api.CoordinatorSlaPolicy;
import io.borealis.api.JobInstanceUpdateEvent;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateRequest;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.SlaPolicy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** A real scheduler that asks a real coordinator before it takes tasks down. */
public class SlaAwareIT {
  private static final String CHECKING = "Checking SLA before continuing.";
  private static final String PASSED = "SLA check passed, continuing.";

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final List<String> asked = new CopyOnWriteArrayList<>();
  private volatile String answer = "{\"drain\": false}";
  private HttpServer coordinator;
  private Daemon daemon;
  private Wire wire;

  @Before
  public void start() throws Exception {
    coordinator = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    coordinator.createContext("/", this::decide);
    coordinator.start();
    int port = Ports.free();
    daemon =
        Daemon.start(
            "up",
            "up",
            "--cluster=simulated",
            "--data-dir",
            folder.newFolder("data").toString(),
            "--http-port",
            Integer.toString(port),
            "-sla_aware_kill_non_prod",
            "-sla_aware_kill_retry_min_delay=1secs",
            "-sla_aware_kill_retry_max_delay=1secs");
    var unused = daemon.awaitLine("leading at http://127.0.0.1:" + port, Duration.ofSeconds(40));
    wire = new Wire(port);
  }

  private void decide(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      asked.add(exchange.getRequestURI().getQuery() + " " + body);
      byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  @After
  public void stop() {
    daemon.close();
    coordinator.stop(0);
  }

  @Test
  public void nothingGoesBeforeTheCoordinatorAllowsItAndEverythingAfter() throws Exception {
    Calls.createRunning(wire, "guarded", 3);
    JobUpdateKey key = Calls.start(wire, request());
    Await.until("asked twice", Duration.ofSeconds(30), () -> asked.size() >= 2);
    assertThat(UpdateHistory.status(wire, key)).isEqualTo(JobUpdateStatus.ROLLING_FORWARD);
    assertThat(notes(key)).hasSize(3).allMatch(note -> note.endsWith(CHECKING));
    assertThat(asked.get(0))
        .startsWith("task=local/www-data/prod/guarded/")
        .contains("\"status\":2")
        .contains("\"task\":\"local/www-data/prod/guarded/");

    answer = "{\"drain\": true}";
    Await.until(
        "rolled forward",
        Duration.ofSeconds(60),
        () -> UpdateHistory.status(wire, key) == JobUpdateStatus.ROLLED_FORWARD);
    assertThat(notes(key))
        .containsExactlyInAnyOrderElementsOf(
            ImmutableList.of(
                "0 " + CHECKING,
                "1 " + CHECKING,
                "2 " + CHECKING,
                "0 " + PASSED,
                "1 " + PASSED,
                "2 " + PASSED));
  }

  private JobUpdateRequest request() {
    String url = "http://127.0.0.1:" + coordinator.getAddress().getPort() + "/may";
    JobUpdateRequest plain = Jobs.update("guarded", "two", 3, 3);
    return plain.toBuilder()
        .taskConfig(
            plain.taskConfig().toBuilder()
                .slaPolicy(
                    new SlaPolicy.CoordinatorSlaPolicy(new CoordinatorSlaPolicy(url, "drain")))
                .build())
        .settings(plain.settings().toBuilder().slaAware(true).build())
        .build();
  }

  private List<String> notes(JobUpdateKey key) throws IOException {
    return UpdateHistory.of(wire, key).instanceEvents().stream()
        .filter(event -> event.message() != null)
        .map(SlaAwareIT::text)
        .toList();
  }

  private static String text(JobInstanceUpdateEvent event) {
    return event.instanceId() + " " + event.message();
  }
}
