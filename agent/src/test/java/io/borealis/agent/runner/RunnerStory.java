package io.borealis.agent.runner;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.borealis.agent.checkpoint.Checkpoint;
import io.borealis.agent.checkpoint.CheckpointPaths;
import io.borealis.agent.job.RunnerTask;
import io.borealis.agent.job.TaskProcess;
import io.borealis.agent.process.Account;
import io.borealis.agent.process.LogPlan;
import io.borealis.api.thermos.TaskState;
import io.borealis.runtime.VirtualRuntimes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One task on a machine of virtual time, and what its runners do. For one thread. */
final class RunnerStory implements TaskRunner.Listener {
  static final String TASK_ID = "1700000000000-www-data-prod-hello-0-abc";

  final VirtualRuntimes time = new VirtualRuntimes();
  final CheckpointPaths paths;
  final FakeRuns machine;
  private final Path root;
  private final RunnerTask task;
  private final List<String> told = new ArrayList<>();
  private @Nullable CheckpointedRunner runner;
  private boolean isDiskFull;
  private int crashAt = Integer.MAX_VALUE;
  private boolean crashesBefore;
  private int records;

  RunnerStory(Path root, RunnerTask task) {
    this.paths = new CheckpointPaths(root.resolve("checkpoints"), TASK_ID);
    this.machine = new FakeRuns(paths, time.clock(), time.newLoop("machine"));
    this.root = root;
    this.task = task;
  }

  /** The agent died over a record. */
  static final class Crash extends Error {
    private static final long serialVersionUID = 1;
  }

  static TaskProcess process(String name) {
    return new TaskProcess(name, "true", 1, false, false, Duration.ofSeconds(1), false, null);
  }

  static TaskProcess ephemeral(TaskProcess p) {
    return new TaskProcess(
        p.name(), p.cmdline(), p.maxFailures(), p.daemon(), true, p.minDuration(), false, null);
  }

  static TaskProcess daemon(TaskProcess p) {
    return new TaskProcess(
        p.name(), p.cmdline(), p.maxFailures(), true, p.ephemeral(), p.minDuration(), false, null);
  }

  static TaskProcess finalProcess(String name) {
    return new TaskProcess(name, "true", 1, false, false, Duration.ofSeconds(1), true, null);
  }

  static TaskProcess failing(TaskProcess p, int maxFailures) {
    return new TaskProcess(
        p.name(),
        p.cmdline(),
        maxFailures,
        p.daemon(),
        p.ephemeral(),
        p.minDuration(),
        p.finalProcess(),
        null);
  }

  static TaskProcess pausing(TaskProcess p, Duration minDuration) {
    return new TaskProcess(
        p.name(),
        p.cmdline(),
        p.maxFailures(),
        p.daemon(),
        p.ephemeral(),
        minDuration,
        p.finalProcess(),
        null);
  }

  static RunnerTask task(TaskProcess... processes) {
    return new RunnerTask(
        "story",
        ImmutableList.copyOf(processes),
        ImmutableList.of(),
        null,
        1,
        0,
        Duration.ofSeconds(30),
        null);
  }

  static RunnerTask ordered(RunnerTask t, String... names) {
    return new RunnerTask(
        t.name(),
        t.processes(),
        ImmutableList.of(ImmutableList.copyOf(names)),
        null,
        t.maxFailures(),
        t.maxConcurrency(),
        t.finalizationWait(),
        null);
  }

  static RunnerTask with(RunnerTask t, int maxFailures, int maxConcurrency, Duration wait) {
    return new RunnerTask(
        t.name(), t.processes(), t.orders(), null, maxFailures, maxConcurrency, wait, null);
  }

  /** A new runner takes the task, after the last one if there was one. */
  RunnerStory start() {
    return startAs(task);
  }

  /** A new runner comes with another idea of what the task is. */
  RunnerStory startAs(RunnerTask other) {
    CheckpointedRunner started =
        new CheckpointedRunner(
            setup(other),
            machine,
            this::open,
            time.clock(),
            time.newLoop("runner"),
            new Author(4711, 0),
            this);
    runner = started;
    machine.listen(started::wake);
    started.start();
    time.runReady();
    return this;
  }

  /** The runner is gone, whatever it was about; processes go on. */
  RunnerStory dies() {
    runner().detach();
    return this;
  }

  RunnerStory passes(Duration duration) {
    time.advance(duration);
    return this;
  }

  RunnerStory seconds(int seconds) {
    return passes(Duration.ofSeconds(seconds));
  }

  TaskRunner runner() {
    assertThat(runner).isNotNull();
    return runner;
  }

  /** No record, and no process, finds room from now on, or all do again. */
  void fillDisk(boolean full) {
    isDiskFull = full;
    machine.fillDisk(full);
  }

  /** The agent dies over the n-th record from the beginning, before or after it is written. */
  void crashAt(int record, boolean before) {
    crashAt = record;
    crashesBefore = before;
  }

  int records() {
    return records;
  }

  List<String> told() {
    return told;
  }

  List<String> sequence() throws Exception {
    return Sequences.of(paths.runner());
  }

  /** Checks the records after the first ACTIVE and the header. */
  void hasWritten(String... lines) throws Exception {
    List<String> expected = new ArrayList<>(List.of("T ACTIVE", "header"));
    for (String line : lines) {
      expected.addAll(expand(line));
    }
    assertThat(sequence()).containsExactlyElementsOf(expected);
  }

  /** Checks that the task has come to its end, in the files and by word of its runner. */
  void hasEndedAs(TaskState state) {
    assertThat(told).endsWith("ended " + state);
    assertThat(paths.finished()).exists();
    assertThat(paths.active()).doesNotExist();
    assertThat(machine.isAnythingLeft()).isFalse();
  }

  @Override
  public void started() {
    told.add("started");
    assertThat(paths.active().toFile().exists() || paths.finished().toFile().exists()).isTrue();
  }

  @Override
  public void ended(TaskState state) {
    told.add("ended " + state);
  }

  @Override
  public void failed(TaskRunner.Failure kind, String message) {
    told.add("failed " + kind + ": " + message);
  }

  /** {@code p: FAILED 7} is a whole run, {@code T: CLEANING} a state of the task. */
  private static List<String> expand(String line) {
    int colon = line.indexOf(": ");
    if (colon < 0) {
      return List.of(line);
    }
    String name = line.substring(0, colon);
    List<String> steps =
        name.equals("T")
            ? Arrays.asList(line.substring(colon + 2).split(", "))
            : List.of("WAITING", "FORKED", "RUNNING", line.substring(colon + 2));
    return steps.stream().map(step -> name + " " + step).toList();
  }

  private RunnerSetup setup(RunnerTask of) {
    return new RunnerSetup(
        TASK_ID,
        of,
        ImmutableMap.of("http", 31337),
        root.resolve("checkpoints"),
        root.resolve("sandbox"),
        root.resolve("sandbox/.logs"),
        root,
        "host.example",
        new Account("nobody", 65534, 65534, root),
        false,
        false,
        LogPlan.STANDARD);
  }

  private RecordSink open(Path stream) throws IOException {
    RecordSink file = RecordSink.toFile(stream);
    return new RecordSink() {
      @Override
      public void append(Checkpoint record) throws IOException {
        if (isDiskFull) {
          throw new IOException("No space left on device");
        }
        boolean crashes = ++records == crashAt;
        if (crashes && crashesBefore) {
          throw new Crash();
        }
        file.append(record);
        if (crashes) {
          throw new Crash();
        }
      }

      @Override
      public void close() throws IOException {
        file.close();
      }
    };
  }
}
