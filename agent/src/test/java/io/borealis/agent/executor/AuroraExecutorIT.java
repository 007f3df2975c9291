package io.borealis.agent.executor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.agent.health.HealthMetrics;
import io.borealis.agent.health.LocalHttp;
import io.borealis.agent.process.Accounts;
import io.borealis.agent.process.Coordinators;
import io.borealis.agent.process.Limits;
import io.borealis.agent.process.ProcReader;
import io.borealis.agent.runner.ProcTables;
import io.borealis.agent.runner.TaskRunners;
import io.borealis.api.AssignedTask;
import io.borealis.api.ExecutorConfig;
import io.borealis.api.Resource;
import io.borealis.api.TaskConfig;
import io.borealis.config.AgentSettings;
import io.borealis.runtime.SystemRuntimes;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Tasks that are real processes. */
public class AuroraExecutorIT {
  private static final String ASSUMED =
      "TASK_RUNNING No health-check defined, task is assumed healthy.";

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final AtomicReference<Throwable> unexpected = new AtomicReference<>();
  private final List<String> told = new CopyOnWriteArrayList<>();
  private final List<SystemRuntimes> agents = new CopyOnWriteArrayList<>();
  private AuroraExecutors executors;
  private TaskRun run;

  @Before
  public void setUp() throws Exception {
    executors = agent(Duration.ofSeconds(60));
  }

  @After
  public void tearDown() {
    agents.forEach(SystemRuntimes::close);
    assertThat(unexpected.get()).isNull();
  }

  /** What one agent process has. */
  private AuroraExecutors agent(Duration killPatience) throws Exception {
    SystemRuntimes runtimes = new SystemRuntimes((name, failure) -> unexpected.set(failure));
    agents.add(runtimes);
    Path work = folder.getRoot().toPath();
    Accounts accounts = Accounts.ofThisMachine();
    ProcReader reader = ProcReader.ofThisMachine();
    ProcTables tables = new ProcTables(reader::read, runtimes.clock());
    Executor io = runtimes.newPool("io", 2);
    Machine machine =
        new Machine(
            accounts,
            reader,
            tables,
            Limits.withoutCgroups("agent-1"),
            new TaskRunners(Coordinators.in(work), tables, runtimes.clock(), accounts.own().uid()),
            new LocalHttp(io),
            Optional.empty(),
            io);
    ExecutorSettings.Timings usual = ExecutorSettings.Timings.USUAL;
    return new AuroraExecutors(
        new ExecutorSettings(
            "host",
            new AgentSettings.Tasks(
                false,
                Optional.empty(),
                false,
                false,
                "file",
                "standard",
                100 << 20,
                5,
                4096,
                Duration.ofMinutes(2)),
            new AgentSettings.Announcer(
                Optional.empty(), "/aurora", false, Optional.empty(), Optional.empty()),
            new ExecutorSettings.Timings(
                usual.sandbox(),
                usual.start(),
                killPatience,
                usual.signal(),
                usual.withdraw(),
                usual.lastWords(),
                usual.release(),
                Duration.ofMillis(300),
                Duration.ofMillis(300))),
        machine,
        runtimes.clock(),
        new HealthMetrics(new SimpleMeterRegistry()),
        ImmutableList.of(runtimes.newLoop("tasks")));
  }

  private TaskExecutor task(String more, String cmdline) throws IOException {
    return task(more, cmdline, ImmutableMap.of(), 64 << 20, 64 << 20);
  }

  private TaskExecutor task(
      String more, String cmdline, ImmutableMap<String, Integer> ports, long ram, long disk)
      throws IOException {
    String data =
        """
        {"role": "%s", "environment": "test", "name": "job", "cluster": "c", %s
         "task": {"name": "t", "resources": {"cpu": 0.1, "ram": %d, "disk": %d},
          "processes": [{"name": "p", "min_duration": 0, "cmdline": "%s"}]}}
        """
            .formatted(
                Accounts.ofThisMachine().own().name(),
                more,
                ram,
                disk,
                cmdline.replace("\\", "\\\\").replace("\"", "\\\""));
    run =
        new TaskRun(
            AssignedTask.builder()
                .taskId("task-1")
                .slaveHost("localhost")
                .assignedPorts(ports)
                .instanceId(3)
                .task(
                    TaskConfig.builder()
                        .executorConfig(new ExecutorConfig("AuroraExecutor", data))
                        .resources(
                            ImmutableSet.of(
                                new Resource.NumCpus(0.1), new Resource.RamMb(ram >> 20)))
                        .build())
                .build(),
            folder.newFolder("run").toPath());
    return create();
  }

  private TaskExecutor create() {
    return executors.create(
        run,
        (state, message, reason) ->
            told.add(
                state
                    + (message == null ? "" : " " + message)
                    + (reason == null ? "" : " " + reason)));
  }

  private void await(int statuses) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (told.size() < statuses) {
      assertThat(System.nanoTime() - deadline).as("told: %s", told).isNegative();
      Thread.sleep(20);
    }
  }

  private void awaitFile(Path file) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!Files.exists(file)) {
      assertThat(System.nanoTime() - deadline).as("no %s, told: %s", file, told).isNegative();
      Thread.sleep(20);
    }
  }

  private String log(String name) throws IOException {
    return Files.readString(run.sandbox().resolve(".logs/p/0").resolve(name), UTF_8);
  }

  @Test
  public void aTaskRunsInItsSandboxAndFinishes() throws Exception {
    task("", "pwd; echo instance {{mesos.instance}}").launch();
    await(3);
    assertThat(told).containsExactly("TASK_STARTING", ASSUMED, "TASK_FINISHED Task finished.");
    assertThat(log("stdout")).isEqualTo(run.sandbox() + "\ninstance 3\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(run.sandbox())))
        .isEqualTo("rwx------");
    assertThat(run.description()).exists();
  }

  @Test
  public void aTaskThatFailsIsToldToHaveFailed() throws Exception {
    task("", "exit 3").launch();
    await(3);
    assertThat(told).endsWith("TASK_FAILED Task failed.");
  }

  @Test
  public void aTaskThatIsKilledIsGone() throws Exception {
    TaskExecutor executor = task("", "echo $$ > pid; sleep 300");
    executor.launch();
    await(2);
    awaitFile(run.sandbox().resolve("pid"));
    executor.kill();
    await(3);
    assertThat(told).endsWith("TASK_KILLED Instructed to kill task.");
    long pid = Long.parseLong(Files.readString(run.sandbox().resolve("pid")).strip());
    assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
  }

  @Test
  public void aTaskThatIgnoresWhatItIsAskedIsKilledAfterAWhile() throws Exception {
    executors = agent(Duration.ofSeconds(2));
    TaskExecutor executor = task("", "trap '' TERM; touch ready; while true; do sleep 0.2; done");
    executor.launch();
    awaitFile(run.sandbox().resolve("ready"));
    executor.kill();
    await(3);
    assertThat(told).endsWith("TASK_KILLED Instructed to kill task.");
  }

  @Test
  public void aTaskWhoseShellCheckSucceedsRunsAndFailsWhenItFails() throws Exception {
    TaskExecutor executor =
        task(
            "\"health_check_config\": {\"interval_secs\": 0.2, \"initial_interval_secs\": 20,"
                + " \"timeout_secs\": 20, \"health_checker\": {\"shell\": {\"shell_command\":"
                + " \"test -f sandbox/healthy\"}}},",
            "sleep 1; touch healthy; sleep 300");
    executor.launch();
    await(2);
    assertThat(told).containsExactly("TASK_STARTING", "TASK_RUNNING Task is healthy.");
    assertThat(run.sandbox().resolve("healthy")).exists();
    Files.delete(run.sandbox().resolve("healthy"));
    // Of the initial interval, failures are forgiven for some time.
    await(3);
    assertThat(told.get(2))
        .isEqualTo(
            "TASK_FAILED Failed health check! Command 'test -f sandbox/healthy' returned non-zero"
                + " exit status 1 with output ''");
  }

  @Test
  public void aTaskThatServesHealthIsAskedToQuit() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    String server =
        """
        exec %s -cp %s %s {{thermos.ports[health]}}"""
            .formatted(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                Path.of(
                    QuittingServer.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI()),
                QuittingServer.class.getName());
    TaskExecutor executor =
        task(
            "\"health_check_config\": {\"interval_secs\": 0.5, \"initial_interval_secs\": 60,"
                + " \"timeout_secs\": 5},",
            server,
            ImmutableMap.of("health", port),
            1L << 30,
            64 << 20);
    executor.launch();
    await(2);
    assertThat(told).containsExactly("TASK_STARTING", "TASK_RUNNING Task is healthy.");
    executor.kill();
    await(3);
    assertThat(told).endsWith("TASK_KILLED Instructed to kill task.");
    assertThat(Files.readString(run.sandbox().resolve("asked"))).isEqualTo("POST /quitquitquit");
  }

  @Test
  public void aTaskThatFillsItsDiskFails() throws Exception {
    task("", "head -c 2000000 /dev/zero > big; sleep 300", ImmutableMap.of(), 64 << 20, 1 << 20)
        .launch();
    await(3);
    assertThat(told.get(2))
        .startsWith("TASK_FAILED Disk limit exceeded.  Reserved 1048576 bytes vs used 2")
        .endsWith(" bytes. REASON_CONTAINER_LIMITATION_DISK");
  }

  @Test
  public void aTaskThatTakesTooMuchMemoryFails() throws Exception {
    task(
            "",
            "x=$(head -c 60000000 /dev/zero | tr '\\0' x); sleep 300",
            ImmutableMap.of(),
            30 << 20,
            64 << 20)
        .launch();
    await(3);
    assertThat(told.get(2))
        .startsWith("TASK_FAILED Memory limit exceeded.")
        .endsWith(" REASON_CONTAINER_LIMITATION_MEMORY");
  }

  @Test
  public void whatCannotBeRunIsRefusedInPlainWords() throws Exception {
    TaskExecutor executor = task("", "true");
    TaskConfig config = run.task().task();
    run =
        new TaskRun(
            run.task().toBuilder()
                .task(
                    config.toBuilder()
                        .executorConfig(new ExecutorConfig("Other", config.executorConfig().data()))
                        .build())
                .build(),
            run.directory());
    create().launch();
    await(2);
    assertThat(told)
        .containsExactly(
            "TASK_STARTING",
            "TASK_FAILED The task is made for the executor 'Other'; this agent runs only tasks for"
                + " AuroraExecutor.");
    executor.detach();
  }

  @Test
  public void aTaskGoesOnOverARestartOfTheAgentWithoutBeingToldAgain() throws Exception {
    TaskExecutor executor = task("", "echo x >> begun; while [ ! -f finish ]; do sleep 0.1; done");
    executor.launch();
    await(2);
    awaitFile(run.sandbox().resolve("begun"));
    restart(executor);
    create().recover(true);
    Thread.sleep(300);
    assertThat(told).isEmpty();
    Files.createFile(run.sandbox().resolve("finish"));
    await(1);
    assertThat(told).containsExactly("TASK_FINISHED Task finished.");
    assertThat(Files.readString(run.sandbox().resolve("begun"))).isEqualTo("x\n");
  }

  @Test
  public void aTaskThatEndedWhileNoAgentWasThereIsToldAsItEnded() throws Exception {
    TaskExecutor executor =
        task("", "touch begun; while [ ! -f finish ]; do sleep 0.1; done; exit 5");
    executor.launch();
    await(2);
    awaitFile(run.sandbox().resolve("begun"));
    restart(executor);
    Files.createFile(run.sandbox().resolve("finish"));
    Thread.sleep(1000);
    create().recover(true);
    await(1);
    assertThat(told).containsExactly("TASK_FAILED Task failed.");
  }

  @Test
  public void aTaskWhoseAgentDiedWhileItWasBeingKilledIsKilledOn() throws Exception {
    TaskExecutor executor = task("", "trap '' TERM; touch begun; while true; do sleep 0.1; done");
    executor.launch();
    await(2);
    awaitFile(run.sandbox().resolve("begun"));
    executor.kill();
    awaitFile(run.stopping());
    restart(executor);
    executors = agent(Duration.ofSeconds(1));
    create().recover(true);
    await(1);
    assertThat(told).containsExactly("TASK_KILLED Instructed to kill task.");
  }

  /** The agent process dies, and the next one begins. */
  private void restart(TaskExecutor executor) throws Exception {
    executor.detach();
    Thread.sleep(200);
    agents.forEach(SystemRuntimes::close);
    told.clear();
    executors = agent(Duration.ofSeconds(60));
  }
}
