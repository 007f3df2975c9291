package io.borealis.agent.process;

import com.google.common.collect.ImmutableList;
import io.borealis.agent.checkpoint.Checkpoint;
import io.borealis.agent.checkpoint.CheckpointReader;
import io.borealis.agent.checkpoint.CheckpointWriter;
import io.borealis.agent.checkpoint.ProcessUpdate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Starts real commands below a directory, one sandbox for all of them. One thread. */
final class Workshop {
  static final long SEQ = 7;

  final Path directory;
  final Path sandbox;
  final Coordinators coordinators;
  private final List<RunPids> runs = new ArrayList<>();

  Workshop(Path directory) throws Exception {
    this.directory = directory.toRealPath();
    this.sandbox = Files.createDirectories(this.directory.resolve("sand box"));
    this.coordinators = Coordinators.in(this.directory.resolve("work"));
  }

  Launch launch(String process, String command) {
    return new Launch(
        process,
        SEQ,
        command,
        sandbox,
        directory.resolve("coordinator." + process),
        sandbox.resolve(".logs").resolve(process).resolve("0"),
        directory,
        LogPlan.STANDARD,
        Accounts.ofThisMachine().own(),
        false,
        false,
        ImmutableList.of(),
        OptionalLong.empty());
  }

  static Launch with(Launch launch, LogPlan logs) {
    return new Launch(
        launch.process(),
        launch.forkedSeq(),
        launch.commandLine(),
        launch.sandbox(),
        launch.stream(),
        launch.logDirectory(),
        launch.consoleDirectory(),
        logs,
        launch.account(),
        launch.asAccount(),
        launch.preserveEnvironment(),
        launch.cgroupFiles(),
        launch.maxProcesses());
  }

  static Launch with(Launch launch, Account account, boolean asAccount, boolean preserve) {
    return new Launch(
        launch.process(),
        launch.forkedSeq(),
        launch.commandLine(),
        launch.sandbox(),
        launch.stream(),
        launch.logDirectory(),
        launch.consoleDirectory(),
        launch.logs(),
        account,
        asAccount,
        preserve,
        launch.cgroupFiles(),
        launch.maxProcesses());
  }

  static Launch with(Launch launch, TaskGroup group) {
    return new Launch(
        launch.process(),
        launch.forkedSeq(),
        launch.commandLine(),
        launch.sandbox(),
        launch.stream(),
        launch.logDirectory(),
        launch.consoleDirectory(),
        launch.logs(),
        launch.account(),
        launch.asAccount(),
        launch.preserveEnvironment(),
        group.processFiles(),
        group.maxProcesses());
  }

  /** Starts the command as a runner would. */
  Going start(Launch launch) throws Exception {
    StartedCoordinator coordinator = coordinators.start(launch);
    double forkTime = System.currentTimeMillis() / 1000.0;
    append(
        launch.stream(),
        ProcessUpdate.forked(launch.process(), launch.forkedSeq(), forkTime, coordinator.pid()));
    runs.add(RunPids.forked(coordinator.pid(), forkTime));
    coordinator.go();
    return new Going(launch, coordinator, forkTime);
  }

  Going start(String process, String command) throws Exception {
    return start(launch(process, command));
  }

  /** Runs the command to its end. */
  ProcessUpdate run(String process, String command) throws Exception {
    return start(process, command).end();
  }

  static void append(Path stream, ProcessUpdate update) throws IOException {
    try (CheckpointWriter writer = CheckpointWriter.open(stream)) {
      writer.append(Checkpoint.of(update));
    }
  }

  static ImmutableList<ProcessUpdate> records(Path stream) throws Exception {
    ImmutableList.Builder<ProcessUpdate> records = ImmutableList.builder();
    try (CheckpointReader reader = CheckpointReader.open(stream)) {
      for (Checkpoint next = reader.tryNext(); next != null; next = reader.tryNext()) {
        records.add(next.process());
      }
    }
    return records.build();
  }

  static void await(String what, BooleanSupplier condition) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("Not within a minute: " + what);
      }
      Thread.sleep(20);
    }
  }

  TaskProcesses processes(TaskGroup group) {
    return new TaskProcesses(ProcReader.ofThisMachine(), sandbox, OptionalInt.empty(), group);
  }

  /** Kills all that was started here. */
  void clear() throws Exception {
    TaskProcesses processes = processes(noGroup());
    await(
        "nothing is left", () -> processes.killTask(ProcReader.ofThisMachine().read(), runs) == 0);
  }

  static TaskGroup noGroup() throws IOException {
    return Limits.withoutCgroups("none")
        .group("none", new TaskLimits(1, Long.MAX_VALUE, OptionalLong.empty()));
  }

  /** A run that was started. */
  static final class Going {
    final Launch launch;
    final StartedCoordinator coordinator;
    final double forkTime;

    Going(Launch launch, StartedCoordinator coordinator, double forkTime) {
      this.launch = launch;
      this.coordinator = coordinator;
      this.forkTime = forkTime;
    }

    /** Waits until the command runs, and returns its pid. */
    int pid() throws Exception {
      return running().pid();
    }

    ProcessUpdate running() throws Exception {
      return record(1);
    }

    ProcessUpdate end() throws Exception {
      return record(2);
    }

    RunPids pids() throws Exception {
      ProcessUpdate running = running();
      return RunPids.forked(coordinator.pid(), forkTime)
          .running(running.pid(), running.startTime());
    }

    private ProcessUpdate record(int number) throws Exception {
      List<ProcessUpdate> found = new ArrayList<>();
      await(
          "record " + number + " of " + launch.process(),
          () -> {
            try {
              found.clear();
              found.addAll(records(launch.stream()));
              return found.size() > number;
            } catch (Exception e) {
              throw new AssertionError(e);
            }
          });
      return found.get(number);
    }

    String out() throws IOException {
      return Files.readString(launch.logDirectory().resolve("stdout"));
    }

    String err() throws IOException {
      return Files.readString(launch.logDirectory().resolve("stderr"));
    }
  }
}
