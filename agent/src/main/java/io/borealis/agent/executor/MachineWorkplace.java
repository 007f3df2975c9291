package io.borealis.agent.executor;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.borealis.agent.announce.Announcement;
import io.borealis.agent.announce.Announcer;
import io.borealis.agent.checkpoint.CheckpointPaths;
import io.borealis.agent.checkpoint.TaskMonitor;
import io.borealis.agent.executor.Workplaces.Teardown;
import io.borealis.agent.executor.Workplaces.Workplace;
import io.borealis.agent.health.HealthCheck;
import io.borealis.agent.health.HttpHealthCheck;
import io.borealis.agent.health.ShellHealthCheck;
import io.borealis.agent.job.HealthCheckConfig;
import io.borealis.agent.job.TaskInstance;
import io.borealis.agent.process.Account;
import io.borealis.agent.process.DiskUsage;
import io.borealis.agent.process.GroupEntry;
import io.borealis.agent.process.TaskGroup;
import io.borealis.agent.process.TaskProcesses;
import io.borealis.agent.runner.RunnerSetup;
import io.borealis.agent.runner.TaskRunner;
import io.borealis.runtime.EventLoop;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** What surrounds one task on the real machine. As confined as the interface says. */
final class MachineWorkplace implements Workplace {
  private static final String SNOOZE = ".healthchecksnooze";
  private static final String PATH = "PATH";
  private static final String USUAL_PATH = "/usr/local/bin:/usr/bin:/bin";
  private static final int MOST_FILES = 1_000_000;

  private final ExecutorSettings settings;
  private final Machine machine;
  private final TaskRun run;
  private final EventLoop loop;
  private final TaskInstance instance;
  private final RunnerSetup setup;
  private final TaskGroup group;
  private final TaskProcesses processes;
  private final ImmutableList<String> cleanSignals;
  private final Optional<String> announcePath;
  private final boolean begun;
  private final MemorySample memory;

  MachineWorkplace(
      ExecutorSettings settings,
      Machine machine,
      TaskRun run,
      EventLoop loop,
      TaskInstance instance,
      RunnerSetup setup,
      TaskGroup group,
      TaskProcesses processes,
      ImmutableList<String> cleanSignals,
      Optional<String> announcePath,
      boolean begun) {
    this.settings = settings;
    this.machine = machine;
    this.run = run;
    this.loop = loop;
    this.instance = instance;
    this.setup = setup;
    this.group = group;
    this.processes = processes;
    this.cleanSignals = cleanSignals;
    this.announcePath = announcePath;
    this.begun = begun;
    this.memory =
        new MemorySample(
            machine.tables(),
            processes,
            group,
            new TaskMonitor(new CheckpointPaths(run.checkpoints(), setup.taskId())));
  }

  @Override
  public boolean isBegun() {
    return begun;
  }

  @Override
  public TaskRunner runner(TaskRunner.Listener listener) {
    return machine.runners().runner(setup, processes, group, loop, listener);
  }

  @Override
  public Optional<HealthCheck> healthCheck() {
    HealthCheckConfig config = instance.healthCheck();
    if (config.checker() instanceof HealthCheckConfig.Shell shell) {
      return Optional.of(
          new ShellHealthCheck(loop, machine.io(), shell(), shell.command(), config.timeout()));
    }
    HealthCheckConfig.Http http = (HealthCheckConfig.Http) config.checker();
    return Optional.ofNullable(instance.ports().get(HealthCheckConfig.Http.PORT))
        .map(
            port ->
                new HttpHealthCheck(
                    machine.http(),
                    loop,
                    port,
                    http.endpoint(),
                    new HttpHealthCheck.Expected(
                        http.expectedResponse(), http.expectedResponseCode()),
                    config.timeout()));
  }

  private ShellHealthCheck.Shell shell() {
    Account account = setup.account();
    boolean become = setup.asAccount() && !settings.tasks().nosetuidHealthChecks();
    String path = System.getenv(PATH);
    return new ShellHealthCheck.Shell(
        ImmutableList.<String>builder()
            .addAll(cleanSignals)
            .addAll(GroupEntry.words(group))
            .addAll(become ? account.become() : ImmutableList.of())
            .build(),
        run.directory(),
        run.directory().resolve("health-check.out"),
        setup.preserveEnvironment(),
        ImmutableMap.of(
            "HOME",
            run.sandbox().toString(),
            "LOGNAME",
            account.name(),
            "USER",
            account.name(),
            PATH,
            path == null ? USUAL_PATH : path,
            "MESOS_DIRECTORY",
            run.directory().toString(),
            "MESOS_SANDBOX",
            run.sandbox().toString()));
  }

  @Override
  public HealthCheckConfig healthConfig() {
    return instance.healthCheck();
  }

  @Override
  public boolean isSnoozed() {
    return Files.isRegularFile(run.sandbox().resolve(SNOOZE));
  }

  @Override
  public Optional<Teardown> teardown() {
    return instance
        .lifecycle()
        .flatMap(
            lifecycle ->
                Optional.ofNullable(instance.ports().get(lifecycle.port()))
                    .map(port -> new Teardown(port, lifecycle)));
  }

  @Override
  public Optional<Announcer> announcer(Announcer.Listener listener) {
    if (announcePath.isEmpty()
        || machine.announcers().isEmpty()
        || instance.announcement().isEmpty()) {
      return Optional.empty();
    }
    String primary = instance.announcement().get().primaryPort();
    Announcement announcement =
        new Announcement(
            settings.announcer().hostname().orElse(setup.hostname()),
            instance.ports().getOrDefault(primary, 0),
            announcedPorts(),
            instance.instance());
    return Optional.of(
        machine.announcers().get().announcer(announcePath.get(), announcement, loop, listener));
  }

  /** Assigned ones first, then the other names. */
  private ImmutableMap<String, Integer> announcedPorts() {
    Map<String, Integer> ports = new LinkedHashMap<>(run.task().assignedPorts());
    ports.keySet().retainAll(instance.ports().keySet());
    ports.putAll(instance.ports());
    return ImmutableMap.copyOf(ports);
  }

  @Override
  public OptionalLong diskReserved() {
    return setup.task().resources() == null
        ? OptionalLong.empty()
        : OptionalLong.of(setup.task().resources().diskBytes());
  }

  @Override
  public long diskUsed() {
    return DiskUsage.of(run.sandbox(), MOST_FILES).bytes();
  }

  @Override
  public Optional<String> memoryExceeded() {
    return group.memoryExceeded(memory.residentBytes());
  }

  @Override
  public boolean release() {
    // Of a task that is told to have ended nothing may live, whatever became of its runner.
    int left = processes.killTask(machine.tables().get(), ImmutableList.of());
    return group.remove() && left == 0;
  }
}
