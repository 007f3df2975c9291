package io.borealis.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateRequest;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.Resource;
import io.borealis.api.Response;
import io.borealis.api.rpc.PauseJobUpdateArgs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** One process with its embedded ZooKeeper, as on a laptop. */
public class UpIT {
  private static final Duration START = Duration.ofSeconds(40);

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private Path data;
  private int port;
  private Daemon daemon;
  private Wire wire;

  @Before
  public void start() throws Exception {
    data = folder.newFolder("data").toPath();
    port = Ports.free();
    daemon = up();
    wire = new Wire(port);
  }

  private Daemon up() {
    Daemon started =
        Daemon.start(
            "up",
            "up",
            "--cluster=simulated",
            "--data-dir",
            data.toString(),
            "--http-port",
            Integer.toString(port));
    var unused = started.awaitLine("leading at http://127.0.0.1:" + port, START);
    return started;
  }

  @After
  public void stop() {
    daemon.close();
  }

  @Test
  public void anUpdateRollsForwardAndSurvivesARestartOfTheOnlyProcess() throws Exception {
    Calls.createRunning(wire, "hello", 10);
    JobUpdateKey first = Calls.start(wire, Jobs.update("hello", "two", 10, 3));
    UpdateHistory.awaitRolledForwardOnce(wire, first, 10, 3);

    JobUpdateKey second = Calls.start(wire, Jobs.update("hello", "three", 10, 2));
    UpdateHistory.awaitUpdated(wire, second, 3);
    daemon.kill();
    daemon = up();
    assertThat(UpdateHistory.status(wire, second)).isEqualTo(JobUpdateStatus.ROLLING_FORWARD);
    UpdateHistory.awaitRolledForwardOnce(wire, second, 10, 2);
    Calls.awaitRunning(wire, Jobs.key("hello"), 10);
  }

  @Test
  public void everyRecordedRequestOfTheOriginalClientGetsAWellFormedAnswer() throws Exception {
    List<Path> requests;
    try (Stream<Path> files = Files.list(Path.of(UpIT.class.getResource("/requests").toURI()))) {
      requests = files.sorted().toList();
    }
    assertThat(requests).isNotEmpty();
    for (Path request : requests) {
      Response response = Wire.answer(wire.post(Files.readAllBytes(request)));
      assertThat(response.responseCode()).as(request.getFileName().toString()).isNotNull();
      assertThat(response.serverInfo()).as(request.getFileName().toString()).isNotNull();
    }
  }

  @Test
  public void theHealthAndMetricsPagesAnswer() throws Exception {
    assertThat(wire.get("/health").body()).isEqualTo("OK\n");
    assertThat(wire.get("/leaderhealth").statusCode()).isEqualTo(200);
    assertThat(wire.get("/leaderhealth").body())
        .startsWith("Current status: This is the leading scheduler.");
    assertThat(wire.get("/vars").body()).contains("scheduler_lifecycle_ACTIVE 1");
    assertThat(wire.get("/vars.json").body()).contains("\"framework_registered\":1");
    assertThat(wire.get("/metrics").body()).contains("scheduler_lifecycle_ACTIVE");
    for (String name :
        List.of(
            "jvm_uptime_secs",
            "system_load_avg",
            "process_cpu_cores_utilized",
            "task_store_LOST",
            "uncaught_exceptions",
            "scheduler_resource_offers",
            "updates_stalled",
            "mem_storage_update_size",
            "job_updates_pruned",
            "job_update_recovery_errors",
            "job_update_delete_errors",
            "job_update_state_change_errors",
            "timed_out_tasks")) {
      assertThat(wire.get("/vars").body()).containsPattern("(?m)^" + name + " [0-9]");
    }
    assertThat(wire.get("/nothing").statusCode()).isEqualTo(404);
  }

  /** On {@code /vars}, or in a table of {@code docs/compatibility.md} that says why it is not. */
  @Test
  public void everyMetricOfAurorasDashboardsIsThereOrSaidNotToBe() throws Exception {
    Set<String> vars = new TreeSet<>();
    wire.get("/vars").body().lines().forEach(line -> vars.add(line.replaceFirst(" .*", "")));
    Map<String, List<String>> tables = new HashMap<>();
    String page = Files.readString(Path.of("../docs/compatibility.md"));
    for (String table : List.of("Metrics that come", "Metrics that are not there")) {
      String rows = page.substring(page.indexOf("\n| " + table));
      rows = rows.substring(0, rows.indexOf("\n\n"));
      List<String> names = new ArrayList<>();
      rows.lines()
          .map(row -> row.replaceFirst(" \\| .*", ""))
          .flatMap(cell -> Pattern.compile("`([^`]+)`").matcher(cell).results())
          .forEach(name -> names.addAll(expanded(name.group(1))));
      tables.put(table, names);
    }
    List<String> unknown = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("src/test/resources/aurora-vars.txt"))) {
      for (String name : line.startsWith("#") ? List.<String>of() : expanded(line)) {
        if (!vars.contains(name)
            && tables.values().stream().flatMap(List::stream).noneMatch(in -> covers(in, name))) {
          unknown.add(name);
        }
      }
    }
    assertThat(unknown).as("neither there nor explained").isEmpty();
    assertThat(vars)
        .as("there although the page says not")
        .noneMatch(
            name ->
                tables.get("Metrics that are not there").stream().anyMatch(in -> covers(in, name)));
  }

  private static boolean covers(String pattern, String name) {
    return pattern.equals(name) || name.matches(Pattern.quote(pattern).replace("*", "\\E.*\\Q"));
  }

  private static List<String> expanded(String pattern) {
    int open = pattern.indexOf('{');
    if (open < 0) {
      return List.of(pattern);
    }
    int close = pattern.indexOf('}');
    List<String> all = new ArrayList<>();
    for (String each : pattern.substring(open + 1, close).split(",", -1)) {
      all.addAll(expanded(pattern.substring(0, open) + each + pattern.substring(close + 1)));
    }
    return all;
  }

  @Test
  public void aStuckLockIsShownExplainedAndReleasedFromTheCommandLine() throws Exception {
    String scheduler = "--scheduler=127.0.0.1:" + port;
    assertThat(MainTest.call("lock", "list", scheduler).out()).isEqualTo("No job is locked.\n");
    Calls.createRunning(wire, "hello", 4);
    JobUpdateKey key = Calls.start(wire, Jobs.waiting("hello", "two", 4));
    String job = Jobs.ROLE + "/prod/hello";
    String held = job + " is locked by UNSECURE for update " + key.id();

    assertThat(MainTest.call("lock", "list", scheduler).out()).startsWith(held);
    MainTest.Called asked = MainTest.call("lock", "release", job, scheduler);
    assertThat(asked.exit()).isEqualTo(3);
    assertThat(asked.out())
        .startsWith(held + ", which is ROLL_FORWARD_AWAITING_PULSE: 0 of 4 instances done")
        .contains("the update ends in ERROR with \"Updater has lost its exclusive lock,")
        .endsWith("Nothing is done yet; repeat with --yes to release the lock.\n");
    assertThat(UpdateHistory.status(wire, key))
        .isEqualTo(JobUpdateStatus.ROLL_FORWARD_AWAITING_PULSE);

    MainTest.Called done = MainTest.call("lock", "release", job, scheduler, "--yes");
    assertThat(done.exit()).isZero();
    assertThat(done.out()).endsWith("\nReleased.\n");
    assertThat(UpdateHistory.status(wire, key)).isEqualTo(JobUpdateStatus.ERROR);
    assertThat(MainTest.call("lock", "release", job, scheduler, "--yes"))
        .isEqualTo(new MainTest.Called(1, "", "borealis lock: " + job + " is not locked\n"));
    var unused = daemon.awaitLine("method=releaseLock job=" + job, Duration.ofSeconds(10));
  }

  @Test
  public void anUpdateSaysWhyItIsNotMoving() throws Exception {
    JobUpdateRequest tooLarge =
        Jobs.update("large", "one", 2, 1).toBuilder()
            .taskConfig(
                Jobs.task("large", "one").toBuilder()
                    .resources(
                        ImmutableSet.of(
                            new Resource.NumCpus(17),
                            new Resource.RamMb(1),
                            new Resource.DiskMb(1)))
                    .build())
            .build();
    JobUpdateKey key = Calls.start(wire, tooLarge);
    // The executor needs a quarter of one.
    assertThat(explanation().path("waits").path(0).path("because").asText())
        .isEqualTo("no offer has 17.25 cpus");
    assertThat(explanation().path("sentence").asText())
        .startsWith("waiting for instance 0 to be RUNNING (PENDING since ");

    Calls.ok(wire.call("pauseJobUpdate", new PauseJobUpdateArgs(key, "checking logs")));
    assertThat(explanation().path("reason").asText()).isEqualTo("PAUSED");
    assertThat(explanation().path("sentence").asText())
        .startsWith("paused by UNSECURE \"checking logs\" ");
  }

  /** What the JSON mirror says of the only active update. */
  private JsonNode explanation() throws Exception {
    byte[] all = "{\"jobUpdateQuery\": {}}".getBytes(UTF_8);
    return new ObjectMapper()
        .readTree(wire.send("POST", "/apibeta/getJobUpdateSummaries", Map.of(), all).body())
        .path("explanations")
        .path(0);
  }

  @Test
  public void aSecondProcessOnTheSameDataFolderIsRefusedByName() {
    Daemon second =
        Daemon.start(
            "second",
            "up",
            "--cluster=simulated",
            "--data-dir",
            data.toString(),
            "--http-port",
            Integer.toString(Ports.free()));
    assertThat(second.awaitExit(START)).isNotZero();
    assertThat(String.join("\n", second.output())).contains(data.toString());
    assertThat(daemon.isAlive()).isTrue();
  }

  @Test
  public void sigtermAndSigintHandOverAndExitWithZero() throws Exception {
    Calls.createRunning(wire, "hello", 3);
    daemon.signal("TERM");
    assertThat(daemon.awaitExit(Duration.ofSeconds(20))).isZero();
    daemon = up();
    Calls.awaitRunning(wire, Jobs.key("hello"), 3);
    daemon.signal("INT");
    assertThat(daemon.awaitExit(Duration.ofSeconds(20))).isZero();
  }
}
