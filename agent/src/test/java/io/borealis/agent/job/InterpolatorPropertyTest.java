package io.borealis.agent.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.Test;

/** Random tasks full of references and of what looks like them. */
public final class InterpolatorPropertyTest {
  private static final int TASKS = 4000;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static final List<String> PIECES =
      List.of(
          "x",
          " ",
          "{",
          "}",
          "{{",
          "}}",
          "{{name}}",
          "{{super.name}}",
          "{{self.cmdline}}",
          "{{cmdline}}",
          "{{max_failures}}",
          "{{processes[0].name}}",
          "{{processes[1].cmdline}}",
          "{{processes[2].cmdline}}",
          "{{thermos.ports[http]}}",
          "{{thermos.ports[p",
          "]}}",
          "{{thermos.task_id}}",
          "{{thermos.user}}",
          "{{&x}}",
          "{{&{{name}}}}",
          "{{nope}}",
          "{{thermos.ports.http}}",
          "\\",
          "$1",
          "é",
          "\ud83d\ude00",
          "{{[0]}}");

  private static String json(Random random) {
    ObjectNode task = MAPPER.createObjectNode();
    task.put("name", random.nextBoolean() ? "t" : text(random));
    ArrayNode processes = task.putArray("processes");
    for (int i = 0; i < 3; i++) {
      processes
          .addObject()
          .put("name", "p" + i)
          .put("cmdline", text(random))
          .put("max_failures", random.nextInt(4) == 0 ? text(random) : "2");
    }
    return task.toString();
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(4); i >= 0; i--) {
      text.append(PIECES.get(random.nextInt(PIECES.size())));
    }
    return text.toString();
  }

  @Test(timeout = 60_000)
  public void aTaskIsRefusedWithItsPlaceOrIsTheSameHoweverOftenItIsRead() throws Exception {
    int bound = 0;
    int refused = 0;
    for (int seed = 0; seed < TASKS; seed++) {
      String json = json(new Random(seed));
      try {
        check(json);
        bound++;
      } catch (InvalidTaskException invalid) {
        assertThat(invalid).as("seed " + seed).hasMessageStartingWith("task.");
        refused++;
      } catch (AssertionError | RuntimeException broken) {
        throw new AssertionError("seed " + seed + ": " + json, broken);
      }
    }
    assertThat(List.of(bound, refused)).allMatch(count -> count > TASKS / 20);
  }

  private static void check(String json) throws InvalidTaskException {
    TaskTemplate template = TaskTemplate.read(json);
    // What is read again is not changed again.
    assertThat(TaskTemplate.read(template.toJson())).isEqualTo(template);
    Map<String, Integer> ports = Map.of("http", 31000, "p", 31001, "px", 31002);
    RunnerTask task = template.bind("id-1", "joe", ports);
    assertThat(template.bind("id-1", "joe", ports)).isEqualTo(task);
    assertThat(RunnerTask.read(task.toJson())).isEqualTo(task);
    assertThat(ports.keySet()).containsAll(template.ports());
    for (TaskProcess process : task.processes()) {
      assertThat(process.maxFailures()).isBetween(0, 31002);
    }
  }

  @Test
  public void textWithoutBracesIsNeverChanged() throws InvalidTaskException {
    Random random = new Random(1);
    for (int i = 0; i < 500; i++) {
      StringBuilder text = new StringBuilder();
      for (int k = random.nextInt(50); k > 0; k--) {
        char next = (char) random.nextInt(Character.MIN_SURROGATE);
        text.append(next == '{' ? 'x' : next);
      }
      ObjectNode task = MAPPER.createObjectNode().put("name", "t");
      task.putArray("processes").addObject().put("name", "p").put("cmdline", text.toString());
      RunnerTask bound = TaskTemplate.read(task.toString()).bind("i", "u", Map.of());
      assertThat(bound.process("p").cmdline()).isEqualTo(text.toString());
      assertThat(RunnerTask.read(bound.toJson())).isEqualTo(bound);
    }
  }

  @Test
  public void whatIsEscapedComesOutAsItWentIn() throws InvalidTaskException {
    List<String> texts = new ArrayList<>(List.of("a", ".Names", " a b ", "thermos.ports[x]", "&a"));
    texts.add("name");
    for (String text : texts) {
      ObjectNode task = MAPPER.createObjectNode().put("name", "t");
      task.putArray("processes")
          .addObject()
          .put("name", "p")
          .put("cmdline", "x {{&" + text + "}} {{name}}");
      TaskTemplate once = TaskTemplate.read(task.toString());
      RunnerTask bound = TaskTemplate.read(once.toJson()).bind("i", "u", Map.of());
      assertThat(bound.process("p").cmdline()).isEqualTo("x {{" + text + "}} p");
    }
  }
}
