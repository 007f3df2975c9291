package io.borealis.agent.observer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import io.borealis.agent.checkpoint.RunnerState;
import io.borealis.agent.observer.TaskIndex.Which;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What is below {@code /j}: tasks and processes as JSON. Thread-safe; waits for the disk. */
final class TaskAnswers {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final Splitter COMMAS = Splitter.on(',').trimResults().omitEmptyStrings();

  private final TaskIndex index;
  private final ResourceSamples samples;

  TaskAnswers(TaskIndex index, ResourceSamples samples) {
    this.index = index;
    this.samples = samples;
  }

  /** The answer; null if there is nothing of that name. */
  @Nullable JsonNode answer(Ask ask) {
    @Nullable String what = ask.part(0);
    @Nullable String id = ask.part(1);
    if (what == null) {
      return null;
    }
    return switch (what) {
      case "task_id_count" -> ask.parts().size() == 1 ? counts() : null;
      case "task_ids" -> ask.parts().size() <= 4 ? list(ask) : null;
      case "task" -> id == null ? byId(ask, this::taskOrNull) : oneTask(ask, id);
      case "processes" -> byId(ask, this::classes);
      case "process" -> id == null ? null : process(ask, id);
      case "state", "statuses", "logs" -> ask.parts().size() == 2 ? detail(what, id) : null;
      default -> null;
    };
  }

  private ObjectNode counts() {
    List<ObservedTask> tasks = index.tasks();
    ObjectNode json = JSON.objectNode();
    for (Which which : List.of(Which.ACTIVE, Which.FINISHED, Which.ALL)) {
      Page page = new Page(which, 0, 0);
      json.put(page.word(), page.all(tasks).size());
    }
    return json;
  }

  private @Nullable ObjectNode list(Ask ask) {
    Optional<Page> asked = Page.parse(ask.part(1), ask.part(2), ask.part(3));
    if (asked.isEmpty()) {
      return null;
    }
    Page page = asked.get();
    ImmutableList<ObservedTask> all = page.all(index.tasks());
    ObjectNode json = JSON.objectNode();
    ArrayNode ids = json.putArray("task_ids");
    ArrayNode rows = json.putArray("tasks");
    for (ObservedTask task : page.of(all)) {
      ids.add(task.id());
      rows.add(TaskJson.row(task.id(), task.state(), task.description(), used(task)));
    }
    return json.put("type", page.word())
        .put("offset", page.offset())
        .put("num", page.num())
        .put("task_count", all.size());
  }

  private static ObjectNode byId(Ask ask, Function<String, JsonNode> answer) {
    ObjectNode json = JSON.objectNode();
    @Nullable String ids = ask.parameter("task_id");
    COMMAS.split(ids == null ? "" : ids).forEach(id -> json.set(id, answer.apply(id)));
    return json;
  }

  private @Nullable ObjectNode oneTask(Ask ask, String id) {
    JsonNode task = taskOrNull(id);
    return ask.parts().size() > 2 || task.isNull() ? null : JSON.objectNode().set(id, task);
  }

  private JsonNode taskOrNull(String id) {
    return index
        .find(id)
        .<JsonNode>map(task -> TaskJson.task(id, task.state(), task.description(), used(task)))
        .orElse(JSON.nullNode());
  }

  private ObjectNode classes(String id) {
    return index.find(id).map(task -> TaskJson.byClass(task.state())).orElseGet(JSON::objectNode);
  }

  /** Empty for what there is not, as others answer it. */
  private @Nullable ObjectNode process(Ask ask, String id) {
    Optional<ObservedTask> task = index.find(id);
    @Nullable String name = ask.part(2);
    @Nullable String run = ask.part(3);
    if (ask.parts().size() > 4) {
      return null;
    } else if (task.isEmpty()) {
      return JSON.objectNode();
    }
    RunnerState state = task.get().state();
    if (name == null) {
      return TaskJson.processes(id, state, samples);
    }
    try {
      return TaskJson.process(id, state, name, run == null ? -1 : Integer.parseInt(run), samples);
    } catch (NumberFormatException e) {
      return JSON.objectNode();
    }
  }

  private JsonNode detail(String what, String id) {
    Optional<RunnerState> state = index.find(id).map(ObservedTask::state);
    return switch (what) {
      case "state" -> state.map(TaskJson::state).orElseGet(JSON::objectNode);
      case "statuses" -> state.map(TaskJson::statuses).orElseGet(JSON::arrayNode);
      default -> state.map(s -> TaskJson.logs(s, -1)).orElseGet(JSON::objectNode);
    };
  }

  /** Nothing is asked of what has ended. */
  private ResourceSample used(ObservedTask task) {
    return task.finished() ? ResourceSample.NONE : samples.ofTask(task.id());
  }
}
