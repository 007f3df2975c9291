package io.borealis.agent.observer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.borealis.agent.checkpoint.CheckpointPaths;
import io.borealis.agent.checkpoint.Header;
import io.borealis.agent.checkpoint.ProcessUpdate;
import io.borealis.agent.checkpoint.RunnerState;
import io.borealis.agent.checkpoint.TaskUpdate;
import io.borealis.api.thermos.ProcessState;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What is known of tasks, in the words of Thermos' observer. Pure. */
final class TaskJson {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final double MILLIS = 1000.0;

  private TaskJson() {}

  /** All of a task. */
  static ObjectNode task(String id, RunnerState state, JsonNode description, ResourceSample used) {
    ObjectNode json = JSON.objectNode();
    json.put("task_id", id);
    json.put("user", user(state));
    json.setAll(summary(state, description));
    json.set("resource_consumption", sample(used));
    json.set("processes", byClass(state));
    json.set("task", description);
    return json;
  }

  /** A task as one row of a list. */
  static ObjectNode row(String id, RunnerState state, JsonNode description, ResourceSample used) {
    ObjectNode json = JSON.objectNode();
    json.put("task_id", id);
    json.put("role", user(state));
    json.setAll(summary(state, description));
    json.setAll(sample(used));
    return json;
  }

  private static ObjectNode summary(RunnerState state, JsonNode description) {
    ObjectNode json = JSON.objectNode();
    json.put("name", description.path("name").asText(null));
    json.put(
        "launch_timestamp", state.statuses().isEmpty() ? null : seconds(state.statuses().get(0)));
    json.put("state", stateName(state));
    json.put("state_timestamp", stateSeconds(state));
    ObjectNode ports = json.putObject("ports");
    if (state.header() != null && state.header().ports() != null) {
      state.header().ports().forEach(ports::put);
    }
    return json;
  }

  /** The names of the processes by what becomes of them, in the order of their first runs. */
  static ObjectNode byClass(RunnerState state) {
    ObjectNode json = JSON.objectNode();
    for (String name : List.of("waiting", "running", "success", "failed", "killed")) {
      json.putArray(name);
    }
    state
        .processes()
        .forEach(
            (name, runs) ->
                ((ArrayNode) json.get(classOf(runs.get(runs.size() - 1).state())))
                    .add(String.valueOf(name)));
    return json;
  }

  private static String classOf(@Nullable ProcessState state) {
    if (state == null) {
      return "waiting";
    }
    return switch (state) {
      case WAITING, LOST -> "waiting";
      case FORKED, RUNNING -> "running";
      case SUCCESS -> "success";
      case FAILED -> "failed";
      case KILLED -> "killed";
    };
  }

  /** The last run of every process, by name. */
  static ObjectNode processes(String id, RunnerState state, ResourceSamples samples) {
    ObjectNode json = JSON.objectNode();
    for (Map.Entry<@Nullable String, List<ProcessUpdate>> process : state.processes().entrySet()) {
      String name = String.valueOf(process.getKey());
      json.set(name, process(id, state, name, -1, samples));
    }
    return json;
  }

  /**
   * One run of a process.
   *
   * @param run counted from 0, or backwards from -1 for the last
   * @return an empty object if there is no such run
   */
  static ObjectNode process(
      String id, RunnerState state, String name, int run, ResourceSamples samples) {
    ObjectNode json = JSON.objectNode();
    List<ProcessUpdate> runs = state.runs(name);
    int number = run < 0 ? runs.size() + run : run;
    if (number < 0 || number >= runs.size()) {
      return json;
    }
    ProcessUpdate shown = runs.get(number);
    json.put("process_name", name);
    json.put("process_run", number);
    json.put("state", shown.state() == null ? null : shown.state().name());
    if (shown.startTime() != null && shown.startTime() != 0) {
      json.put("start_time", shown.startTime());
    }
    if (shown.stopTime() != null && shown.stopTime() != 0) {
      json.put("stop_time", shown.stopTime());
    }
    if (shown.returnCode() != null && shown.returnCode() != 0) {
      json.put("return_code", shown.returnCode());
    }
    if (shown.state() == ProcessState.RUNNING) {
      json.set("used", sample(samples.ofProcess(id, name)));
    }
    return json;
  }

  /** What stays the same; empty while that is not known. */
  static ObjectNode state(RunnerState state) {
    ObjectNode json = JSON.objectNode();
    @Nullable Header header = state.header();
    if (header != null) {
      json.put("task_id", header.taskId());
      json.put(
          "launch_time", header.launchTimeMs() == null ? null : header.launchTimeMs() / MILLIS);
      json.put("sandbox", header.sandbox());
      json.put("hostname", header.hostname());
      json.put("user", header.user());
    }
    return json;
  }

  /** The steps of the task, each with its time. */
  static ArrayNode statuses(RunnerState state) {
    ArrayNode json = JSON.arrayNode();
    state.statuses().forEach(status -> json.addArray().add(name(status)).add(seconds(status)));
    return json;
  }

  /**
   * Where the output of a run of each process is: folder and file.
   *
   * @param run counted from 0, or backwards from -1 for the last
   */
  static ObjectNode logs(RunnerState state, int run) {
    ObjectNode json = JSON.objectNode();
    @Nullable String logDir = ObservedTask.logDir(state);
    if (logDir != null) {
      state
          .processes()
          .forEach(
              (name, runs) -> {
                int number = run < 0 ? runs.size() + run : run;
                if (name != null && number >= 0 && number < runs.size()) {
                  addLogs(json, logDir, name, number);
                }
              });
    }
    return json;
  }

  private static void addLogs(ObjectNode json, String logDir, String name, int run) {
    try {
      String folder = CheckpointPaths.log(Path.of(logDir), name, run).toString();
      ObjectNode files = json.putObject(name);
      files.putArray("stdout").add(folder).add("stdout");
      files.putArray("stderr").add(folder).add("stderr");
    } catch (IllegalArgumentException e) {
      // A damaged stream may have names that are none.
      return;
    }
  }

  /** What is used, in cores, seconds and bytes. */
  static ObjectNode sample(ResourceSample used) {
    ObjectNode json = JSON.objectNode();
    put(json, "cpu", used.cores());
    json.put("disk", used.diskBytes());
    json.putNull("nice");
    json.put("ram", used.residentBytes());
    json.put("rss", used.residentBytes());
    json.put("status", "None");
    put(json, "system", used.systemSeconds());
    json.put("threads", used.threads());
    put(json, "user", used.userSeconds());
    json.put("vms", used.virtualBytes());
    return json;
  }

  /** Whole numbers without a point. */
  private static void put(ObjectNode json, String key, double value) {
    if (value == Math.rint(value)) {
      json.put(key, (long) value);
    } else {
      json.put(key, value);
    }
  }

  static @Nullable String user(RunnerState state) {
    return state.header() == null ? null : state.header().user();
  }

  /** The name of the state of the task; null before the first. */
  static @Nullable String stateName(RunnerState state) {
    return state.statuses().isEmpty()
        ? null
        : name(state.statuses().get(state.statuses().size() - 1));
  }

  /** When the task came into the state it is in: to say it again when it is taken over is none. */
  private static @Nullable Long stateSeconds(RunnerState state) {
    @Nullable TaskUpdate first = null;
    for (TaskUpdate status : state.statuses()) {
      if (first == null || !Objects.equals(first.stateNumber(), status.stateNumber())) {
        first = status;
      }
    }
    return first == null ? null : seconds(first);
  }

  private static @Nullable Long seconds(TaskUpdate status) {
    return status.timestampMs() == null ? null : Math.floorDiv(status.timestampMs(), 1000L);
  }

  private static String name(TaskUpdate status) {
    return status.state() == null ? "UNKNOWN" : status.state().name();
  }
}
