package io.borealis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.CronCollisionPolicy;
import io.borealis.api.ExecutorConfig;
import io.borealis.api.Identity;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.Resource;
import io.borealis.api.Response;
import io.borealis.api.Result;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskQuery;
import io.borealis.api.rpc.CreateJobArgs;
import io.borealis.api.rpc.GetTasksStatusArgs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** The command {@code agent}: a process of its own that runs the tasks of a scheduler. */
public class AgentIT {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final JobKey JOB = new JobKey("www-data", "prod", "waiting");

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final List<AutoCloseable> parts = new ArrayList<>();
  private Ensemble ensemble;
  private Path signs;
  private Path workDir;
  private Path secret;
  private int port;
  private int observer;
  private Wire wire;

  @Before
  public void begin() throws Exception {
    signs = folder.newFolder("signs").toPath();
    workDir = folder.getRoot().toPath().resolve("work");
    secret = folder.newFile("secret").toPath();
    Files.writeString(secret, "known to both of them\n".replace(' ', '-'));
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    ensemble = Ensemble.start(folder.newFolder("zk").toPath(), 1);
    parts.add(ensemble);
    port = Ports.free();
    observer = Ports.free();
    Daemon scheduler =
        Daemon.start(
            "scheduler",
            "scheduler",
            "--cluster=agents",
            "--zk-endpoints=" + ensemble.endpoints(),
            "--http-port=" + port,
            "--agent-secret-file=" + secret);
    parts.add(scheduler);
    var unused = scheduler.awaitLine("leading at", LONG);
    wire = new Wire(port);
  }

  @After
  public void end() throws Exception {
    for (int i = parts.size() - 1; i >= 0; i--) {
      parts.get(i).close();
    }
    // What a failed test leaves running.
    for (int instance = 0; instance < 2; instance++) {
      if (Files.exists(pidFile(instance))) {
        ProcessHandle.of(pid(instance)).ifPresent(ProcessHandle::destroyForcibly);
      }
    }
  }

  private Daemon agent(String... more) {
    return agent(observer, more);
  }

  private Daemon agent(int pages, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "agent",
                "--zk-endpoints=" + ensemble.endpoints(),
                "--work-dir=" + workDir,
                "--hostname=127.0.0.1",
                "--observer-port=" + pages,
                "--agent-secret-file=" + secret));
    args.addAll(List.of(more));
    Daemon agent = Daemon.start("agent", args.toArray(String[]::new));
    parts.add(agent);
    return agent;
  }

  private Path pidFile(int instance) {
    return signs.resolve("pid-" + instance);
  }

  private long pid(int instance) throws IOException {
    return Long.parseLong(
        Await.until(
            "there is " + pidFile(instance),
            LONG,
            () -> {
              String pid = Files.readString(pidFile(instance)).strip();
              return pid.isEmpty() ? null : pid;
            }));
  }

  private void createJob() throws IOException {
    String cmdline =
        "echo $$ > %1$s/pid-{{mesos.instance}};".formatted(signs)
            + " while [ ! -e %s/stop-{{mesos.instance}} ]; do sleep 0.2; done".formatted(signs);
    String data =
        """
        {"role": "www-data", "environment": "prod", "name": "waiting", "cluster": "local",
         "task": {"name": "waiting", "finalization_wait": 5, "max_failures": 1,
           "resources": {"cpu": 0.1, "ram": 67108864, "disk": 67108864},
           "processes": [{"name": "waiting", "cmdline": "%s", "max_failures": 1, "min_duration": 1}],
           "constraints": []}}
        """
            .formatted(cmdline);
    JobConfiguration job =
        JobConfiguration.builder()
            .key(JOB)
            .owner(new Identity("www-data"))
            .cronCollisionPolicy(CronCollisionPolicy.KILL_EXISTING)
            .taskConfig(
                TaskConfig.builder()
                    .job(JOB)
                    .owner(new Identity("www-data"))
                    .maxTaskFailures(1)
                    .tier("preemptible")
                    .executorConfig(new ExecutorConfig("AuroraExecutor", data))
                    .resources(
                        ImmutableSet.of(
                            new Resource.NumCpus(0.1),
                            new Resource.RamMb(64),
                            new Resource.DiskMb(64)))
                    .build())
            .instanceCount(2)
            .build();
    Calls.ok(wire.call("createJob", new CreateJobArgs(job)));
  }

  private ScheduleStatus status(int instance) throws IOException {
    Response response =
        wire.call(
            "getTasksStatus",
            new GetTasksStatusArgs(TaskQuery.builder().jobKeys(Set.of(JOB)).build()));
    Calls.ok(response);
    List<ScheduledTask> tasks =
        ((Result.ScheduleStatusResult) response.result())
            .value().tasks().stream()
                .filter(task -> task.assignedTask().instanceId() == instance)
                .toList();
    assertThat(tasks).as("the task never ran again").hasSize(1);
    return tasks.get(0).status();
  }

  private void await(int instance, ScheduleStatus status) {
    boolean unused =
        Await.until(
            "instance " + instance + " is " + status, LONG, () -> status(instance) == status);
  }

  @Test
  public void tasksGoOnWhileTheAgentIsAwayAndNothingOfThemIsLost() throws Exception {
    Daemon first = agent();
    String registered = first.awaitLine("registered with http://127.0.0.1:" + port, LONG);
    String agentId = registered.substring(registered.lastIndexOf(' ') + 1);
    assertThat(agentId).matches("agent-127\\.0\\.0\\.1-[0-9a-f]{8}");
    createJob();
    await(0, ScheduleStatus.RUNNING);
    await(1, ScheduleStatus.RUNNING);
    long going = pid(1);

    first.kill();
    Files.createFile(signs.resolve("stop-0"));
    long ending = pid(0);
    Await.until(
        "the process ends without an agent",
        LONG,
        () -> !ProcessHandle.of(ending).map(ProcessHandle::isAlive).orElse(false));
    Daemon second = agent();
    assertThat(second.awaitLine("registered with", LONG)).endsWith(agentId);
    await(0, ScheduleStatus.FINISHED);
    assertThat(status(1)).isEqualTo(ScheduleStatus.RUNNING);
    assertThat(ProcessHandle.of(going).map(ProcessHandle::isAlive)).contains(true);

    second.signal("TERM");
    assertThat(second.awaitExit(LONG)).isZero();
    assertThat(ProcessHandle.of(going).map(ProcessHandle::isAlive)).contains(true);
    Daemon third = agent();
    var unused = third.awaitLine("registered with", LONG);
    Files.createFile(signs.resolve("stop-1"));
    await(1, ScheduleStatus.FINISHED);
    assertThat(new Wire(observer).get("/vars").body())
        .contains("agent_tasks_finished 1")
        .contains("agent_updates_pending 0");
  }

  @Test
  public void aSecondAgentOnTheSameDirectoryIsRefused() {
    Daemon first = agent();
    var unused = first.awaitLine("registered with", LONG);
    Daemon second = agent(0);
    assertThat(second.awaitExit(LONG)).isEqualTo(Main.FAILED);
    assertThat(second.output())
        .anySatisfy(
            line ->
                assertThat(line)
                    .startsWith("borealis agent: --work-dir: another agent uses " + workDir));
    assertThat(first.isAlive()).isTrue();
  }

  @Test
  public void aPortThatIsTakenIsNamed() {
    Daemon agent = agent(port);
    assertThat(agent.awaitExit(LONG)).isEqualTo(Main.FAILED);
    assertThat(agent.output())
        .anySatisfy(
            line ->
                assertThat(line).startsWith("borealis agent: --observer-port: 127.0.0.1:" + port));
  }

  @Test
  public void whatCannotBeReadIsAMistakeOfTheCaller() {
    Daemon agent = agent("--resources=cpus:many");
    assertThat(agent.awaitExit(LONG)).isEqualTo(Main.USAGE);
    assertThat(agent.output())
        .anySatisfy(line -> assertThat(line).contains("'cpus:many' is no number"));
  }
}
