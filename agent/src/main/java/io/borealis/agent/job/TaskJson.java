package io.borealis.agent.job;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableBiMap;
import io.borealis.agent.job.ProcessLogger.Destination;
import io.borealis.agent.job.ProcessLogger.Mode;
import io.borealis.agent.job.ProcessLogger.Rotation;

/** Writes a task as JSON, in the form in which the tools of Thermos read it. Pure. */
final class TaskJson {
  static final ImmutableBiMap<Destination, String> DESTINATIONS =
      ImmutableBiMap.of(
          Destination.FILE, "file",
          Destination.CONSOLE, "console",
          Destination.BOTH, "both",
          Destination.NONE, "none");

  static final ImmutableBiMap<Mode, String> MODES =
      ImmutableBiMap.of(Mode.STANDARD, "standard", Mode.ROTATE, "rotate");

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private TaskJson() {}

  static String write(RunnerTask task) {
    ObjectNode json = NODES.objectNode().put("name", task.name());
    ArrayNode processes = json.putArray("processes");
    task.processes().forEach(process -> processes.add(process(process)));
    ArrayNode constraints = json.putArray("constraints");
    task.orders().forEach(order -> order.forEach(constraints.addObject().putArray("order")::add));
    TaskResources resources = task.resources();
    if (resources != null) {
      json.putObject("resources")
          .put("cpu", resources.cpu())
          .put("ram", resources.ramBytes())
          .put("disk", resources.diskBytes())
          .put("gpu", resources.gpu());
    }
    json.put("max_failures", task.maxFailures())
        .put("max_concurrency", task.maxConcurrency())
        .put("finalization_wait", task.finalizationWait().toSeconds());
    if (task.user() != null) {
      json.put("user", task.user());
    }
    return ValueJson.write(json);
  }

  private static ObjectNode process(TaskProcess process) {
    ObjectNode json =
        NODES
            .objectNode()
            .put("name", process.name())
            .put("cmdline", process.cmdline())
            .put("max_failures", process.maxFailures())
            .put("daemon", process.daemon())
            .put("ephemeral", process.ephemeral())
            .put("min_duration", process.minDuration().toSeconds())
            .put("final", process.finalProcess());
    ProcessLogger logger = process.logger();
    if (logger != null) {
      ObjectNode its =
          json.putObject("logger")
              .put("destination", DESTINATIONS.get(logger.destination()))
              .put("mode", MODES.get(logger.mode()));
      if (logger.mode() == Mode.ROTATE || !logger.rotation().equals(Rotation.DEFAULT)) {
        its.putObject("rotate")
            .put("log_size", logger.rotation().logSizeBytes())
            .put("backups", logger.rotation().backups());
      }
    }
    return json;
  }
}
