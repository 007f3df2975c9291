package io.borealis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.Iterables;
import com.google.common.collect.Lists;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.Response;
import io.borealis.api.ResponseDetail;
import io.borealis.api.Result;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskQuery;
import io.borealis.api.rpc.GetTasksStatusArgs;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * Replays conversations recorded with the original, call by call, and compares codes and messages.
 * Where we differ on purpose, {@code differences.json} says with which code and why; an entry that
 * no longer differs fails too.
 */
public class GoldenReplayIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration SETTLE = Duration.ofSeconds(20);

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final Map<String, String> ids = new HashMap<>();
  private Daemon daemon;
  private Wire wire;
  private JobKey job;
  private JobUpdateKey update;

  @Before
  public void start() throws Exception {
    int port = Ports.free();
    daemon =
        Daemon.start(
            "up",
            "up",
            "--data-dir",
            folder.newFolder("data").toString(),
            "--http-port",
            Integer.toString(port),
            "--simulated-start-ms",
            "300",
            "--simulated-kill-ms",
            "200");
    var unused = daemon.awaitLine("leading at", Duration.ofSeconds(40));
    wire = new Wire(port);
  }

  @After
  public void stop() {
    daemon.close();
  }

  @Test
  public void emptyReads() throws Exception {
    replay("s01_empty_reads");
  }

  @Test
  public void createAndQuery() throws Exception {
    replay("s02_create_and_query");
  }

  @Test
  public void pending() throws Exception {
    replay("s03_pending");
  }

  @Test
  public void createErrors() throws Exception {
    replay("s04_create_errors");
  }

  @Test
  public void populate() throws Exception {
    replay("s05_populate");
  }

  @Test
  public void updateHappy() throws Exception {
    replay("s10_update_happy");
  }

  @Test
  public void updateControl() throws Exception {
    replay("s12_update_control");
  }

  @Test
  public void updateErrors() throws Exception {
    replay("s13_update_errors");
  }

  @Test
  public void updateFailures() throws Exception {
    replay("s14_update_failures");
  }

  @Test
  public void killRestartAdd() throws Exception {
    replay("s30_kill_restart_add");
  }

  private void replay(String scenario) throws Exception {
    JsonNode differences = read("differences.json").path(scenario);
    Map<String, String> unexpected = new TreeMap<>();
    List<String> seen = new ArrayList<>();
    int number = 0;
    for (JsonNode call : read(scenario + ".json").get("calls")) {
      String name = "%03d %s".formatted(number++, call.get("case").asText());
      if (call.has("timeline")) {
        settle(name, call);
        continue;
      }
      JsonNode difference = differences.path(call.get("case").asText());
      String actual = play(call);
      String expected = expected(call);
      if (difference.isMissingNode()) {
        if (!agree(call, expected, actual)) {
          unexpected.put(name, "\n    expected " + expected + "\n    but was  " + actual);
        }
      } else {
        seen.add(call.get("case").asText());
        if (!actual.startsWith(difference.get("code").asText())) {
          unexpected.put(name, "\n    deliberate " + difference + "\n    but was  " + actual);
        } else if (agree(call, expected, actual)) {
          unexpected.put(name, " does not differ any more: remove it from the list");
        }
      }
    }
    List<String> listed = Lists.newArrayList(differences.fieldNames());
    listed.removeAll(seen);
    assertThat(listed).as("listed differences without a call").isEmpty();
    assertThat(unexpected.entrySet())
        .as(
            scenario
                + ": "
                + String.join("\n  ", Iterables.transform(unexpected.entrySet(), Object::toString)))
        .isEmpty();
  }

  private static boolean agree(JsonNode call, String expected, String actual) {
    return call.get("stable").asBoolean()
        ? expected.equals(actual)
        : actual.startsWith(call.path("code").asText());
  }

  private static String expected(JsonNode call) {
    if (!call.has("code")) {
      return "HTTP " + call.get("http").asInt();
    }
    List<String> messages = new ArrayList<>();
    call.get("messages").forEach(m -> messages.add(m.isNull() ? "null" : readable(m.asText())));
    return call.get("code").asText() + " " + messages;
  }

  /** The same sentence with a readable key instead of the name of a Java class. */
  private static String readable(String message) {
    return message
        .replaceAll("IJobKey\\{role=([^,]*), environment=([^,]*), name=([^}]*)\\}", "$1/$2/$3")
        .replaceAll("IJobUpdateKey\\{job=([^}]*), id=([^}]*)\\}", "$1 $2");
  }

  private String play(JsonNode call) throws IOException {
    String request = call.get("wireRequest").toString();
    for (Map.Entry<String, String> id : ids.entrySet()) {
      request = request.replace(id.getKey(), id.getValue());
    }
    note(call.get("args"));
    Wire.Reply reply = wire.postThriftJson(request);
    if (reply.status() != 200 || reply.response() == null) {
      return "HTTP " + reply.status();
    }
    Response response = reply.response();
    if (call.has("updateId")
        && response.result() instanceof Result.StartJobUpdateResult started
        && started.value().key() != null) {
      ids.put(call.get("updateId").asText(), started.value().key().id());
      update = started.value().key();
    }
    List<String> messages = new ArrayList<>();
    for (ResponseDetail detail : response.details()) {
      messages.add(String.valueOf(detail.message()));
    }
    return response.responseCode() + " " + messages;
  }

  /** Remembers the job a call is about: what follows may wait for it. */
  private void note(JsonNode args) {
    if (args.isObject() && args.has("role") && args.has("environment") && args.has("name")) {
      job =
          new JobKey(
              args.get("role").asText(),
              args.get("environment").asText(),
              args.get("name").asText());
    }
    args.forEach(this::note);
  }

  /** Waits until our cluster has come to where the original's had. */
  private void settle(String name, JsonNode call) {
    JsonNode last = null;
    for (JsonNode step : call.get("timeline")) {
      last = step;
    }
    if (last == null || !last.isArray()) {
      return;
    }
    JsonNode goal = last.get(1);
    if (goal.isTextual()) {
      var unused =
          Await.until(
              name + ": " + goal,
              SETTLE,
              () -> UpdateHistory.status(wire, update).name().equals(goal.asText()));
    } else {
      var unused = Await.until(name + ": " + goal, SETTLE, () -> counts().equals(goal));
    }
  }

  private JsonNode counts() throws IOException {
    Map<String, Integer> counts = new TreeMap<>();
    Response response =
        wire.call(
            "getTasksStatus",
            new GetTasksStatusArgs(TaskQuery.builder().jobKeys(List.of(job)).build()));
    if (response.result() instanceof Result.ScheduleStatusResult result) {
      for (ScheduledTask task : result.value().tasks()) {
        counts.merge(String.valueOf(task.status()), 1, Integer::sum);
      }
    }
    return JSON.valueToTree(counts);
  }

  private static JsonNode read(String name) throws IOException {
    try (InputStream in = GoldenReplayIT.class.getResourceAsStream("/golden/" + name)) {
      return JSON.readTree(in);
    }
  }
}
