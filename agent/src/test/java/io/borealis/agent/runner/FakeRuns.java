package io.borealis.agent.runner;

import io.borealis.agent.checkpoint.Checkpoint;
import io.borealis.agent.checkpoint.CheckpointPaths;
import io.borealis.agent.checkpoint.CheckpointWriter;
import io.borealis.agent.checkpoint.ProcessUpdate;
import io.borealis.agent.process.LaunchException;
import io.borealis.api.thermos.ProcessState;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A machine on virtual time that runs what it is told to pretend. Its coordinators write real
 * streams. It outlives runners, and notices if one starts what still runs. For one thread.
 */
final class FakeRuns implements RunControl {
  private static final Duration MOMENT = Duration.ofMillis(20);

  private final CheckpointPaths paths;
  private final Clock clock;
  private final EventLoop world;
  private final Map<String, Deque<Conduct>> conducts = new HashMap<>();
  private final List<Process> all = new ArrayList<>();
  private final List<String> signals = new ArrayList<>();
  private @Nullable Runnable onExit;
  private int nextPid = 1000;
  private boolean isDiskFull;

  FakeRuns(CheckpointPaths paths, Clock clock, EventLoop world) {
    this.paths = paths;
    this.clock = clock;
    this.world = world;
  }

  /** How a run goes. Without a life it goes on until it is killed. */
  record Conduct(
      @Nullable Duration life,
      int code,
      boolean deafToTerm,
      boolean diesWithoutRecord,
      boolean neverBegins,
      boolean leavesSomething,
      @Nullable String refusal) {
    static Conduct exits(int code) {
      return new Conduct(Duration.ofMillis(100), code, false, false, false, false, null);
    }

    static Conduct sleeps(Duration life) {
      return new Conduct(life, 0, false, false, false, false, null);
    }

    static Conduct runsForEver() {
      return new Conduct(null, 0, false, false, false, false, null);
    }

    static Conduct refused(String why) {
      return new Conduct(null, 0, false, false, false, false, why);
    }

    Conduct deaf() {
      return new Conduct(life, code, true, diesWithoutRecord, neverBegins, leavesSomething, null);
    }

    /** Its coordinator dies at the end of its life, and the command goes on. */
    Conduct coordinatorDies() {
      return new Conduct(life, code, deafToTerm, true, neverBegins, leavesSomething, null);
    }

    Conduct neverBeginning() {
      return new Conduct(life, code, deafToTerm, diesWithoutRecord, true, leavesSomething, null);
    }

    Conduct leaving() {
      return new Conduct(life, code, deafToTerm, diesWithoutRecord, neverBegins, true, null);
    }
  }

  /** What the next runs of a process do; the last goes for all after it. */
  void script(String process, Conduct... runs) {
    conducts.put(process, new ArrayDeque<>(List.of(runs)));
  }

  void listen(Runnable listener) {
    onExit = listener;
  }

  void fillDisk(boolean full) {
    isDiskFull = full;
  }

  /** Signals sent so far, such as {@code TERM p}, oldest first. */
  List<String> signals() {
    return signals;
  }

  boolean isAnythingLeft() {
    return all.stream().anyMatch(Process::isAnythingLeft);
  }

  int launches(String process) {
    return (int) all.stream().filter(run -> run.name.equals(process)).count();
  }

  /** Kills the coordinator of the newest run from outside. */
  void killCoordinator(String process) {
    newest(process).coordinator = false;
    exited();
  }

  /** Kills the command of the newest run from outside. */
  void killCommand(String process, int signal) {
    end(newest(process), -signal);
  }

  @Override
  public ProcessUpdate launch(String name, int number, long seq)
      throws LaunchException, IOException {
    Deque<Conduct> script = conducts.getOrDefault(name, new ArrayDeque<>());
    Conduct conduct = script.isEmpty() ? Conduct.exits(0) : script.element();
    if (script.size() > 1) {
      script.remove();
    }
    if (conduct.refusal() != null) {
      throw new LaunchException(conduct.refusal());
    }
    if (all.stream().anyMatch(run -> run.name.equals(name) && run.coordinator)) {
      throw new AssertionError("A second run of " + name + " beside a living one");
    }
    if (isDiskFull) {
      throw new IOException("No space left on device");
    }
    Process run = new Process(name, seq, conduct, nextPid++);
    ProcessUpdate forked = ProcessUpdate.forked(name, seq, seconds(), run.coordinatorPid);
    write(run, forked);
    all.add(run);
    world.schedule(MOMENT, () -> begin(run));
    return forked;
  }

  @Override
  public Living look(Run run) {
    Process process = find(run);
    return new Living(
        process.coordinator, process.coordinator || process.command || process.leftover);
  }

  @Override
  public boolean lingers(Run ended) {
    return false;
  }

  @Override
  public void terminate(Run run) {
    signals.add("TERM " + run.process());
    Process process = find(run);
    if (!process.conduct.deafToTerm()) {
      world.schedule(MOMENT, () -> end(process, -15));
    }
  }

  @Override
  public void terminateStrays(Collection<Run> going) {
    signals.add("TERM strays");
  }

  @Override
  public void kill(Run run) {
    Process process = find(run);
    if (process.isAnythingLeft()) {
      signals.add("KILL " + run.process());
      process.killAll();
      exited();
    }
  }

  @Override
  public void sweep() {}

  @Override
  public boolean isBusy() {
    return false;
  }

  @Override
  public boolean killRest() {
    boolean left = isAnythingLeft();
    all.forEach(Process::killAll);
    return !left;
  }

  private void begin(Process run) {
    if (!run.coordinator || run.conduct.neverBegins()) {
      return;
    }
    run.command = true;
    write(run, ProcessUpdate.running(run.name, run.seq + 1, seconds(), run.commandPid));
    Duration life = run.conduct.life();
    if (life != null) {
      world.schedule(life, () -> live(run));
    }
  }

  private void live(Process run) {
    if (run.conduct.diesWithoutRecord()) {
      run.coordinator = false;
      exited();
    } else {
      end(run, run.conduct.code());
    }
  }

  private void end(Process run, int code) {
    if (!run.command) {
      return;
    }
    run.command = false;
    run.leftover = run.conduct.leavesSomething();
    if (!run.coordinator) {
      return;
    }
    ProcessState state =
        code == 0 ? ProcessState.SUCCESS : code > 0 ? ProcessState.FAILED : ProcessState.KILLED;
    write(run, ProcessUpdate.ended(run.name, run.seq + 2, state, seconds(), code));
    run.coordinator = false;
    exited();
  }

  private void exited() {
    if (onExit != null) {
      onExit.run();
    }
  }

  private void write(Process run, ProcessUpdate update) {
    try (CheckpointWriter writer = CheckpointWriter.open(paths.coordinator(run.name))) {
      writer.append(Checkpoint.of(update));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private double seconds() {
    return clock.wallMillis() / 1000.0;
  }

  private Process newest(String name) {
    return all.stream()
        .filter(run -> run.name.equals(name))
        .reduce((first, second) -> second)
        .orElseThrow();
  }

  private Process find(Run run) {
    return all.stream()
        .filter(process -> Integer.valueOf(process.coordinatorPid).equals(pid(run)))
        .findFirst()
        .orElseThrow();
  }

  private static @Nullable Integer pid(Run run) {
    return run.known().coordinatorPid();
  }

  private static final class Process {
    final String name;
    final long seq;
    final Conduct conduct;
    final int coordinatorPid;
    final int commandPid;
    boolean coordinator = true;
    boolean command;
    boolean leftover;

    Process(String name, long seq, Conduct conduct, int pid) {
      this.name = name;
      this.seq = seq;
      this.conduct = conduct;
      this.coordinatorPid = pid;
      this.commandPid = pid + 100_000;
    }

    boolean isAnythingLeft() {
      return coordinator || command || leftover;
    }

    void killAll() {
      coordinator = false;
      command = false;
      leftover = false;
    }
  }
}
