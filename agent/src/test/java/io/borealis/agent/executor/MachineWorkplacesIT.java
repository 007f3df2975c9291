package io.borealis.agent.executor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.Assume.assumeTrue;

import com.google.common.collect.ImmutableMap;
import io.borealis.agent.announce.Announcement;
import io.borealis.agent.announce.Announcer;
import io.borealis.agent.checkpoint.CheckpointPaths;
import io.borealis.agent.executor.Workplaces.SandboxException;
import io.borealis.agent.executor.Workplaces.Workplace;
import io.borealis.agent.health.CheckResult;
import io.borealis.agent.health.LocalHttp;
import io.borealis.agent.job.InvalidTaskException;
import io.borealis.agent.process.Accounts;
import io.borealis.agent.process.Coordinators;
import io.borealis.agent.process.Limits;
import io.borealis.agent.process.ProcReader;
import io.borealis.agent.runner.ProcTables;
import io.borealis.agent.runner.TaskRunners;
import io.borealis.api.AssignedTask;
import io.borealis.api.ExecutorConfig;
import io.borealis.api.JobKey;
import io.borealis.api.TaskConfig;
import io.borealis.config.AgentSettings;
import io.borealis.runtime.EventLoop;
import io.borealis.runtime.SystemRuntimes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Places of tasks on this machine; some need root. */
public class MachineWorkplacesIT {
  private static final String SOMEBODY = "nobody";

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final AtomicReference<Throwable> unexpected = new AtomicReference<>();
  private final SystemRuntimes runtimes =
      new SystemRuntimes((name, failure) -> unexpected.set(failure));
  private final EventLoop loop = runtimes.newLoop("task");
  private final List<String> announced = new ArrayList<>();
  private final Accounts accounts = Accounts.ofThisMachine();
  private Path dir;

  @Before
  public void setUp() throws Exception {
    dir = folder.newFolder("run").toPath();
    for (Path above : List.of(dir, folder.getRoot().toPath())) {
      Files.setPosixFilePermissions(above, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }

  @After
  public void tearDown() {
    runtimes.close();
    assertThat(unexpected.get()).isNull();
  }

  private MachineWorkplaces workplaces(boolean runAsRole, boolean allowCustomPath)
      throws Exception {
    ProcReader reader = ProcReader.ofThisMachine();
    ProcTables tables = new ProcTables(reader::read, runtimes.clock());
    Executor io = runtimes.newPool("io", 2);
    return new MachineWorkplaces(
        new ExecutorSettings(
            "host",
            new AgentSettings.Tasks(
                runAsRole,
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
                Optional.of("zk:2181"),
                "/aurora",
                allowCustomPath,
                Optional.of("known-as"),
                Optional.empty()),
            ExecutorSettings.Timings.USUAL),
        new Machine(
            accounts,
            reader,
            tables,
            Limits.withoutCgroups("agent-1"),
            new TaskRunners(
                Coordinators.in(folder.getRoot().toPath()),
                tables,
                runtimes.clock(),
                accounts.own().uid()),
            new LocalHttp(io),
            Optional.of(this::announcer),
            io));
  }

  private Announcer announcer(
      String path, Announcement announcement, EventLoop ignored, Announcer.Listener listener) {
    announced.add(path + " " + new String(announcement.toBytes(), UTF_8));
    return new Announcer() {
      @Override
      public void start(Optional<Duration> patience) {}

      @Override
      public CompletionStage<Void> withdraw() {
        return CompletableFuture.completedStage(null);
      }

      @Override
      public void detach() {}
    };
  }

  private TaskRun run(String role, String more) {
    String data =
        """
        {"role": "%s", "environment": "test", "name": "job", "cluster": "c", %s
         "task": {"name": "t", "resources": {"cpu": 0.1, "ram": 1048576, "disk": 1048576},
          "processes": [{"name": "p", "cmdline": "true"}]}}
        """
            .formatted(role, more);
    return new TaskRun(
        AssignedTask.builder()
            .taskId("task-1")
            .slaveHost("localhost")
            .assignedPorts(ImmutableMap.of("http", 31000))
            .instanceId(3)
            .task(
                TaskConfig.builder()
                    .job(new JobKey(role, "test", "job"))
                    .executorConfig(new ExecutorConfig("AuroraExecutor", data))
                    .build())
            .build(),
        dir);
  }

  private void assumeRoot() throws Exception {
    assumeTrue(accounts.own().uid() == 0 && Files.exists(Path.of("/usr/bin/setpriv")));
    accounts.named(SOMEBODY);
  }

  @Test
  public void aSandboxBelongsToItsRoleAlone() throws Exception {
    assumeRoot();
    TaskRun run = run(SOMEBODY, "");
    Workplace place = workplaces(true, false).prepare(run, loop);
    assertThat(place.isBegun()).isFalse();
    assertThat(Files.getAttribute(run.sandbox(), "unix:uid"))
        .isEqualTo(accounts.named(SOMEBODY).uid());
    assertThat(Files.getAttribute(run.sandbox(), "unix:gid"))
        .isEqualTo(accounts.named(SOMEBODY).gid());
    assertThat(Files.getPosixFilePermissions(run.sandbox()))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    assertThat(Files.getAttribute(run.directory(), "unix:uid")).isEqualTo(0);
  }

  @Test
  public void aShellCheckRunsAsTheRole() throws Exception {
    assumeRoot();
    TaskRun run =
        run(
            SOMEBODY,
            "\"health_check_config\": {\"timeout_secs\": 30, \"health_checker\": {\"shell\":"
                + " {\"shell_command\": \"id -un; echo $HOME; pwd; exit 1\"}}},");
    Workplace place = workplaces(true, false).prepare(run, loop);
    CheckResult result =
        place.healthCheck().orElseThrow().check().toCompletableFuture().get(60, TimeUnit.SECONDS);
    assertThat(((CheckResult.Unhealthy) result).reason())
        .endsWith(
            " exit status 1 with output '%s\n%s\n%s\n'".formatted(SOMEBODY, run.sandbox(), dir));
  }

  @Test
  public void aShellCheckHasNoSignalBlocked() throws Exception {
    TaskRun run =
        run(
            "www",
            "\"health_check_config\": {\"timeout_secs\": 30, \"health_checker\": {\"shell\":"
                + " {\"shell_command\": \"grep SigBlk /proc/self/status; exit 1\"}}},");
    Workplace place = workplaces(false, false).prepare(run, loop);
    CheckResult result =
        place.healthCheck().orElseThrow().check().toCompletableFuture().get(60, TimeUnit.SECONDS);
    assertThat(((CheckResult.Unhealthy) result).reason())
        .endsWith(" exit status 1 with output 'SigBlk:\t0000000000000000\n'");
  }

  @Test
  public void aShellCheckIsBoundAsItsTaskIs() throws Exception {
    TaskRun run =
        run(
            "www",
            "\"health_check_config\": {\"timeout_secs\": 30, \"health_checker\": {\"shell\":"
                + " {\"shell_command\": \"[[ $(ulimit -u) -le 4096 ]]\"}}},");
    Workplace place = workplaces(false, false).prepare(run, loop);
    CheckResult result =
        place.healthCheck().orElseThrow().check().toCompletableFuture().get(60, TimeUnit.SECONDS);
    assertThat(result).isEqualTo(CheckResult.healthy());
  }

  @Test
  public void aRoleWithoutAccountHasNoSandbox() throws Exception {
    TaskRun run = run("no-such-role", "");
    assertThatThrownBy(() -> workplaces(true, false).prepare(run, loop))
        .isInstanceOf(SandboxException.class)
        .hasMessage("There is no account named 'no-such-role' on this machine.");
    assertThat(run.sandbox()).doesNotExist();
  }

  @Test
  public void aTaskThatBeganIsFoundAgainAlthoughItsAccountIsGone() throws Exception {
    TaskRun run = run("no-such-role", "");
    Files.createDirectories(run.sandbox());
    CheckpointPaths paths = new CheckpointPaths(run.checkpoints(), "task-1");
    Files.createDirectories(paths.streams());
    Files.createFile(paths.runner());
    assertThat(workplaces(true, false).prepare(run, loop).isBegun()).isTrue();
  }

  @Test
  public void withoutRunningAsRolesNobodyNeedsAnAccount() throws Exception {
    Workplace place = workplaces(false, false).prepare(run("no-such-role", ""), loop);
    assertThat(place.healthCheck()).isEmpty();
    assertThat(place.teardown()).isEmpty();
    assertThat(place.diskReserved()).hasValue(1048576);
  }

  @Test
  public void aTaskIsAnnouncedWhereItsJobBelongs() throws Exception {
    TaskRun run = run("www", "\"announce\": {\"primary_port\": \"http\"},");
    assertThat(workplaces(false, false).prepare(run, loop).announcer(message -> {})).isPresent();
    assertThat(announced)
        .containsExactly(
            "/aurora/www/test/job {\"serviceEndpoint\": {\"host\": \"known-as\", \"port\": 31000},"
                + " \"additionalEndpoints\": {\"http\": {\"host\": \"known-as\", \"port\": 31000},"
                + " \"aurora\": {\"host\": \"known-as\", \"port\": 31000}}, \"status\": \"ALIVE\","
                + " \"shard\": 3}");
  }

  @Test
  public void aPathOfTheJobsOwnIsUsedOnlyWhereThatIsAllowed() throws Exception {
    TaskRun run = run("www", "\"announce\": {\"zk_path\": \"/my/place\"},");
    assertThatThrownBy(() -> workplaces(false, false).prepare(run, loop))
        .isInstanceOf(InvalidTaskException.class)
        .hasMessageContaining("/my/place")
        .hasMessageContaining("--announcer-allow-custom-serverset-path");
    assertThat(workplaces(false, true).prepare(run, loop).announcer(message -> {})).isPresent();
    assertThat(announced.get(0)).startsWith("/my/place ");
  }

  @Test
  public void aTaskThatIsNotAnnouncedHasNoAnnouncer() throws Exception {
    assertThat(workplaces(false, false).prepare(run("www", ""), loop).announcer(message -> {}))
        .isEmpty();
    assertThat(announced).isEmpty();
  }

  @Test
  public void healthAndTeardownUseTheirPortsAndTheFileThatSnoozes() throws Exception {
    TaskRun run =
        run(
            "www",
            "\"announce\": {\"primary_port\": \"http\", \"portmap\": {\"health\": \"http\"}},");
    Workplace place = workplaces(false, false).prepare(run, loop);
    assertThat(place.healthCheck()).isPresent();
    assertThat(place.teardown().orElseThrow().port()).isEqualTo(31000);
    assertThat(place.isSnoozed()).isFalse();
    Files.createFile(run.sandbox().resolve(".healthchecksnooze"));
    assertThat(place.isSnoozed()).isTrue();
  }
}
