package io.borealis.agent.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.junit.runners.Parameterized;
import org.junit.runners.Parameterized.Parameters;

/** Compares which tasks are valid, and which ports they want, with what others found. */
@RunWith(Parameterized.class)
public final class TaskValidationGoldenTest {
  /** What is meant to be taken, although others did not take it. */
  private static final ImmutableSet<String> TAKEN_HERE =
      ImmutableSet.of("unknown-key", "escaped-ref");

  /** For each invalid task the beginning of what is said about it. */
  private static final ImmutableMap<String, String> MESSAGES =
      ImmutableMap.<String, String>builder()
          .put("name-'.leading'", "task.processes[0].name: must not begin with '.': '.leading'")
          .put("name-'/slash'", "task.processes[0].name: must not contain '/': '/slash'")
          .put("name-'a/b'", "task.processes[0].name: must not contain '/': 'a/b'")
          .put("name-'..'", "task.processes[0].name: must not begin with '.': '..'")
          .put("name-''", "task.processes[0].name: must not be empty")
          .put("no-cmdline", "task.processes[0].cmdline: is required")
          .put("no-name", "task.processes[0].name: is required")
          .put(
              "max-failures-bad",
              "task.processes[0].max_failures: must be a whole number, not 'many'")
          .put("bool-bad", "task.processes[0].daemon: must be true or false, not 'yes'")
          .put(
              "logger-bad-enum",
              "task.processes[0].logger.mode: must be one of [standard, rotate], not 'spiral'")
          .put("cycle", "task: constraints form a cycle: 'a' before 'b' before 'a'")
          .put("cycle-in-final", "task: constraints form a cycle: 'a' before 'b' before 'a'")
          .put("port-unbound", "task.processes[0].cmdline: port 'http' has no number")
          .put(
              "port-bad-form",
              "task.processes[0].cmdline: {{thermos.ports.http}} names no port;"
                  + " {{thermos.ports[name]}} does")
          .put(
              "unbound-ref",
              "task.processes[0].cmdline: {{foo}} stands for nothing that is known here")
          .put(
              "mesos-instance-unbound",
              "task.processes[0].cmdline: {{mesos.instance}} stands for nothing that is known here")
          .put(
              "nested-ref",
              "task.processes[0].cmdline: {{x_1}} stands for nothing that is known here")
          .put("no-processes", "task.processes: is required")
          .put("resources-partial", "task.resources.ram: is required")
          .buildOrThrow();

  private final String name;
  private final JsonNode its;

  public TaskValidationGoldenTest(String name, JsonNode its) {
    this.name = name;
    this.its = its;
  }

  @Parameters(name = "{0}")
  public static List<Object[]> cases() throws IOException {
    List<Object[]> cases = Golden.cases("task-validation.json");
    assertThat(cases).hasSize(37);
    return cases;
  }

  @Test
  public void aTaskIsValidWhereOthersFoundItValid() throws InvalidTaskException {
    if (!its.get("valid").asBoolean() && !TAKEN_HERE.contains(name)) {
      assertThatThrownBy(this::check)
          .isInstanceOf(InvalidTaskException.class)
          .hasMessage(MESSAGES.get(name));
      return;
    }
    check();
    if (its.has("requested_ports")) {
      ImmutableSet.Builder<String> wanted = ImmutableSet.builder();
      its.get("requested_ports").forEach(port -> wanted.add(port.asText()));
      assertThat(TaskTemplate.read(its.get("task").toString()).ports())
          .containsExactlyInAnyOrderElementsOf(wanted.build());
    }
  }

  private void check() throws InvalidTaskException {
    TaskTemplate template = TaskTemplate.read(its.get("task").toString());
    if (its.has("ports")) {
      Map<String, Integer> ports = new HashMap<>();
      its.get("ports")
          .properties()
          .forEach(port -> ports.put(port.getKey(), port.getValue().asInt()));
      RunnerTask task = template.bind("task", "user", ports);
      assertThat(RunnerTask.read(task.toJson())).isEqualTo(task);
    } else {
      template.check();
    }
  }
}
