package io.borealis.agent.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.junit.runners.Parameterized;
import org.junit.runners.Parameterized.Parameters;

/** Plays scripts of another planner and compares what may run after each step. */
@RunWith(Parameterized.class)
public final class PlanGoldenTest {
  private static final String ASSERTION = "ASSERTION";

  private final JsonNode script;

  public PlanGoldenTest(String name, JsonNode script) {
    this.script = script;
  }

  @Parameters(name = "{0}")
  public static List<Object[]> scripts() throws IOException {
    try (InputStream in = PlanGoldenTest.class.getResourceAsStream("/golden/planner.json")) {
      List<Object[]> scripts = new ArrayList<>();
      for (JsonNode script : new ObjectMapper().readTree(in).get("cases")) {
        scripts.add(new Object[] {script.get("name").asText(), script});
      }
      assertThat(scripts).hasSize(34);
      return scripts;
    }
  }

  @Test
  public void viewsAreThoseOfTheScript() throws InvalidPlanException {
    if (!script.get("construct").asText().equals("OK")) {
      assertThatThrownBy(this::plan)
          .isInstanceOf(InvalidPlanException.class)
          .hasMessageStartingWith("constraints");
      return;
    }
    Plan plan = plan();
    JsonNode before = script.get("initial");
    check(plan, before, "at first");
    for (JsonNode step : script.get("steps")) {
      String description = step.toString();
      if (step.get("result").asText().equals(ASSERTION)) {
        Plan same = plan;
        assertThatThrownBy(() -> apply(same, step))
            .as(description)
            .isInstanceOf(IllegalStateException.class);
        // The other planner remembers the time of an event that it refuses; this one forgets it.
        check(plan, before, description);
      } else {
        plan = apply(plan, step);
        before = step.get("after");
        check(plan, before, description);
      }
    }
  }

  private Plan plan() throws InvalidPlanException {
    JsonNode task = script.get("task");
    List<PlannedProcess> processes = new ArrayList<>();
    String filter = script.path("filter").asText("");
    for (JsonNode process : task.get("processes")) {
      if (filter.isEmpty() || process.path("final").asBoolean() == filter.equals("final")) {
        processes.add(
            new PlannedProcess(
                process.get("name").asText(),
                process.path("daemon").asBoolean(),
                process.path("ephemeral").asBoolean(),
                process.path("max_failures").asInt(1),
                Duration.ofSeconds(process.path("min_duration").asInt(5))));
      }
    }
    List<List<String>> orders = new ArrayList<>();
    for (JsonNode constraint : task.path("constraints")) {
      orders.add(texts(constraint.get("order")));
    }
    return Plan.of(processes, orders, script.path("total_run_limit").asInt(Plan.UNLIMITED));
  }

  private static Plan apply(Plan plan, JsonNode step) {
    String process = step.get("process").asText();
    long now = nanos(step.get("after").get("t").asLong());
    return switch (step.get("op").asText()) {
      case "running" -> plan.started(process);
      case "success" -> plan.succeeded(process, now);
      case "failure" -> plan.failed(process, now);
      case "lost" -> plan.lost(process, now);
      // Giving up a process from outside is no event here: it comes with its last failure.
      case "set_failed" -> plan.failed(process, now);
      default -> throw new AssertionError(step.toString());
    };
  }

  private static void check(Plan plan, JsonNode view, String description) {
    long now = nanos(view.get("t").asLong());
    assertThat(plan.runnable(now))
        .as(description)
        .containsExactlyInAnyOrderElementsOf(texts(view.get("runnable")));
    assertThat(plan.running())
        .as(description)
        .containsExactlyInAnyOrderElementsOf(texts(view.get("running")));
    assertThat(plan.finished())
        .as(description)
        .containsExactlyInAnyOrderElementsOf(texts(view.get("finished")));
    assertThat(plan.failed())
        .as(description)
        .containsExactlyInAnyOrderElementsOf(texts(view.get("failed")));
    assertThat(plan.isComplete()).as(description).isEqualTo(view.get("complete").asBoolean());
    Map<String, Duration> waiting = new TreeMap<>();
    view.get("waiting")
        .properties()
        .forEach(
            entry -> waiting.put(entry.getKey(), Duration.ofSeconds(entry.getValue().asLong())));
    assertThat(plan.throttled(now)).as(description).containsExactlyInAnyOrderEntriesOf(waiting);
    JsonNode wait = view.get("min_wait");
    if (wait.isTextual()) {
      assertThat(plan.untilRunnable(now)).as(description).isEmpty();
    } else {
      assertThat(plan.untilRunnable(now))
          .as(description)
          .contains(Duration.ofSeconds(wait.asLong()));
    }
  }

  /** Any origin will do, also one from which the clock soon overflows. */
  private static long nanos(long seconds) {
    return Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(10) + TimeUnit.SECONDS.toNanos(seconds);
  }

  private static ImmutableList<String> texts(JsonNode array) {
    ImmutableList.Builder<String> texts = ImmutableList.builder();
    array.forEach(text -> texts.add(text.asText()));
    return texts.build();
  }
}
