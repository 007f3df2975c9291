package io.borealis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSortedSet;
import com.google.common.collect.Iterables;
import com.google.common.collect.Lists;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.ResponseDetail;
import io.borealis.api.Result;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskQuery;
import io.borealis.api.rpc.GetTasksStatusArgs;
import io.borealis.api.rpc.KillTasksArgs;
import io.borealis.thrift.JsonCodec;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.After;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * Replays conversations recorded with the original, call by call, and compares codes, messages and
 * results. Where we differ on purpose, {@code differences.json} says what we answer and why; an
 * entry that no longer differs fails too.
 */
public class GoldenReplayIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration SETTLE = Duration.ofSeconds(20);
  private static final String UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
  private static final Pattern BACKUP = Pattern.compile("scheduler-backup-[0-9-]+");
  private static final Pattern TASK_ID = Pattern.compile("([\\w-]+-\\d+-)" + UUID);
  private static final JsonNode TIME = new TextNode("<ts>");

  /** Where a task runs and who wrote the event is not the same in two clusters. */
  private static final ImmutableSet<String> PLACEMENT =
      ImmutableSet.of("slaveId", "slaveHost", "assignedPorts", "scheduler");

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final Map<String, String> ids = new HashMap<>();
  private Daemon daemon;
  private Wire wire;
  private JobKey job;
  private JobUpdateKey update;

  private void start(String... flags) throws Exception {
    int port = Ports.free();
    ImmutableList.Builder<String> all = ImmutableList.builder();
    all.add("up", "--cluster=simulated", "--data-dir", folder.newFolder("data").toString());
    all.add("--http-port", Integer.toString(port));
    all.add("--simulated-start-ms", "300", "--simulated-kill-ms", "200").add(flags);
    daemon = Daemon.start("up", all.build().toArray(String[]::new));
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
  public void cron() throws Exception {
    replay("s20_cron");
  }

  @Test
  public void killRestartAdd() throws Exception {
    replay("s30_kill_restart_add");
  }

  @Test
  public void admin() throws Exception {
    // The tasks that are forced to end had run for long when this was recorded.
    replay("s60_admin", "--flapping-task-threshold", "1ms");
  }

  @Test
  public void theWireItself() throws Exception {
    replay("s70_wire");
  }

  @Test
  public void pagesAndPlainJson() throws Exception {
    replay("s71_http_endpoints");
  }

  @Test
  public void commitRecovery() throws Exception {
    replay("s90_commit_recovery");
  }

  private void replay(String scenario, String... flags) throws Exception {
    start(flags);
    JsonNode differences = read("differences.json").path(scenario);
    JsonNode setup = read("setup.json").path(scenario);
    Map<String, String> unexpected = new TreeMap<>();
    List<String> seen = new ArrayList<>();
    int number = 0;
    for (JsonNode call : read(scenario + ".json").get("calls")) {
      String name = "%03d %s".formatted(number++, call.get("case").asText());
      prepare(setup.path(call.get("case").asText()));
      JsonNode difference = differences.path(call.get("case").asText());
      if (call.has("timeline")) {
        if (difference.isMissingNode()) {
          settle(name, call);
        } else {
          seen.add(call.get("case").asText());
        }
        continue;
      }
      Answer answer = call.has("request") ? RawExchange.play(wire, call) : play(call);
      String actual = answer.text();
      String disagreement =
          call.has("request") ? RawExchange.disagreement(call, actual) : disagreement(call, answer);
      if (difference.isMissingNode()) {
        if (!disagreement.isEmpty()) {
          unexpected.put(name, disagreement);
        }
      } else {
        seen.add(call.get("case").asText());
        String ours = difference.get("answer").asText();
        // Of pages the beginning is enough.
        if (!(call.has("request") ? actual.startsWith(ours) : actual.equals(ours))) {
          unexpected.put(name, between(ours, actual));
        } else if (disagreement.isEmpty() && !difference.path("sometimes").asBoolean()) {
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

  /** How an answer differs from the recorded one; empty when it does not. */
  private static String disagreement(JsonNode call, Answer answer) {
    String expected = expected(call);
    if (!call.get("stable").asBoolean()) {
      return answer.text().startsWith(call.path("code").asText())
          ? ""
          : between(expected, answer.text());
    } else if (!expected.equals(answer.text())) {
      return between(expected, answer.text());
    }
    JsonNode result = canonical(call.path("result"));
    JsonNode actual =
        answer.response() == null
            ? JSON.missingNode()
            : canonical(JsonCodec.write(Response.TYPE, answer.response()).path("result"));
    return result.equals(actual) ? "" : between(result, actual);
  }

  static String between(Object expected, Object actual) {
    return "\n    expected " + expected + "\n    but was  " + actual;
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

  /** What answers carry, sets in any order and without what differs in each run. */
  static JsonNode canonical(JsonNode node) {
    if (node.isObject()) {
      ObjectNode sorted = JSON.createObjectNode();
      for (String field : ImmutableSortedSet.copyOf(node.fieldNames())) {
        if (!PLACEMENT.contains(field)) {
          sorted.set(
              field,
              field.startsWith("timestamp") || field.endsWith("TimestampMs")
                  ? TIME
                  : canonical(node.get(field)));
        }
      }
      return sorted;
    } else if (node.isArray()) {
      List<JsonNode> elements = new ArrayList<>();
      node.forEach(element -> elements.add(canonical(element)));
      elements.sort(Comparator.comparing(JsonNode::toString));
      return JSON.createArrayNode().addAll(elements);
    } else if (node.isTextual()) {
      return new TextNode(node.asText().replaceAll("<uuid:\\d+>|" + UUID, "<uuid>"));
    } else {
      return node.isNull() || !node.isNumber() ? node : new DoubleNode(node.asDouble());
    }
  }

  /** Does what the recording had done before, as {@code setup.json} says. */
  private void prepare(JsonNode setup) throws IOException {
    if (setup.has("create")) {
      JobKey key = Jobs.key(setup.get("create").asText());
      JsonNode create = read("s02_create_and_query.json").get("calls").get(0).get("wireRequest");
      Wire.Reply reply =
          wire.postThriftJson(
              create
                  .toString()
                  .replace("\"hello\"", "\"" + key.name() + "\"")
                  .replace("{\"i32\":3}", "{\"i32\":" + setup.get("instances") + "}"));
      assertThat(reply.response().responseCode()).isEqualTo(ResponseCode.OK);
      Calls.awaitRunning(wire, key, setup.get("instances").asInt());
    }
    if (setup.has("events")) {
      int goal = setup.get("events").asInt();
      var unused =
          Await.until(
              goal + " instance events",
              SETTLE,
              () -> UpdateHistory.of(wire, update).instanceEvents().size() >= goal);
    }
    if (setup.has("settle")) {
      job = Jobs.key(setup.get("job").asText());
      var unused =
          Await.until(setup.toString(), SETTLE, () -> counts().equals(setup.get("settle")));
    }
    if (setup.has("active")) {
      job = Jobs.key(setup.get("job").asText());
      var unused =
          Await.until(setup.toString(), SETTLE, () -> active(counts()).equals(setup.get("active")));
    }
    if (setup.has("kill")) {
      JobKey key = Jobs.key(setup.get("kill").asText());
      Response reply = wire.call("killTasks", KillTasksArgs.builder().job(key).build());
      assertThat(reply.responseCode()).isEqualTo(ResponseCode.OK);
    }
  }

  record Answer(String text, @Nullable Response response) {}

  private Answer play(JsonNode call) throws IOException {
    String request = call.get("wireRequest").toString();
    nameTasks(request);
    for (Map.Entry<String, String> id : ids.entrySet()) {
      request = request.replace(id.getKey(), id.getValue());
    }
    note(call.get("args"));
    Wire.Reply reply = wire.postThriftJson(request);
    if (reply.status() != 200 || reply.response() == null) {
      return new Answer("HTTP " + reply.status(), null);
    }
    Response response = reply.response();
    if (call.has("updateId")
        && response.result() instanceof Result.StartJobUpdateResult started
        && started.value().key() != null) {
      ids.put(call.get("updateId").asText(), started.value().key().id());
      update = started.value().key();
    }
    if (response.result() instanceof Result.ListBackupsResult listed
        && listed.value().backups().size() == 1) {
      // Backups are named after the time, so ours have names of their own.
      BACKUP
          .matcher(call.toString())
          .results()
          .forEach(name -> ids.put(name.group(), listed.value().backups().iterator().next()));
    }
    List<String> messages = new ArrayList<>();
    for (ResponseDetail detail : response.details()) {
      messages.add(String.valueOf(detail.message()));
    }
    return new Answer(response.responseCode() + " " + messages, response);
  }

  /** Requests name tasks of the original; ours are those of the same instances at that time. */
  private void nameTasks(String request) throws IOException {
    for (MatchResult theirs : TASK_ID.matcher(request).results().toList()) {
      if (!ids.containsKey(theirs.group())) {
        tasks(TaskQuery.builder().build()).stream()
            .map(task -> task.assignedTask().taskId())
            .filter(ours -> ours.startsWith(theirs.group(1)))
            .forEach(ours -> ids.put(theirs.group(), ours));
      }
    }
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
    JsonNode goal = ended(last.get(1));
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

  /** What is being killed will be dead, sooner here than it was there. */
  private static JsonNode ended(JsonNode counts) {
    if (counts instanceof ObjectNode goal && goal.remove("KILLING") instanceof IntNode killing) {
      goal.put("KILLED", goal.path("KILLED").asInt() + killing.asInt());
    }
    return counts;
  }

  private static JsonNode active(JsonNode counts) {
    return ((ObjectNode) counts).without(List.of("KILLED", "FINISHED", "FAILED", "LOST"));
  }

  private JsonNode counts() throws IOException {
    Map<String, Integer> counts = new TreeMap<>();
    for (ScheduledTask task : tasks(TaskQuery.builder().jobKeys(List.of(job)).build())) {
      counts.merge(String.valueOf(task.status()), 1, Integer::sum);
    }
    return JSON.valueToTree(counts);
  }

  private List<ScheduledTask> tasks(TaskQuery query) throws IOException {
    Response response = wire.call("getTasksStatus", new GetTasksStatusArgs(query));
    return response.result() instanceof Result.ScheduleStatusResult result
        ? result.value().tasks()
        : List.of();
  }

  private static JsonNode read(String name) throws IOException {
    try (InputStream in = GoldenReplayIT.class.getResourceAsStream("/golden/" + name)) {
      return JSON.readTree(in);
    }
  }
}
