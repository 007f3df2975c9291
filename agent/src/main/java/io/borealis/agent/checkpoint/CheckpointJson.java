package io.borealis.agent.checkpoint;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Records and states as JSON: absent fields are left out, states go by their names and unknown ones
 * by their numbers. Stateless.
 */
public final class CheckpointJson {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private CheckpointJson() {}

  /** All members of a record. */
  public static ObjectNode of(Checkpoint record) {
    ObjectNode json = JSON.objectNode();
    if (record.process() != null) {
      json.set("process_status", of(record.process()));
    }
    if (record.header() != null) {
      json.set("runner_header", of(record.header()));
    }
    if (record.task() != null) {
      json.set("task_status", of(record.task()));
    }
    return json;
  }

  /**
   * A state; header and statuses are null when none was met. A process without a name goes by
   * "null".
   */
  public static ObjectNode of(RunnerState state) {
    ObjectNode json = JSON.objectNode();
    json.set("header", state.header() == null ? JSON.nullNode() : of(state.header()));
    ObjectNode processes = json.putObject("processes");
    state.processes().forEach((name, runs) -> processes.set(String.valueOf(name), all(runs)));
    if (state.statuses().isEmpty()) {
      json.putNull("statuses");
    } else {
      ArrayNode statuses = json.putArray("statuses");
      state.statuses().forEach(status -> statuses.add(of(status)));
    }
    return json;
  }

  private static ArrayNode all(List<ProcessUpdate> runs) {
    ArrayNode json = JSON.arrayNode();
    runs.forEach(run -> json.add(of(run)));
    return json;
  }

  private static ObjectNode of(Header header) {
    ObjectNode json = JSON.objectNode();
    put(json, "hostname", header.hostname());
    put(json, "launch_time_ms", header.launchTimeMs());
    put(json, "log_dir", header.logDir());
    if (header.ports() != null) {
      ObjectNode ports = json.putObject("ports");
      header.ports().forEach(ports::put);
    }
    put(json, "sandbox", header.sandbox());
    put(json, "task_id", header.taskId());
    put(json, "uid", header.uid());
    put(json, "user", header.user());
    return json;
  }

  private static ObjectNode of(ProcessUpdate step) {
    ObjectNode json = JSON.objectNode();
    put(json, "coordinator_pid", step.coordinatorPid());
    put(json, "fork_time", step.forkTime());
    put(json, "pid", step.pid());
    put(json, "process", step.process());
    put(json, "return_code", step.returnCode());
    put(json, "seq", step.seq());
    put(json, "start_time", step.startTime());
    put(json, "state", step.state() == null ? step.stateNumber() : step.state().name());
    put(json, "stop_time", step.stopTime());
    return json;
  }

  private static ObjectNode of(TaskUpdate step) {
    ObjectNode json = JSON.objectNode();
    put(json, "runner_pid", step.runnerPid());
    put(json, "runner_uid", step.runnerUid());
    put(json, "state", step.state() == null ? step.stateNumber() : step.state().name());
    put(json, "timestamp_ms", step.timestampMs());
    return json;
  }

  private static void put(ObjectNode json, String key, @Nullable Object value) {
    if (value instanceof String text) {
      json.put(key, text);
    } else if (value instanceof Integer number) {
      json.put(key, number);
    } else if (value instanceof Long number) {
      json.put(key, number);
    } else if (value instanceof Double number) {
      json.put(key, number);
    }
  }
}
