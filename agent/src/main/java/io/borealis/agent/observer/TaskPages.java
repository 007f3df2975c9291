package io.borealis.agent.observer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableList;
import io.borealis.agent.checkpoint.ProcessUpdate;
import io.borealis.agent.checkpoint.RunnerState;
import io.borealis.agent.observer.TaskIndex.Which;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Pages about tasks and processes. Thread-safe; waits for the disk. */
final class TaskPages {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double MILLIS = 1000.0;
  private static final int MAX_RUNS = 200;

  private final TaskIndex index;
  private final ResourceSamples samples;
  private final Supplier<About> about;

  TaskPages(TaskIndex index, ResourceSamples samples, Supplier<About> about) {
    this.index = index;
    this.samples = samples;
    this.about = about;
  }

  /** The page; null if there is nothing of that name. */
  @Nullable String page(Ask ask) {
    if (ask.word().isEmpty() || ask.word().equals("main")) {
      return ask.parts().size() > 3
          ? null
          : Page.parse(ask.part(0), ask.part(1), ask.part(2)).map(this::list).orElse(null);
    }
    @Nullable String id = ask.part(0);
    Optional<ObservedTask> task = id == null ? Optional.empty() : index.find(id);
    if (task.isEmpty()) {
      return null;
    }
    return switch (ask.word()) {
      case "process" -> ask.parts().size() == 2 ? process(task.get(), ask.parts().get(1)) : null;
      case "rawtask" -> ask.parts().size() == 1 ? raw(task.get()) : null;
      default -> ask.parts().size() == 1 ? task(task.get()) : null;
    };
  }

  private String list(Page page) {
    About agent = about.get();
    ImmutableList<ObservedTask> all = page.all(index.tasks());
    StringBuilder rows = new StringBuilder();
    for (ObservedTask task : page.of(all)) {
      JsonNode row = TaskJson.row(task.id(), task.state(), task.description(), used(task));
      rows.append(
          Html.row(
              Html.link("/task/" + Html.segment(task.id()), task.id()),
              text(row.get("name")),
              text(row.get("role")),
              text(row.get("state")),
              time(row.get("launch_timestamp")),
              task.finished() ? "" : row.get("cpu").asText(),
              task.finished() ? "" : row.get("ram").asText(),
              task.finished() ? "" : row.get("disk").asText()));
    }
    String body =
        "<p>Agent %s, leader %s</p>%s%s%s"
            .formatted(
                Html.escape(agent.agentId() == null ? "not registered" : agent.agentId()),
                agent.leader() == null
                    ? "unknown"
                    : Html.link("http://" + agent.leader() + "/", agent.leader()),
                types(index.tasks()),
                Html.table(
                    rows.toString(),
                    "task",
                    "name",
                    "role",
                    "state",
                    "begun",
                    "cpus",
                    "ram",
                    "disk"),
                neighbours(page, all.size()));
    return Html.page("Tasks of " + agent.hostname(), "", body);
  }

  private static String types(List<ObservedTask> tasks) {
    StringBuilder links = new StringBuilder("<nav>");
    for (Which which : Which.values()) {
      String word = which.name().toLowerCase(Locale.ROOT);
      long count = tasks.stream().filter(which::has).count();
      links.append(Html.link("/main/" + word, word + " (" + count + ")"));
    }
    return links.append("</nav>").toString();
  }

  private static String neighbours(Page page, int count) {
    StringBuilder links = new StringBuilder("<nav>");
    int first = page.offset() < 0 ? Math.max(0, count + page.offset()) : page.offset();
    if (first > 0) {
      links.append(Html.link(path(page, Math.max(0, first - page.num())), "newer"));
    }
    if (count - page.num() > first) {
      links.append(Html.link(path(page, first + page.num()), "older"));
    }
    return links.append("</nav>").toString();
  }

  private static String path(Page page, int offset) {
    return "/main/%s/%d/%d".formatted(page.word(), offset, page.num());
  }

  private String task(ObservedTask task) {
    RunnerState state = task.state();
    String id = Html.segment(task.id());
    JsonNode facts = TaskJson.task(task.id(), state, task.description(), used(task));
    StringBuilder processes = new StringBuilder();
    state
        .processes()
        .forEach(
            (name, runs) -> processes.append(processRow(task.id(), String.valueOf(name), runs)));
    StringBuilder statuses = new StringBuilder();
    for (JsonNode status : TaskJson.statuses(state)) {
      statuses.append(Html.row(text(status.get(0)), time(status.get(1))));
    }
    @Nullable String damage = task.damage();
    return Html.page(
        "Task " + task.id(),
        "",
        (damage == null
                ? ""
                : "<p>Its stream cannot be read on: %s</p>".formatted(Html.escape(damage)))
            + "<nav>%s%s%s</nav>"
                .formatted(
                    Html.link("/", "all tasks"),
                    Html.link("/browse/" + id, "sandbox"),
                    Html.link("/rawtask/" + id, "configuration"))
            + Html.table(
                Html.row("name", text(facts.get("name")))
                    + Html.row("role", text(facts.get("user")))
                    + Html.row("state", text(facts.get("state")))
                    + Html.row("since", time(facts.get("state_timestamp")))
                    + Html.row("ports", Html.escape(facts.get("ports").toString()))
                    + Html.row("uses", Html.escape(facts.get("resource_consumption").toString())),
                "task",
                "")
            + Html.table(processes.toString(), "process", "runs", "state", "output")
            + Html.table(statuses.toString(), "state", "since"));
  }

  private static String processRow(String id, String name, List<ProcessUpdate> runs) {
    String path = Html.segment(id) + "/" + Html.segment(name);
    return Html.row(
        Html.link("/process/" + path, name),
        Integer.toString(runs.size()),
        Html.escape(String.valueOf(runs.get(runs.size() - 1).state())),
        outputs(path, runs.size() - 1));
  }

  private static String outputs(String path, int run) {
    return Html.link("/logs/%s/%d/stdout".formatted(path, run), "stdout")
        + " "
        + Html.link("/logs/%s/%d/stderr".formatted(path, run), "stderr");
  }

  private @Nullable String process(ObservedTask task, String name) {
    RunnerState state = task.state();
    int runs = state.runs(name).size();
    if (runs == 0) {
      return null;
    }
    String path = Html.segment(task.id()) + "/" + Html.segment(name);
    StringBuilder rows = new StringBuilder();
    for (int run = runs - 1; run >= Math.max(0, runs - MAX_RUNS); run--) {
      JsonNode facts = TaskJson.process(task.id(), state, name, run, samples);
      rows.append(
          Html.row(
              Integer.toString(run),
              text(facts.get("state")),
              time(facts.get("start_time")),
              time(facts.get("stop_time")),
              text(facts.get("return_code")),
              facts.has("used") ? Html.escape(facts.get("used").toString()) : "",
              outputs(path, run)));
    }
    return Html.page(
        "Process " + name + " of " + task.id(),
        "",
        Html.link("/task/" + Html.segment(task.id()), "the task")
            + Html.table(
                rows.toString(), "run", "state", "begun", "ended", "returned", "uses", "output"));
  }

  private static String raw(ObservedTask task) {
    try {
      return Html.page(
          "Configuration of " + task.id(),
          "",
          "<pre>%s</pre>"
              .formatted(
                  Html.escape(
                      JSON.writerWithDefaultPrettyPrinter()
                          .writeValueAsString(task.description()))));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private ResourceSample used(ObservedTask task) {
    return task.finished() ? ResourceSample.NONE : samples.ofTask(task.id());
  }

  private static String text(@Nullable JsonNode value) {
    return value == null || value.isNull() ? "" : Html.escape(value.asText());
  }

  private static String time(@Nullable JsonNode seconds) {
    return seconds == null || seconds.isNull() ? "" : instant(seconds.asDouble());
  }

  /** Damaged streams have times that no calendar knows. */
  private static String instant(double seconds) {
    return Math.abs(seconds) < 1e11
        ? Instant.ofEpochMilli((long) (seconds * MILLIS)).toString()
        : Double.toString(seconds);
  }
}
