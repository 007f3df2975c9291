package io.borealis.agent.executor;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.collect.ImmutableList;
import io.borealis.agent.announce.AnnouncePaths;
import io.borealis.agent.checkpoint.CheckpointPaths;
import io.borealis.agent.job.InvalidTaskException;
import io.borealis.agent.job.RunnerTask;
import io.borealis.agent.job.TaskInstance;
import io.borealis.agent.process.Account;
import io.borealis.agent.process.CleanSignals;
import io.borealis.agent.process.Limits;
import io.borealis.agent.process.LogPlan;
import io.borealis.agent.process.TaskGroup;
import io.borealis.agent.process.TaskLimits;
import io.borealis.agent.process.TaskProcesses;
import io.borealis.agent.process.UnknownAccountException;
import io.borealis.agent.runner.RunnerSetup;
import io.borealis.api.AssignedTask;
import io.borealis.api.Resource;
import io.borealis.config.AgentSettings;
import io.borealis.runtime.EventLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes room for tasks on the real machine. Thread-safe. */
final class MachineWorkplaces implements Workplaces {
  private static final Logger LOG = LoggerFactory.getLogger(MachineWorkplaces.class);

  private final ExecutorSettings settings;
  private final Machine machine;
  private final ImmutableList<String> cleanSignals = CleanSignals.words();

  MachineWorkplaces(ExecutorSettings settings, Machine machine) {
    this.settings = settings;
    this.machine = machine;
  }

  @Override
  public Workplace prepare(TaskRun run, EventLoop loop)
      throws InvalidTaskException, SandboxException {
    AssignedTask assigned = run.task();
    Supported.check(assigned);
    TaskInstance instance = TaskInstance.parse(assigned);
    if (!instance.portsWithoutNumber().isEmpty()) {
      LOG.warn("{}: ports without a number: {}", taskId(run), instance.portsWithoutNumber());
    }
    Optional<String> announced = announcePath(assigned, instance);
    CheckpointPaths paths = new CheckpointPaths(run.checkpoints(), taskId(run));
    boolean begun = Files.exists(paths.runner()) || Files.exists(paths.finished());
    boolean asAccount = settings.tasks().runAsRole();
    Account account = asAccount ? account(run, instance, begun) : machine.accounts().own();
    RunnerTask task = instance.bind(taskId(run), account.name(), instance.ports());
    if (!begun) {
      SandboxDirectory.make(run.sandbox(), asAccount ? Optional.of(account) : Optional.empty());
      describe(run, instance);
    }
    TaskGroup group = group(run, begun);
    TaskProcesses processes =
        new TaskProcesses(machine.processes(), run.sandbox(), OptionalInt.of(account.uid()), group);
    return new MachineWorkplace(
        settings,
        machine,
        run,
        loop,
        instance,
        setup(run, instance, task, account),
        group,
        processes,
        cleanSignals,
        announced,
        begun);
  }

  private static String taskId(TaskRun run) {
    return run.task().taskId();
  }

  /** A path of the job's own is used only where that is allowed. */
  private Optional<String> announcePath(AssignedTask assigned, TaskInstance instance)
      throws InvalidTaskException {
    if (machine.announcers().isEmpty() || instance.announcement().isEmpty()) {
      return Optional.empty();
    }
    String own = instance.announcement().get().zkPath();
    if (own != null && !settings.announcer().allowCustomPath()) {
      throw new InvalidTaskException(
          "The job is to be announced at %s (zk_path); this agent allows no paths of jobs' own,"
                  .formatted(own)
              + " see --announcer-allow-custom-serverset-path.");
    }
    String path =
        own != null
            ? own
            : AnnouncePaths.of(
                settings.announcer().root(),
                instance.role(),
                instance.environment(),
                assigned.task().job().name());
    Optional<String> problem = AnnouncePaths.problem(path);
    if (problem.isPresent()) {
      throw new InvalidTaskException(problem.get());
    }
    return Optional.of(path);
  }

  /** A task that runs already can be watched on although its account is gone. */
  private Account account(TaskRun run, TaskInstance instance, boolean begun)
      throws SandboxException {
    String name = settings.tasks().executeAsUser().orElse(instance.role());
    try {
      return machine.accounts().named(name);
    } catch (UnknownAccountException unknown) {
      if (begun) {
        LOG.warn("{}: {}", taskId(run), unknown.getMessage());
        return SandboxDirectory.owner(run.sandbox(), name);
      }
      throw new SandboxException(unknown.getMessage());
    }
  }

  /** For people, and for tools that look for it here. */
  private static void describe(TaskRun run, TaskInstance instance) throws SandboxException {
    try {
      Files.writeString(run.description(), instance.taskJson(), UTF_8);
    } catch (IOException failure) {
      throw new SandboxException("%s: %s".formatted(run.description(), failure));
    }
  }

  private TaskGroup group(TaskRun run, boolean begun) throws SandboxException {
    TaskLimits limits = limits(run);
    try {
      return machine.limits().group(taskId(run), limits);
    } catch (IOException failure) {
      if (begun) {
        LOG.warn("{}: its limits cannot be found", taskId(run), failure);
        return withoutLimits(run, limits);
      }
      throw new SandboxException("limits cannot be set: " + failure);
    }
  }

  private TaskLimits limits(TaskRun run) {
    double cpus = 0;
    long ramMb = 0;
    for (Resource resource : run.task().task().resources()) {
      if (resource instanceof Resource.NumCpus given) {
        cpus = given.value();
      } else if (resource instanceof Resource.RamMb given) {
        ramMb = given.value();
      }
    }
    return new TaskLimits(cpus, ramMb << 20, maxProcesses());
  }

  private OptionalLong maxProcesses() {
    int most = settings.tasks().maxProcesses();
    return most == 0 ? OptionalLong.empty() : OptionalLong.of(most);
  }

  private static TaskGroup withoutLimits(TaskRun run, TaskLimits limits) throws SandboxException {
    try {
      return Limits.withoutCgroups("").group(taskId(run), limits);
    } catch (IOException impossible) {
      throw new SandboxException("limits cannot be found: " + impossible);
    }
  }

  @Override
  public void abandon(TaskRun run) {
    if (!Files.exists(run.checkpoints())) {
      return;
    }
    try {
      TaskGroup group = withoutLimits(run, new TaskLimits(0, 0, OptionalLong.empty()));
      int killed =
          new TaskProcesses(machine.processes(), run.sandbox(), OptionalInt.empty(), group)
              .killTask(machine.tables().get(), ImmutableList.of());
      LOG.info("{}: {} processes were killed", taskId(run), killed);
    } catch (SandboxException impossible) {
      LOG.warn("{}: its processes cannot be found", taskId(run), impossible);
    }
  }

  private RunnerSetup setup(TaskRun run, TaskInstance instance, RunnerTask task, Account account) {
    Path sandbox = run.sandbox();
    String host = run.task().slaveHost();
    return new RunnerSetup(
        taskId(run),
        task,
        instance.ports(),
        run.checkpoints(),
        sandbox,
        sandbox.resolve(".logs"),
        run.directory(),
        host == null ? settings.hostname() : host,
        account,
        settings.tasks().runAsRole(),
        settings.tasks().preserveEnv(),
        logs(settings.tasks()));
  }

  private static LogPlan logs(AgentSettings.Tasks tasks) {
    return new LogPlan(
        LogPlan.Destination.valueOf(tasks.loggerDestination().toUpperCase(Locale.ROOT)),
        LogPlan.Mode.valueOf(tasks.loggerMode().toUpperCase(Locale.ROOT)),
        tasks.rotateLogSizeBytes(),
        tasks.rotateLogBackups());
  }
}
