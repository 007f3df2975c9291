package io.borealis.agent.job;

import com.google.common.collect.ImmutableMap;
import java.util.Map;

/** The texts by which references are replaced that no object of a configuration has. Pure. */
final class Bindings {
  private Bindings() {}

  /** What the author of a job may write for its role and cluster. */
  private static ImmutableMap<String, String> ofJob() {
    return ImmutableMap.of("mesos.role", "{{role}}", "mesos.cluster", "{{cluster}}");
  }

  /** What is known when a job is submitted. */
  static ImmutableMap<String, String> ofAuthor(Map<String, String> own) {
    return ImmutableMap.<String, String>builder()
        .putAll(own)
        .putAll(ofJob())
        .put("thermos.user", "{{role}}")
        .buildKeepingLast();
  }

  /** What is known when an instance has a host. */
  static ImmutableMap<String, String> ofExecutor(int instance, String host) {
    return ImmutableMap.<String, String>builder()
        .putAll(ofJob())
        .put("mesos.instance", Integer.toString(instance))
        .put("mesos.hostname", host)
        .buildOrThrow();
  }

  /** What is known when the task is to run. */
  static ImmutableMap<String, String> ofRunner(
      String taskId, String user, Map<String, Integer> ports) {
    ImmutableMap.Builder<String, String> bindings = ImmutableMap.builder();
    bindings.put("thermos.task_id", taskId);
    bindings.put("thermos.user", user);
    ports.forEach(
        (name, number) -> bindings.put("thermos.ports[" + name + "]", Integer.toString(number)));
    return bindings.buildOrThrow();
  }
}
