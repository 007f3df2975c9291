package io.borealis.scheduler.executor;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableMap;
import com.google.common.math.LongMath;
import io.borealis.config.JsonFile;
import io.borealis.scheduler.cluster.ResourceVector;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads executors from a file in Aurora's format: a list of {@code {executor, task_prefix,
 * volume_mounts}}, the executor in the words of Mesos. Stateless.
 */
public final class ExecutorFile {
  private ExecutorFile() {}

  /**
   * What each executor in the file needs beside its task, by name.
   *
   * @throws io.borealis.config.ConfigException naming the member that is wrong
   */
  public static ImmutableMap<String, ResourceVector> read(JsonFile file) {
    if (!file.root().isArray()) {
      throw file.wrong("the content", "must be a list of executors");
    }
    Map<String, ResourceVector> executors = new LinkedHashMap<>();
    for (int i = 0; i < file.root().size(); i++) {
      JsonNode entry = file.root().get(i);
      String member = "[" + i + "]";
      JsonNode executor = entry.path("executor");
      if (!executor.isObject()) {
        throw file.wrong(member + ".executor", "must be an object");
      }
      requireText(file, entry, member, "task_prefix");
      requireListIfAny(file, entry, member, "volume_mounts");
      String name = executor.path("name").asText();
      if (!executor.path("name").isTextual() || name.isEmpty()) {
        throw file.wrong(member + ".executor.name", "must be a name");
      }
      if (name.equals(ExecutorRegistry.DEFAULT_NAME)) {
        throw file.wrong(
            member + ".executor.name", "must not be " + name + ", which is always there");
      }
      if (executors.put(name, overhead(file, executor, member + ".executor")) != null) {
        throw file.wrong(member + ".executor.name", "must be different each time: " + name);
      }
    }
    return ImmutableMap.copyOf(executors);
  }

  private static void requireText(JsonFile file, JsonNode entry, String member, String name) {
    if (entry.hasNonNull(name) && !entry.get(name).isTextual()) {
      throw file.wrong(member + "." + name, "must be a text");
    }
  }

  private static void requireListIfAny(JsonFile file, JsonNode entry, String member, String name) {
    if (entry.hasNonNull(name) && !entry.get(name).isArray()) {
      throw file.wrong(member + "." + name, "must be a list");
    }
  }

  private static ResourceVector overhead(JsonFile file, JsonNode executor, String member) {
    requireListIfAny(file, executor, member, "resources");
    ResourceVector sum = ResourceVector.ZERO;
    int number = 0;
    for (JsonNode resource : executor.path("resources")) {
      sum = sum.plus(resource(file, resource, member + ".resources[" + number++ + "]"));
    }
    return sum;
  }

  /** One resource of Mesos; those that the scheduler does not deal in need nothing of it. */
  private static ResourceVector resource(JsonFile file, JsonNode resource, String member) {
    if (!resource.path("name").isTextual()) {
      throw file.wrong(member + ".name", "must be the name of a resource");
    }
    return switch (resource.path("name").asText()) {
      case "cpus" -> ResourceVector.of(scalar(file, resource, member), 0, 0, 0);
      case "mem" -> ResourceVector.of(0, whole(file, resource, member), 0, 0);
      case "disk" -> ResourceVector.of(0, 0, whole(file, resource, member), 0);
      case "ports" -> ResourceVector.of(0, 0, 0, ports(file, resource, member));
      case "gpus" -> new ResourceVector(0, 0, 0, 0, whole(file, resource, member), 0);
      case "ips" -> new ResourceVector(0, 0, 0, 0, 0, whole(file, resource, member));
      default -> ResourceVector.ZERO;
    };
  }

  private static double scalar(JsonFile file, JsonNode resource, String member) {
    JsonNode value = resource.path("scalar").path("value");
    if (!value.isNumber() || !Double.isFinite(value.asDouble()) || value.asDouble() < 0) {
      throw file.wrong(member + ".scalar.value", "must be a number that is not negative");
    }
    return value.asDouble();
  }

  /** In whole units, rounded up: what is missing would be too little. */
  private static long whole(JsonFile file, JsonNode resource, String member) {
    return (long) Math.ceil(scalar(file, resource, member));
  }

  private static long ports(JsonFile file, JsonNode resource, String member) {
    JsonNode ranges = resource.path("ranges").path("range");
    if (!ranges.isArray()) {
      throw file.wrong(member + ".ranges.range", "must be a list");
    }
    long ports = 0;
    for (int i = 0; i < ranges.size(); i++) {
      JsonNode begin = ranges.get(i).path("begin");
      JsonNode end = ranges.get(i).path("end");
      if (!begin.isIntegralNumber()
          || !end.isIntegralNumber()
          || begin.asLong() < 0
          || begin.asLong() > end.asLong()) {
        throw file.wrong(
            member + ".ranges.range[" + i + "]", "must have a begin that is not above its end");
      }
      long size = LongMath.saturatedAdd(end.asLong() - begin.asLong(), 1);
      ports = LongMath.saturatedAdd(ports, size);
    }
    return ports;
  }
}
