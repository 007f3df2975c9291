package io.borealis.agent.runner;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.agent.checkpoint.Checkpoint;
import io.borealis.agent.checkpoint.CheckpointException;
import io.borealis.agent.checkpoint.CheckpointPaths;
import io.borealis.agent.checkpoint.ProcessUpdate;
import io.borealis.agent.job.ProcessLogger;
import io.borealis.agent.job.TaskProcess;
import io.borealis.agent.process.Coordinators;
import io.borealis.agent.process.Launch;
import io.borealis.agent.process.LaunchException;
import io.borealis.agent.process.LogPlan;
import io.borealis.agent.process.ProcEntry;
import io.borealis.agent.process.ProcTable;
import io.borealis.agent.process.RunPids;
import io.borealis.agent.process.StartedCoordinator;
import io.borealis.agent.process.TaskGroup;
import io.borealis.agent.process.TaskProcesses;
import io.borealis.runtime.Clock;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The real processes of one task. Confined to the loop of its runner. */
final class MachineRuns implements RunControl {
  private static final Logger log = LoggerFactory.getLogger(MachineRuns.class);

  /** What the system says when waiting may help. */
  private static final ImmutableSet<String> NO_ROOM =
      ImmutableSet.of("No space left on device", "Disk quota exceeded");

  private final RunnerSetup setup;
  private final CheckpointPaths paths;
  private final Coordinators coordinators;
  private final ProcTables tables;
  private final TaskProcesses processes;
  private final TaskGroup group;
  private final Clock clock;

  /** Called on any thread when a coordinator that was started here is gone. */
  private final Runnable onExit;

  /**
   * The coordinators that were started here and have not gone; threads of the JDK take them out.
   */
  private final Set<Integer> children = ConcurrentHashMap.newKeySet();

  /** Runs that are being killed, by process, with when that was last tried. */
  private final Map<String, Signalled> dying = new LinkedHashMap<>();

  /** Coordinators of ended runs that are known not to live. */
  private final Set<Integer> gone = new HashSet<>();

  /** Runs whose command is to be asked to end, by process, with since when. */
  private final Map<String, Signalled> asked = new LinkedHashMap<>();

  /** When something was last started or killed here. */
  private long changedNanos;

  MachineRuns(
      RunnerSetup setup,
      Coordinators coordinators,
      ProcTables tables,
      TaskProcesses processes,
      TaskGroup group,
      Clock clock,
      Runnable onExit) {
    this.setup = setup;
    this.paths = new CheckpointPaths(setup.checkpointRoot(), setup.taskId());
    this.coordinators = coordinators;
    this.tables = tables;
    this.processes = processes;
    this.group = group;
    this.clock = clock;
    this.onExit = onExit;
    this.changedNanos = clock.nanoTime();
  }

  @Override
  public ProcessUpdate launch(String process, int run, long seq)
      throws LaunchException, IOException {
    mend(process);
    StartedCoordinator coordinator = start(launchOf(process, run, seq));
    ProcessUpdate forked =
        ProcessUpdate.forked(process, seq, clock.wallMillis() / 1000.0, coordinator.pid());
    try (RecordSink stream = RecordSink.toFile(paths.coordinator(process))) {
      stream.append(Checkpoint.of(forked));
    } catch (IOException e) {
      coordinator.abandon();
      throw e;
    }
    changedNanos = clock.nanoTime();
    go(coordinator);
    return forked;
  }

  private StartedCoordinator start(Launch launch) throws LaunchException, IOException {
    try {
      return coordinators.start(launch);
    } catch (LaunchException e) {
      if (e.getCause() instanceof FileSystemException cause && isNoRoom(cause)) {
        throw cause;
      }
      throw e;
    }
  }

  /** One that is gone already has started nothing, and its run will be found to be lost. */
  private void go(StartedCoordinator coordinator) {
    int pid = coordinator.pid();
    children.add(pid);
    gone.remove(pid);
    var unused =
        coordinator
            .exited()
            .thenRun(
                () -> {
                  children.remove(pid);
                  onExit.run();
                });
    try {
      coordinator.go();
    } catch (IOException e) {
      log.warn("{}: a coordinator died before its command: {}", setup.taskId(), e.toString());
    }
  }

  @Override
  public Living look(Run run) {
    RunPids pids = run.pids();
    if (children.contains(pids.coordinatorPid())) {
      return Living.ALL;
    }
    ProcTables.Look look = tables.recent();
    if (look.nanos() - run.forkedNanos() <= 0) {
      return Living.ALL;
    }
    boolean coordinator = isCoordinatorOf(pids, look.table());
    return new Living(coordinator, coordinator || !processes.ofRun(look.table(), pids).isEmpty());
  }

  @Override
  public boolean lingers(Run ended) {
    if (dying.containsKey(ended.process())) {
      return true;
    }
    RunPids pids = ended.pids();
    if (gone.contains(pids.coordinatorPid())) {
      return false;
    }
    // Its end was written by a former runner, which may have died before it could kill the rest.
    if (isCoordinatorOf(pids, tables.recent().table())) {
      kill(ended);
      return true;
    }
    gone.add(pids.coordinatorPid());
    return false;
  }

  @Override
  public boolean isBusy() {
    return !dying.isEmpty() || !asked.isEmpty();
  }

  @Override
  public void terminate(Run run) {
    asked.put(run.process(), new Signalled(run.pids(), clock.nanoTime()));
    ask();
  }

  @Override
  public void terminateStrays(Collection<Run> going) {
    for (ProcEntry entry : processes.strays(tables.recent().table(), pids(going))) {
      var unused = processes.terminate(entry);
    }
  }

  @Override
  public void kill(Run run) {
    changedNanos = clock.nanoTime();
    RunPids pids = run.pids();
    var unused = processes.killRun(tables.recent().table(), pids);
    dying.put(run.process(), new Signalled(pids, changedNanos));
  }

  @Override
  public void sweep() {
    ask();
    for (Map.Entry<String, Signalled> entry : Map.copyOf(dying).entrySet()) {
      Signalled run = entry.getValue();
      ProcTables.Look look = tables.after(run.nanos());
      if (look.nanos() - run.nanos() <= 0) {
        continue;
      }
      if (processes.killRun(look.table(), run.pids()) == 0) {
        dying.remove(entry.getKey());
        gone.add(run.pids().coordinatorPid());
      } else {
        dying.put(entry.getKey(), new Signalled(run.pids(), clock.nanoTime()));
      }
    }
  }

  /** Asks as soon as there is a look on which the commands must be seen. */
  private void ask() {
    for (Map.Entry<String, Signalled> entry : Map.copyOf(asked).entrySet()) {
      Signalled run = entry.getValue();
      ProcTables.Look look = tables.after(run.nanos());
      if (look.nanos() - run.nanos() > 0) {
        asked.remove(entry.getKey());
        terminate(look.table(), run.pids());
      }
    }
  }

  private void terminate(ProcTable table, RunPids pids) {
    for (ProcEntry entry : processes.ofRun(table, pids)) {
      if (entry.pid() == pids.commandPid().orElse(0)) {
        var unused = processes.terminate(entry);
      }
    }
  }

  @Override
  public boolean killRest() {
    ProcTables.Look look = tables.after(changedNanos);
    boolean isNewer = look.nanos() - changedNanos > 0;
    // Runs that have long been gone are not named: others may have their pids by now.
    int left =
        processes.killTask(look.table(), dying.values().stream().map(Signalled::pids).toList());
    if (left > 0) {
      changedNanos = clock.nanoTime();
    }
    return isNewer && left == 0;
  }

  private boolean isCoordinatorOf(RunPids pids, ProcTable table) {
    return table.isOurs(
        pids.coordinatorPid(), pids.forkTime(), OptionalInt.of(setup.account().uid()));
  }

  private static boolean isNoRoom(FileSystemException e) {
    return e.getReason() != null && NO_ROOM.contains(e.getReason());
  }

  /** A coordinator that died over a record has left half of it; its run has ended. */
  private void mend(String process) throws IOException, LaunchException {
    try {
      Streams.mend(paths.coordinator(process), record -> {});
    } catch (CheckpointException | Streams.DamagedException e) {
      throw new LaunchException(
          "The stream of process %s is damaged: %s".formatted(process, e.getMessage()), e);
    }
  }

  private Launch launchOf(String name, int run, long seq) {
    TaskProcess process = setup.task().process(name);
    return new Launch(
        name,
        seq,
        process.cmdline(),
        setup.sandbox(),
        paths.coordinator(name),
        CheckpointPaths.log(setup.logDir(), name, run),
        setup.consoleDir(),
        logs(process.logger()),
        setup.account(),
        setup.asAccount(),
        setup.preserveEnvironment(),
        group.processFiles(),
        group.maxProcesses());
  }

  private LogPlan logs(@Nullable ProcessLogger logger) {
    if (logger == null) {
      return setup.logs();
    }
    return new LogPlan(
        switch (logger.destination()) {
          case FILE -> LogPlan.Destination.FILE;
          case CONSOLE -> LogPlan.Destination.CONSOLE;
          case BOTH -> LogPlan.Destination.BOTH;
          case NONE -> LogPlan.Destination.NONE;
        },
        switch (logger.mode()) {
          case STANDARD -> LogPlan.Mode.STANDARD;
          case ROTATE -> LogPlan.Mode.ROTATE;
        },
        logger.rotation().logSizeBytes(),
        logger.rotation().backups());
  }

  private static ImmutableList<RunPids> pids(Collection<Run> runs) {
    return runs.stream()
        .filter(Run::hasCoordinator)
        .map(Run::pids)
        .collect(ImmutableList.toImmutableList());
  }

  /**
   * A run that got a signal.
   *
   * @param nanos when it was asked for, or last tried
   */
  private record Signalled(RunPids pids, long nanos) {}
}
