package io.borealis.agent.observer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.borealis.agent.checkpoint.Checkpoint;
import io.borealis.agent.checkpoint.CheckpointPaths;
import io.borealis.agent.checkpoint.CheckpointWriter;
import io.borealis.agent.checkpoint.ProcessUpdate;
import io.borealis.agent.checkpoint.TaskUpdate;
import io.borealis.api.thermos.ProcessState;
import io.borealis.api.thermos.TaskState;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** The pages and answers of an observer over HTTP. */
public class ObserverIT {
  private static final Path RESOURCES = Path.of("src", "test", "resources");
  private static final ObjectMapper JSON = new ObjectMapper();

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private ObserverHarness observer;

  @Before
  public void start() {
    observer =
        new ObserverHarness(
            folder.getRoot().toPath(),
            new ResourceSamples() {
              @Override
              public ResourceSample ofTask(String taskId) {
                return new ResourceSample(1.5, 2, 3.25, 4, 5, 6, 7);
              }

              @Override
              public ResourceSample ofProcess(String taskId, String process) {
                return new ResourceSample(0.5, 1, 1, 1, 1, 1, 0);
              }
            });
  }

  @After
  public void stop() {
    observer.close();
  }

  @Test
  public void tasksThatOthersRanAreAnsweredForAsByThem() throws Exception {
    JsonNode golden = JSON.readTree(RESOURCES.resolve("golden/observer.json").toFile());
    JsonNode tasks = golden.get("tasks");
    for (String id : names(tasks)) {
      place(id);
    }
    assertThat(tasks).hasSize(18);
    for (String id : names(tasks)) {
      JsonNode expected = tasks.get(id);
      ObjectNode task = (ObjectNode) observer.json("/j/task/" + id).get(id);
      boolean living = id.equals("unknown-user");
      if (living) {
        task.set("resource_consumption", expected.get("tasks").get("resource_consumption"));
      }
      assertThat(sorted(task)).as(id).isEqualTo(sorted(expected.get("tasks")));
      assertThat(sorted(observer.json("/j/processes?task_id=" + id).get(id)))
          .isEqualTo(sorted(expected.get("tasks").get("processes")));
      assertThat(observer.json("/j/state/" + id)).isEqualTo(expected.get("state"));
      assertThat(observer.json("/j/statuses/" + id)).isEqualTo(expected.get("task_statuses"));
      assertThat(observer.json("/j/logs/" + id)).isEqualTo(expected.get("logs"));
      assertThat(observer.json("/j/process/" + id)).isEqualTo(expected.get("processes"));
      for (String process : names(expected.get("process_runs"))) {
        String path = "/j/process/" + id + "/" + Html.segment(process);
        JsonNode runs = expected.get("process_runs").get(process);
        assertThat(observer.json(path)).isEqualTo(expected.get("processes").get(process));
        for (int run = 0; run < runs.size(); run++) {
          assertThat(observer.json(path + "/" + run)).isEqualTo(runs.get(run));
          assertThat(observer.json(path + "/" + (run - runs.size()))).isEqualTo(runs.get(run));
        }
        assertThat(observer.json(path + "/" + runs.size())).isEmpty();
      }
    }
    assertThat(observer.json("/j/task_id_count"))
        .isEqualTo(JSON.readTree("{\"active\": 1, \"finished\": 17, \"all\": 18}"));
    JsonNode list = observer.json("/j/task_ids/all/0/5");
    assertThat(names(list)).containsAll(texts(golden.get("main_keys").get("top")));
    for (JsonNode row : list.get("tasks")) {
      assertThat(names(row)).isEqualTo(texts(golden.get("main_keys").get("row")));
    }
    assertThat(list.get("tasks")).hasSize(5);
  }

  @Test
  public void whatThereIsNotIsSaid() throws Exception {
    JsonNode unknown =
        JSON.readTree(RESOURCES.resolve("golden/observer.json").toFile()).get("unknown_task");
    assertThat(observer.json("/j/process/nope/p")).isEqualTo(unknown.get("process"));
    assertThat(observer.json("/j/processes?task_id=nope")).isEqualTo(unknown.get("processes"));
    assertThat(observer.json("/j/state/nope")).isEqualTo(unknown.get("state"));
    assertThat(observer.json("/j/statuses/nope")).isEqualTo(unknown.get("task_statuses"));
    assertThat(observer.json("/j/task?task_id=nope").toString()).isEqualTo("{\"nope\":null}");
    observer.task("t", "p");
    for (String path :
        List.of(
            "/task/nope",
            "/rawtask/nope",
            "/process/t/q",
            "/process/nope/p",
            "/j/task/nope",
            "/j",
            "/j/task_ids/some",
            "/j/task_ids/all/x",
            "/main/all/0/x",
            "/main/some",
            "/main/a/b/c/d",
            "/logs/t/p/0/stdout",
            "/logs/t/p/7/stdout",
            "/logs/t/p/0/other",
            "/browse/nope",
            "/download/t",
            "/download/t/none",
            "/profile",
            "/vars/none",
            "/task/t/more")) {
      assertThat(observer.get(path).statusCode()).as(path).isEqualTo(404);
    }
    assertThat(observer.json("/logdata/t/p/x/stdout?offset=0")).isEmpty();
    assertThat(observer.json("/filedata/t/none?offset=0")).isEmpty();
    assertThat(observer.raw("/task/%zz")).startsWith("HTTP/1.1 400");
    HttpResponse<byte[]> post = observer.send("POST", "/j/task_ids");
    assertThat(post.statusCode()).isEqualTo(405);
    assertThat(post.headers().firstValue("Allow")).hasValue("GET, HEAD");
  }

  @Test
  public void aLivingTaskIsFollowedToItsEnd() throws Exception {
    Path sandbox = observer.task("t", "p");
    JsonNode task = observer.json("/j/task/t").get("t");
    assertThat(task.get("state").asText()).isEqualTo("ACTIVE");
    assertThat(task.get("processes").get("running").toString()).isEqualTo("[\"p\"]");
    assertThat(task.get("resource_consumption").toString())
        .isEqualTo(
            "{\"cpu\":1.5,\"disk\":7,\"nice\":null,\"ram\":4,\"rss\":4,\"status\":\"None\","
                + "\"system\":3.25,\"threads\":6,\"user\":2,\"vms\":5}");
    assertThat(observer.json("/j/process/t/p").get("used").get("cpu").asDouble()).isEqualTo(0.5);
    assertThat(observer.json("/j/logs/t").get("p").get("stdout").toString())
        .isEqualTo("[\"" + sandbox + "/.logs/p/0\",\"stdout\"]");
    CheckpointPaths paths = observer.paths("t");
    try (CheckpointWriter writer = CheckpointWriter.open(paths.runner())) {
      writer.append(Checkpoint.of(ProcessUpdate.ended("p", 3, ProcessState.KILLED, 9.5, -9)));
      assertThat(observer.json("/j/process/t/p").get("return_code").asInt()).isEqualTo(-9);
      writer.append(Checkpoint.of(TaskUpdate.of(TaskState.KILLED, 1_600_000_009_000L, 1, 2)));
    }
    Files.createDirectories(paths.finished().getParent());
    Files.move(paths.active(), paths.finished());
    Thread.sleep(1100);
    task = observer.json("/j/task/t").get("t");
    assertThat(task.get("state").asText()).isEqualTo("KILLED");
    assertThat(task.get("state_timestamp").asLong()).isEqualTo(1_600_000_009L);
    assertThat(task.get("resource_consumption").get("cpu").toString()).isEqualTo("0");
    assertThat(observer.json("/j/task_id_count").get("finished").asInt()).isEqualTo(1);
  }

  @Test
  public void theLatestTaskIsTheFirstAndRunsThatAreLinksDoNotCount() throws Exception {
    for (int i = 0; i < 5; i++) {
      observer.task("t" + i, "p");
      Files.setLastModifiedTime(observer.paths("t" + i).active(), FileTime.fromMillis(1000L * i));
    }
    Files.createSymbolicLink(observer.run("t1").resolveSibling("latest"), observer.run("t2"));
    assertThat(texts(observer.json("/j/task_ids").get("task_ids")))
        .containsExactly("t4", "t3", "t2", "t1", "t0");
    assertThat(texts(observer.json("/j/task_ids/active/1/2").get("task_ids")))
        .containsExactly("t3", "t2");
    assertThat(texts(observer.json("/j/task_ids/all/-2/9").get("task_ids")))
        .containsExactly("t1", "t0");
    assertThat(observer.json("/j/task_ids/finished").get("task_count").asInt()).isZero();
    assertThat(observer.json("/j/task_ids/all/7").get("tasks")).isEmpty();
    assertThat(observer.text("/main/all/2/2")).contains("/main/all/0/2").contains("/main/all/4/2");
    observer.task("new", "p");
    // What is not there is looked for anew a tenth of a second later.
    Thread.sleep(150);
    assertThat(observer.get("/task/new").statusCode()).isEqualTo(200);
  }

  @Test
  public void pagesShowWhatIsThereAndNoneOfItRuns() throws Exception {
    String evil = "<script>alert(\"1\")<script>";
    Path sandbox = observer.task("t", evil);
    Path logs = Files.createDirectories(sandbox.resolve(".logs").resolve(evil).resolve("0"));
    Files.writeString(logs.resolve("stdout"), "out " + evil);
    Files.writeString(logs.resolve("stderr"), "");
    Files.writeString(sandbox.resolve(evil + ".txt"), evil);
    String process = Html.segment(evil);
    for (String path :
        List.of(
            "/",
            "/main",
            "/main/active",
            "/task/t",
            "/rawtask/t",
            "/process/t/" + process,
            "/logs/t/" + process + "/0/stdout",
            "/logs/t/" + process + "/-1/stdout?follow=1",
            "/browse/t",
            "/browse/t/.logs/" + process + "/0",
            "/file/t/" + process + ".txt")) {
      HttpResponse<byte[]> page = observer.get(path);
      assertThat(page.statusCode()).as(path).isEqualTo(200);
      assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
          .startsWith("default-src 'none'");
      assertThat(new String(page.body(), StandardCharsets.UTF_8))
          .as(path)
          .doesNotContain("<script")
          .doesNotContain("<b>name")
          .doesNotContain("<i>user");
    }
    assertThat(observer.text("/"))
        .contains("agent-1")
        .contains("http://leader:8081/")
        .contains("h&lt;1&gt;");
    assertThat(observer.text("/logs/t/" + process + "/0/stdout")).contains("out &lt;script&gt;");
    assertThat(observer.json("/logdata/t/" + process + "/0/stdout?offset=4").toString())
        .isEqualTo(
            "{\"offset\":4,\"length\":26,\"data\":\"&lt;script&gt;alert(\\\"1\\\")&lt;script&gt;\"}");
  }

  @Test
  public void aStreamThatIsDamagedIsShownAsFarAsItGoes() throws Exception {
    observer.task("t", "p");
    Files.write(
        observer.paths("t").runner(), new byte[] {-1, -1, -1, -1}, StandardOpenOption.APPEND);
    for (int i = 0; i < 2; i++) {
      JsonNode task = observer.json("/j/task/t").get("t");
      assertThat(task.get("processes").get("running")).hasSize(1);
      assertThat(observer.json("/j/statuses/t")).hasSize(1);
    }
    assertThat(observer.text("/task/t"))
        .contains("cannot be read on: A record of 4294967295 bytes");
  }

  @Test
  public void monitorsFindWhatTheyLookFor() {
    observer.meters.counter("zebras").increment(2);
    assertThat(observer.text("/health")).isEqualTo("OK\n");
    assertThat(observer.text("/vars")).isEqualTo("zebras 2");
    assertThat(observer.text("/vars/zebras")).isEqualTo("2\n");
    assertThat(observer.json("/vars.json").toString()).isEqualTo("{\"zebras\":2}");
    assertThat(observer.text("/metrics")).contains("zebras_total 2.0");
  }

  /** Puts a task where an agent would have it. */
  private void place(String id) throws IOException {
    Path from = RESOURCES.resolve("checkpoints").resolve("runs").resolve(id);
    CheckpointPaths paths = observer.paths(id);
    Files.createDirectories(paths.streams());
    Files.copy(from.resolve("runner"), paths.runner());
    Files.createDirectories(paths.active().getParent());
    Files.createDirectories(paths.finished().getParent());
    Path finished = from.resolve("task.finished.json");
    if (Files.exists(finished)) {
      Files.copy(finished, paths.finished());
    } else {
      Files.copy(from.resolve("task.active.json"), paths.active());
    }
  }

  /** The order of names in these lists is that of a hash table in the original. */
  private static JsonNode sorted(JsonNode json) {
    JsonNode classes = json.has("processes") ? json.get("processes") : json;
    for (JsonNode names : classes) {
      List<String> texts = texts(names);
      Collections.sort(texts);
      ((ArrayNode) names).removeAll();
      texts.forEach(((ArrayNode) names)::add);
    }
    return json;
  }

  private static List<String> names(JsonNode json) {
    List<String> names = new ArrayList<>();
    json.fieldNames().forEachRemaining(names::add);
    Collections.sort(names);
    return names;
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asText()));
    return texts;
  }
}
