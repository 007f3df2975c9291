package io.borealis.agent.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.borealis.agent.plan.Plan;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.Test;

public final class RunnerTaskTest {
  private static RunnerTask task(String members) throws InvalidTaskException {
    return TaskTemplate.read("{\"name\": \"t\", " + members + "}").bind("id", "joe", Map.of());
  }

  @Test
  public void tasksThatThermosWroteDownAreReadAndWrittenInItsForm()
      throws IOException, InvalidTaskException {
    int files = 0;
    try (DirectoryStream<Path> runs =
        Files.newDirectoryStream(Path.of("src/test/resources/checkpoints/runs"))) {
      for (Path run : runs) {
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(run, "task.*.json")) {
          for (Path file : tasks) {
            String json = Files.readString(file);
            RunnerTask task = RunnerTask.read(json);
            assertThat(Golden.plain(task.toJson())).isEqualTo(Golden.plain(json));
            assertThat(TaskTemplate.read(json).bind("id", "joe", Map.of())).isEqualTo(task);
            files++;
          }
        }
      }
    }
    assertThat(files).isGreaterThan(15);
  }

  @Test
  public void whatIsWrittenIsReadAsTheSameTask() throws InvalidTaskException {
    RunnerTask task =
        task(
            """
            "max_failures": 0, "max_concurrency": 2, "finalization_wait": 9, "user": "u",
            "resources": {"cpu": 0.1, "ram": 5, "disk": 6, "gpu": 1},
            "constraints": [{"order": ["a", "b"]}],
            "processes": [
              {"name": "a", "cmdline": "x {{&y}} {{&z}}\\u20ac\\n", "daemon": false, "min_duration": 0,
               "logger": {"destination": "none", "mode": "standard",
                 "rotate": {"log_size": -1, "backups": 0}}},
              {"name": "b", "cmdline": "x", "daemon": true, "ephemeral": true, "max_failures": 0,
               "logger": {"destination": "console", "mode": "rotate"}},
              {"name": "f", "cmdline": "x", "final": true}]
            """);

    RunnerTask again = RunnerTask.read(task.toJson());

    assertThat(again).isEqualTo(task);
    assertThat(again.toJson()).isEqualTo(task.toJson());
    assertThat(again.process("a").cmdline()).isEqualTo("x {{y}} {{z}}€\n");
  }

  @Test
  public void ofSeveralProcessesWithOneNameTheLastCounts() throws InvalidTaskException {
    RunnerTask task =
        task(
            """
            "processes": [{"name": "a", "cmdline": "1"}, {"name": "b", "cmdline": "2"},
                          {"name": "a", "cmdline": "3"}]
            """);

    assertThat(task.process("a").cmdline()).isEqualTo("3");
    assertThat(task.plan(false, 100).names()).containsExactly("a", "b");
    assertThatThrownBy(() -> task.process("c")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  public void finalProcessesHaveAPlanOfTheirOwn() throws InvalidTaskException {
    RunnerTask task =
        task(
            """
            "constraints": [{"order": ["a", "b"]}, {"order": ["g", "f"]}],
            "processes": [
              {"name": "b", "cmdline": "x"}, {"name": "f", "cmdline": "x", "final": true},
              {"name": "a", "cmdline": "x"}, {"name": "g", "cmdline": "x", "final": "true"}]
            """);

    Plan ordinary = task.plan(false, Plan.UNLIMITED);
    Plan last = task.plan(true, Plan.UNLIMITED);

    assertThat(ordinary.names()).containsExactly("b", "a");
    assertThat(ordinary.runnable(0)).containsExactly("a");
    assertThat(last.names()).containsExactly("f", "g");
    assertThat(last.runnable(0)).containsExactly("g");
  }

  @Test
  public void ordersThatCannotBeKeptAreRefusedByName() {
    String processes =
        """
        , "processes": [{"name": "a", "cmdline": "x"}, {"name": "e", "cmdline": "x", "ephemeral": 1},
            {"name": "d", "cmdline": "x", "daemon": 1}, {"name": "f", "cmdline": "x", "final": 1}]
        """;
    Map.of(
            "[\"d\", \"a\"]",
            "constraints[0] lets 'a' wait for the end of the daemon 'd'",
            "[\"e\", \"a\"]",
            "constraints[0] lets 'a', which is not ephemeral, wait for the ephemeral 'e'",
            "[\"a\", \"a\"]",
            "constraints form a cycle: 'a' before 'a'",
            "[]",
            "constraints[0] names no process",
            "[\"a\", \"f\"]",
            "constraints[0] names 'a' and also 'f', which is no process of the same kind, final or"
                + " not, of this task")
        .forEach(
            (order, message) ->
                assertThatThrownBy(
                        () -> task("\"constraints\": [{\"order\": " + order + "}]" + processes))
                    .as(order)
                    .hasMessage("task: " + message));
  }

  @Test
  public void aLogThatRotatesNeedsASizeAndABackup() {
    assertThatThrownBy(() -> logger("\"log_size\": 0"))
        .hasMessage("task.processes[0].logger.rotate.log_size: must be at least 1, not 0");
    assertThatThrownBy(() -> logger("\"backups\": 0"))
        .hasMessage("task.processes[0].logger.rotate.backups: must be at least 1, not 0");
  }

  private static RunnerTask logger(String rotate) throws InvalidTaskException {
    return task(
        """
        "processes": [{"name": "p", "cmdline": "x",
          "logger": {"mode": "rotate", "rotate": {%s}}}]
        """
            .formatted(rotate));
  }
}
