package io.borealis.agent.runner;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableMap;
import io.borealis.agent.checkpoint.CheckpointPaths;
import io.borealis.agent.job.RunnerTask;
import io.borealis.agent.job.TaskProcess;
import io.borealis.agent.process.Accounts;
import io.borealis.agent.process.Coordinators;
import io.borealis.agent.process.Limits;
import io.borealis.agent.process.LogPlan;
import io.borealis.agent.process.ProcEntry;
import io.borealis.agent.process.ProcReader;
import io.borealis.agent.process.TaskGroup;
import io.borealis.agent.process.TaskLimits;
import io.borealis.agent.process.TaskProcesses;
import io.borealis.api.thermos.TaskState;
import io.borealis.runtime.EventLoop;
import io.borealis.runtime.SystemRuntimes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Runs real tasks below a folder. Any thread may use it. */
final class RealMachine implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path root;
  private final ProcReader reader = ProcReader.ofThisMachine();
  private final Coordinators coordinators;
  private final SystemRuntimes runtimes;
  private final ProcTables tables;
  private final EventLoop loop;

  /** What went wrong on a loop. */
  private final CompletableFuture<Throwable> error = new CompletableFuture<>();

  RealMachine(Path root) throws Exception {
    this.root = root;
    this.coordinators = Coordinators.in(root);
    this.runtimes = new SystemRuntimes((name, e) -> error.complete(e));
    this.tables = new ProcTables(reader::read, runtimes.clock());
    this.loop = runtimes.newLoop("runners");
  }

  /** A task with a folder of its own. */
  RealTask task(String id, RunnerTask task) throws Exception {
    return new RealTask(id, task);
  }

  static TaskProcess process(String name, String command) {
    return new TaskProcess(name, command, 1, false, false, Duration.ofSeconds(1), false, null);
  }

  /** Whether there is such a process, and it is no zombie. */
  boolean isAlive(int pid) {
    return reader.read().get(pid).filter(ProcEntry::isAlive).isPresent();
  }

  @Override
  public void close() {
    runtimes.close();
    assertThat(error).isNotDone();
  }

  /** One task and the runners it has had. */
  final class RealTask implements TaskRunner.Listener {
    final CheckpointPaths paths;
    final Path sandbox;
    private final RunnerSetup setup;
    private final TaskGroup group;
    private final TaskProcesses processes;
    private CompletableFuture<String> outcome = new CompletableFuture<>();
    private @Nullable TaskRunner runner;

    RealTask(String id, RunnerTask task) throws Exception {
      Path folder = root.resolve(id);
      this.paths = new CheckpointPaths(folder.resolve("checkpoints"), id);
      this.sandbox = folder.resolve("sandbox");
      this.setup =
          new RunnerSetup(
              id,
              task,
              ImmutableMap.of(),
              folder.resolve("checkpoints"),
              sandbox,
              sandbox.resolve(".logs"),
              folder,
              "host.example",
              Accounts.ofThisMachine().own(),
              false,
              false,
              LogPlan.STANDARD);
      this.group =
          Limits.withoutCgroups("test")
              .group(id, new TaskLimits(1, 1L << 30, OptionalLong.empty()));
      this.processes =
          new TaskProcesses(reader, sandbox, OptionalInt.of(setup.account().uid()), group);
    }

    /** A new runner takes the task. */
    RealTask start() {
      outcome = new CompletableFuture<>();
      TaskRunner started =
          new TaskRunners(coordinators, tables, runtimes.clock(), setup.account().uid())
              .runner(setup, processes, group, loop, this);
      runner = started;
      loop.execute(started::start);
      return this;
    }

    void kill(Duration patience) {
      loop.execute(() -> runner().kill(patience));
    }

    void lose() {
      loop.execute(() -> runner().lose());
    }

    void detach() throws Exception {
      CompletableFuture<Void> done = new CompletableFuture<>();
      loop.execute(
          () -> {
            runner().detach();
            done.complete(null);
          });
      done.get(10, TimeUnit.SECONDS);
    }

    CheckpointKill checkpointKill() {
      return new CheckpointKill(reader, processes, runtimes.clock(), setup.account().uid());
    }

    /** What the runner said last, such as {@code ended SUCCESS}. */
    String outcome() throws Exception {
      try {
        return outcome.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      } catch (TimeoutException e) {
        throw new AssertionError(
            "%s has not ended: %s, of which lives %s"
                .formatted(setup.taskId(), sequence(), living()),
            e);
      }
    }

    List<String> sequence() throws Exception {
      return Sequences.of(paths.runner());
    }

    /** Waits until the stream satisfies the condition. */
    List<String> await(Predicate<List<String>> condition) throws Exception {
      long end = System.nanoTime() + PATIENCE.toNanos();
      while (true) {
        List<String> words = paths.runner().toFile().exists() ? sequence() : List.of();
        if (condition.test(words)) {
          return words;
        }
        assertThat(System.nanoTime() - end).as("waiting; so far %s", words).isNegative();
        Thread.sleep(20);
      }
    }

    /** Kills whatever lives of the task from outside, and says whether nothing did. */
    boolean killAll() {
      return processes.killTask(reader.read(), List.of()) == 0;
    }

    /** What lives of the task now. */
    List<ProcEntry> living() {
      return List.copyOf(processes.ofTask(reader.read(), List.of()));
    }

    /** The newest coordinator, and the command below it. */
    Run lastRun(String process) throws Exception {
      Course course =
          new TakeOver(setup, paths, new Description(paths))
              .replay(
                  new Course.Moment(runtimes.clock().nanoTime(), runtimes.clock().wallMillis()));
      return course.run(process);
    }

    private TaskRunner runner() {
      if (runner == null) {
        throw new IllegalStateException("Not started");
      }
      return runner;
    }

    @Override
    public void started() {}

    @Override
    public void ended(TaskState state) {
      outcome.complete("ended " + state);
    }

    @Override
    public void failed(TaskRunner.Failure kind, String message) {
      outcome.complete("failed " + kind + ": " + message);
    }
  }
}
