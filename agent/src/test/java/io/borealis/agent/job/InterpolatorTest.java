package io.borealis.agent.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableMap;
import java.util.Map;
import org.junit.Test;

public final class InterpolatorTest {
  /** The command of a process once the task is bound. */
  private static String command(String command, String moreOfProcess, String moreOfTask)
      throws InvalidTaskException {
    String json =
        """
        {"name": "t", "max_concurrency": 7, %s
         "processes": [{"name": "p", "cmdline": "%s" %s},
                       {"name": "q", "cmdline": "of {{name}}"}]}
        """
            .formatted(moreOfTask, command, moreOfProcess);
    return TaskTemplate.read(json)
        .bind("id-1", "joe", Map.of("http", 31000, "a.b/c-d", 5))
        .process("p")
        .cmdline();
  }

  private static String command(String command) throws InvalidTaskException {
    return command(command, "", "");
  }

  @Test
  public void theNearestObjectWithTheMemberCounts() throws InvalidTaskException {
    assertThat(command("{{name}} {{self.name}} {{super.name}} {{max_concurrency}}"))
        .isEqualTo("p p t 7");
    assertThat(command("{{super.self.name}}")).isEqualTo("t");
  }

  @Test
  public void membersOfProcessesAreSeenInTheirParts() throws InvalidTaskException {
    String json =
        """
        {"name": "t", "processes": [{"name": "p", "cmdline": "x", "max_failures": 4,
          "logger": {"mode": "rotate", "rotate": {"backups": "{{max_failures}}"}}}]}
        """;

    assertThat(TaskTemplate.read(json).bind("i", "u", Map.of()).process("p").logger().rotation())
        .isEqualTo(new ProcessLogger.Rotation(104_857_600, 4));
  }

  @Test
  public void numbersAndSwitchesReadAsTheyAreWritten() throws InvalidTaskException {
    assertThat(
            command(
                "{{max_failures}} {{daemon}} {{resources.cpu}} {{resources.ram}}",
                ", \"daemon\": 1",
                "\"resources\": {\"cpu\": 2, \"ram\": 1e3, \"disk\": 1},"))
        .isEqualTo("1 true 2.0 1000");
  }

  @Test
  public void whatAReferenceLeadsToIsLookedUpWhereItIs() throws InvalidTaskException {
    assertThat(command("{{processes[1].cmdline}}")).isEqualTo("of q");
  }

  @Test
  public void referencesInReferencesAreResolvedFromTheInside() throws InvalidTaskException {
    assertThat(command("{{processes[{{max_failures}}].name}}")).isEqualTo("q");
    assertThat(command("{{thermos.ports[{{word}}]}}".replace("{{word}}", "http")))
        .isEqualTo("31000");
  }

  @Test
  public void theRunnerKnowsItsTaskItsUserAndItsPorts() throws InvalidTaskException {
    assertThat(command("{{thermos.task_id}} {{thermos.user}} {{thermos.ports[http]}}"))
        .isEqualTo("id-1 joe 31000");
    assertThat(command("{{thermos.ports[a.b/c-d]}}")).isEqualTo("5");
  }

  @Test
  public void bracesAroundAndBetweenStay() throws InvalidTaskException {
    assertThat(command("{{{name}}} ${x} {{}} { {name}} }} {{"))
        .isEqualTo("{p} ${x} {{}} { {name}} }} {{");
  }

  @Test
  public void whatIsMarkedAsTextLosesItsMarkAtTheEndAndIsNotReadAgain()
      throws InvalidTaskException {
    assertThat(command("{{&name}} {{&.Names}} {{& x y}}"))
        .isEqualTo("{{name}} {{.Names}} {{ x y}}");
    assertThat(command("{{max_concurrency}} {{&thermos.ports[none]}}"))
        .isEqualTo("7 {{thermos.ports[none]}}");
  }

  @Test
  public void theMarkStaysAsLongAsSomebodyReadsTheTaskAgain() throws InvalidTaskException {
    TaskTemplate template =
        TaskTemplate.read(
            """
            {"name": "t", "processes": [{"name": "p", "cmdline": "{{&x}}"}]}
            """);

    assertThat(template.toJson()).contains("\"{{&x}}\"");
    assertThat(TaskTemplate.read(template.toJson())).isEqualTo(template);
    RunnerTask task = template.bind("i", "u", Map.of());
    assertThat(task.process("p").cmdline()).isEqualTo("{{x}}");
    assertThat(RunnerTask.read(task.toJson())).isEqualTo(task);
  }

  @Test
  public void whatStandsForNothingIsRefusedByName() {
    for (String nothing :
        new String[] {
          "{{nope}}",
          "{{processes}}",
          "{{processes[2].name}}",
          "{{processes[-1].name}}",
          "{{processes.0}}".replace(".0", "[x].name"),
          "{{self.nope}}",
          "{{super.cmdline}}",
          "{{logger.mode}}",
          "{{name[0]}}",
          "{{thermos.nope}}"
        }) {
      assertThatThrownBy(() -> command(nothing))
          .hasMessage(
              "task.processes[0].cmdline: " + nothing + " stands for nothing that is known here");
    }
  }

  @Test
  public void whatIsNoReferenceIsRefusedWithTheWayOut() {
    for (String wrong :
        new String[] {"{{ name }}", "{{.Names}}", "{{1a}}", "{{a.}}", "{{a[]}}", "{{a b}}"}) {
      assertThatThrownBy(() -> command(wrong))
          .hasMessage(
              "task.processes[0].cmdline: '"
                  + wrong
                  + "' is no reference; as a text it has to begin with '{{&' instead of '{{'");
    }
  }

  @Test
  public void aReferenceThatBecomesATextOfTheWrongTypeIsRefused() {
    assertThatThrownBy(() -> command("x", ", \"max_failures\": \"{{name}}\"", ""))
        .hasMessage("task.processes[0].max_failures: must be a whole number, not 'p'");
  }

  @Test
  public void circlesAreRefused() {
    assertThatThrownBy(() -> command("{{cmdline}}"))
        .hasMessage("task.processes[0].cmdline: leads to itself, or through too many others");
    assertThatThrownBy(() -> command("x", "", "\"user\": \"{{processes[1].name}}{{user}}\","))
        .hasMessage("task.user: leads to itself, or through too many others");
  }

  @Test
  public void bindingsThatNeverEndAreRefused() {
    Value.Struct task = task("{{a}}");

    assertThatThrownBy(
            () ->
                Interpolator.interpolate(
                    task, Place.ROOT, ImmutableMap.of("a", "{{b}}", "b", "{{a}}")))
        .hasMessage("processes[0].cmdline: references lead to further ones without end: '{{a}}'");
    assertThatThrownBy(
            () -> Interpolator.interpolate(task, Place.ROOT, ImmutableMap.of("a", "{{a}}{{a}}")))
        .hasMessage("processes[0].cmdline: references make the configuration too large");
  }

  @Test(timeout = 20_000)
  public void textsThatMultiplyAreRefusedBeforeTheyAreLarge() {
    for (String end : new String[] {"x".repeat(1000), "", "{{thermos.task_id}}"}) {
      StringBuilder json = new StringBuilder("{\"name\": \"t\", \"processes\": [");
      for (int i = 0; i < 60; i++) {
        String next = "{{super.processes[%d].cmdline}}".formatted(i + 1);
        json.append("{\"name\": \"p%d\", \"cmdline\": \"%s%s\"},".formatted(i, next, next));
      }
      json.append("{\"name\": \"p60\", \"cmdline\": \"").append(end).append("\"}]}");

      assertThatThrownBy(() -> TaskTemplate.read(json.toString()))
          .hasMessage("task.processes[0].cmdline: references make the configuration too large");
    }
  }

  private static Value.Struct task(String command) {
    try {
      return Loader.load(
          Loader.parse(
              "{\"name\": \"t\", \"processes\": [{\"name\": \"p\", \"cmdline\": \"%s\"}]}"
                  .formatted(command),
              1000),
          Schema.TASK,
          Place.ROOT);
    } catch (InvalidTaskException unexpected) {
      throw new AssertionError(unexpected);
    }
  }
}
