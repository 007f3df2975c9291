package io.borealis.cli;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.AuroraConstants;
import io.borealis.api.JobKey;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskQuery;
import io.borealis.api.rpc.CreateJobArgs;
import io.borealis.api.rpc.KillTasksArgs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Stream;

/**
 * {@code borealis up}, which has an agent inside, with the jobs it runs, and what must hold of them
 * in the end. Used by one thread.
 */
final class OneMachine implements AutoCloseable {
  /** Far more than anything takes, also where others use the machine. */
  static final Duration LONG = Duration.ofMinutes(2);

  private final Path data;
  private final Path work;
  private final List<String> wrapper;
  private final List<String> flags;
  private final int port = Ports.free();
  private final int pages = Ports.free();
  private final List<JobKey> jobs = new ArrayList<>();
  private final Wire wire = new Wire(port);
  private final Wire observer = new Wire(pages);
  private Daemon daemon;

  /**
   * Starts it.
   *
   * @param work the agent's directory; what belongs to tasks is found by it
   * @param flags beside those that make it small and quick
   */
  OneMachine(Path data, Path work, String... flags) throws IOException {
    this(List.of(), data, work, flags);
  }

  /**
   * Starts it behind other commands.
   *
   * @param wrapper what to put in front
   */
  OneMachine(List<String> wrapper, Path data, Path work, String... flags) throws IOException {
    this.wrapper = wrapper;
    this.data = data;
    this.work = work.toRealPath();
    this.flags = List.of(flags);
    start();
  }

  /** Starts it again with the same directories. */
  void start() {
    List<String> args =
        new ArrayList<>(
            List.of(
                "up",
                "--data-dir=" + data,
                "--work-dir=" + work,
                "--http-port=" + port,
                "--observer-port=" + pages,
                "--thermos-executor-cpu=0",
                "--thermos-executor-ram=0MB",
                "--resources=cpus:16;mem:16000;disk:64000;ports:[31000-31999]"));
    args.addAll(flags);
    daemon = Daemon.start("up", wrapper, args.toArray(String[]::new));
    var unused = daemon.awaitLine("registered with", LONG);
    // The entry of one that was killed may be beside its own for a moment.
    Await.until("it leads", LONG, () -> wire.get("/leaderhealth").statusCode() == 200);
  }

  Daemon daemon() {
    return daemon;
  }

  /** The process of the daemon. */
  long pid() {
    return daemon.pid();
  }

  Wire wire() {
    return wire;
  }

  AgentRecords records() {
    return new AgentRecords(work);
  }

  /** A number on the agent's pages. */
  double agent(String name) throws IOException {
    return number(observer, name);
  }

  /** A number on the scheduler's pages, which tell of the whole process. */
  double process(String name) throws IOException {
    return number(wire, name);
  }

  private static double number(Wire of, String name) throws IOException {
    String vars = of.get("/vars").body();
    OptionalDouble value =
        vars.lines()
            .filter(line -> line.startsWith(name + " "))
            .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
            .findFirst();
    return value.orElseThrow(() -> new IOException("no " + name + " in " + vars));
  }

  /** What the agent says of its health: 200 when it is well. */
  int health() throws IOException {
    return observer.get("/health").statusCode();
  }

  void create(OneCommand command, int instances) throws IOException {
    jobs.add(command.key());
    Calls.ok(
        wire.call(
            "createJob",
            new CreateJobArgs(
                Jobs.job(command.job(), instances).toBuilder()
                    .taskConfig(command.task())
                    .build())));
  }

  void kill(OneCommand command) throws IOException {
    kill(command.key());
  }

  private void kill(JobKey job) throws IOException {
    Calls.ok(wire.call("killTasks", new KillTasksArgs(job, ImmutableSet.of(), "enough")));
  }

  /** All tasks of a job there ever were. */
  List<ScheduledTask> tasks(OneCommand command) throws IOException {
    return tasks(command.key());
  }

  /** The same, the oldest first. */
  List<ScheduledTask> ordered(OneCommand command) throws IOException {
    return tasks(command).stream().sorted(Comparator.comparingLong(OneMachine::begin)).toList();
  }

  private List<ScheduledTask> tasks(JobKey job) throws IOException {
    return Calls.tasks(wire, TaskQuery.builder().jobKeys(Set.of(job)));
  }

  /** The first task of a job, once it is in a state. */
  ScheduledTask await(OneCommand command, ScheduleStatus status) {
    return Await.until(
        command.job() + " is " + status,
        LONG,
        () -> {
          List<ScheduledTask> all = ordered(command);
          if (all.isEmpty() || all.get(0).status() != status) {
            throw new IOException(all.toString());
          }
          return all.get(0);
        });
  }

  private static long begin(ScheduledTask task) {
    return task.taskEvents().get(0).timestamp();
  }

  /** Waits until all tasks there ever were of a job are in a state. */
  void awaitAll(OneCommand command, int number, ScheduleStatus status) {
    Await.until(
        number + " of " + command.job() + " are " + status,
        LONG,
        () -> {
          List<ScheduledTask> tasks = tasks(command);
          long there = tasks.stream().filter(task -> task.status() == status).count();
          if (there != number || tasks.size() != number) {
            throw new IOException(there + " of " + tasks.size());
          }
          return true;
        });
  }

  static String id(ScheduledTask task) {
    return task.assignedTask().taskId();
  }

  /** What is told with the newest event of a task. */
  static String message(ScheduledTask task) {
    return String.valueOf(task.taskEvents().get(task.taskEvents().size() - 1).message());
  }

  /** The sandbox of a task. */
  Path sandbox(ScheduledTask task) throws IOException {
    try (Stream<Path> all = Files.walk(work.resolve("slaves"), 9)) {
      return all.filter(file -> file.endsWith("sandbox"))
          .filter(file -> file.toString().contains(id(task)))
          .findFirst()
          .orElseThrow(() -> new IOException("no sandbox of " + id(task)));
    }
  }

  /** What runs for tasks: commands, what waits for them, what they started. */
  List<LiveProcess> processes() {
    return LiveProcess.ofTasksIn(work);
  }

  /** The same for one task. */
  List<LiveProcess> processes(ScheduledTask task) {
    return processes().stream().filter(p -> p.mentions(id(task))).toList();
  }

  /** Cgroups that are there for a task. */
  static List<Path> cgroups(String taskId) throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> all = Files.walk(Path.of("/sys/fs/cgroup"), 6)) {
      all.filter(Files::isDirectory).filter(p -> p.endsWith(taskId)).forEach(found::add);
    }
    return found;
  }

  /** Kills all jobs, and holds what is left and what was written down against the rules. */
  void finish() throws IOException {
    for (JobKey job : jobs) {
      if (!Calls.active(wire, job).isEmpty()) {
        kill(job);
      }
    }
    List<ScheduledTask> all = new ArrayList<>();
    for (JobKey job : jobs) {
      boolean unused =
          Await.until(
              job + " is over",
              LONG,
              () ->
                  tasks(job).stream()
                      .map(ScheduledTask::status)
                      .allMatch(AuroraConstants.TERMINAL_STATES::contains));
      List<ScheduledTask> tasks = tasks(job);
      TaskHistory.assertLegal(tasks);
      all.addAll(tasks);
    }
    Await.until(
        "nothing is left of tasks",
        LONG,
        () -> {
          List<LiveProcess> left = processes();
          if (!left.isEmpty()) {
            throw new IOException(left.toString());
          }
          return true;
        });
    Await.until(
        "all is delivered",
        LONG,
        () -> {
          try {
            records().assertEverythingWasDelivered();
            return agent("agent_updates_pending") == 0;
          } catch (AssertionError notYet) {
            throw new IOException(notYet);
          }
        });
    records().assertStreamsAreWhole();
    for (ScheduledTask task : all.subList(0, Math.min(20, all.size()))) {
      Await.until("no cgroup of " + id(task), LONG, () -> cgroups(id(task)).isEmpty());
    }
  }

  /** Ends everything, also what a failed test has left. */
  @Override
  public void close() {
    daemon.close();
    LiveProcess.killTasksIn(work);
  }
}
