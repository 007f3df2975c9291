package io.borealis.cli;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.ExecutorConfig;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateRequest;
import io.borealis.api.Resource;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskQuery;
import io.borealis.api.rpc.CreateJobArgs;
import io.borealis.api.rpc.KillTasksArgs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A job whose instances are shells that wait until they are told to end, and what is to be seen of
 * them on this machine. Thread-safe.
 */
final class RealTasks {
  private static final Duration LONG = Duration.ofSeconds(60);

  private final Path signs;
  private final String name;
  private final Pattern marker;

  /**
   * @param signs where the words lie that the instances wait for
   * @param name of the job
   */
  RealTasks(Path signs, String name) {
    this.signs = signs;
    this.name = name;
    this.marker =
        Pattern.compile(Pattern.quote(": " + signs) + " " + name + " (\\d+) (\\S+) (\\S+);");
  }

  /**
   * A command as it runs, not what waits for it.
   *
   * @param version of the job it belongs to
   */
  record Shell(LiveProcess process, int instance, String taskId, String version) {
    long pid() {
      return process.pid();
    }
  }

  JobKey key() {
    return Jobs.key(name);
  }

  private String commandLine(String version) {
    return ": %1$s %2$s {{mesos.instance}} {{thermos.task_id}} %3$s;"
            .formatted(signs, name, version)
        + " until [ -e %s ]; do sleep 0.2; done;".formatted(sign("end", "{{mesos.instance}}"))
        + " read code < %s; exit $code".formatted(sign("end", "{{mesos.instance}}"));
  }

  private Path sign(String word, Object instance) {
    return signs.resolve(name + "-" + word + "-" + instance);
  }

  /** Tasks that are services run again and again. */
  TaskConfig task(String version, boolean service) {
    return task(version, service, "");
  }

  /** Tasks that run but are not healthy until they are told to be. */
  TaskConfig gatedTask(String version, boolean service) {
    String check =
        """
        , "health_check_config": {"health_checker": {"shell": {"shell_command": "test -e %s"}},
           "initial_interval_secs": 120, "interval_secs": 0.5, "timeout_secs": 10,
           "max_consecutive_failures": 1000, "min_consecutive_successes": 1}
        """
            .formatted(sign("healthy", "{{mesos.instance}}"));
    return task(version, service, check);
  }

  private TaskConfig task(String version, boolean service, String more) {
    String data =
        """
        {"role": "%1$s", "environment": "prod", "name": "%2$s", "cluster": "local", "service": %3$s,
         "task": {"name": "%2$s", "finalization_wait": 5, "max_failures": 1,
           "resources": {"cpu": 0.1, "ram": 33554432, "disk": 33554432},
           "processes": [{"name": "waiting", "cmdline": "%4$s", "max_failures": 1, "min_duration": 1}],
           "constraints": []}%5$s}
        """
            .formatted(Jobs.ROLE, name, service, commandLine(version), more);
    return Jobs.task(name, version).toBuilder()
        .isService(service)
        .executorConfig(new ExecutorConfig("AuroraExecutor", data))
        .resources(
            ImmutableSet.of(
                new Resource.NumCpus(0.1), new Resource.RamMb(32), new Resource.DiskMb(32)))
        .build();
  }

  /** Creates the job. */
  void create(Wire wire, TaskConfig task, int instances) throws IOException {
    JobConfiguration job = Jobs.job(name, instances).toBuilder().taskConfig(task).build();
    Calls.ok(wire.call("createJob", new CreateJobArgs(job)));
  }

  /** Creates the job and waits until each instance runs. */
  void createRunning(Wire wire, TaskConfig task, int instances) throws IOException {
    create(wire, task, instances);
    awaitRunning(wire, instances);
  }

  /** Kills all instances and waits until they have ended. */
  void kill(Wire wire) throws IOException {
    if (!active(wire).isEmpty()) {
      Calls.ok(wire.call("killTasks", new KillTasksArgs(key(), ImmutableSet.of(), "over")));
    }
    boolean unused = Await.until(name + " is over", LONG, () -> active(wire).isEmpty());
  }

  /** An update of the services, one after the other. */
  JobUpdateRequest update(String version, int instances) {
    return Jobs.update(name, version, instances, 1).toBuilder()
        .taskConfig(task(version, true))
        .build();
  }

  /** Tells an instance to end with a code. */
  void end(int instance, int code) throws IOException {
    Path written = Files.writeString(sign("written", instance), code + "\n");
    Files.move(written, sign("end", instance), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Lets an instance be healthy. */
  void heal(int instance) throws IOException {
    Files.createFile(sign("healthy", instance));
  }

  /** What runs now. */
  List<Shell> shells() {
    return LiveProcess.all().stream().flatMap(process -> shell(process).stream()).toList();
  }

  /** What runs now of an instance: in these tests at most one. */
  List<Shell> shells(int instance) {
    return shells().stream().filter(shell -> shell.instance() == instance).toList();
  }

  /** The only one of an instance. */
  Shell shell(int instance) {
    return Await.until(
        "one shell of instance " + instance,
        LONG,
        () -> {
          List<Shell> shells = shells(instance);
          return shells.size() == 1 ? shells.get(0) : null;
        });
  }

  /** The process as a command of this job; what it forks has the same words for a moment. */
  Optional<Shell> shell(LiveProcess process) {
    List<String> words = process.words();
    if (process.pid() != process.session() || words.size() < 3 || !words.get(1).equals("-c")) {
      return Optional.empty();
    }
    Matcher found = marker.matcher(words.get(2));
    return found.lookingAt()
        ? Optional.of(
            new Shell(process, Integer.parseInt(found.group(1)), found.group(2), found.group(3)))
        : Optional.empty();
  }

  /** What waits for the command of a task. */
  LiveProcess coordinator(String taskId) {
    return Await.until(
        "one coordinator of " + taskId,
        LONG,
        () -> {
          List<LiveProcess> found =
              LiveProcess.all().stream()
                  .filter(
                      p ->
                          p.pid() == p.session()
                              && p.words().contains("coordinate")
                              && p.mentions(taskId))
                  .toList();
          return found.size() == 1 ? found.get(0) : null;
        });
  }

  /** Waits until a command has ended. */
  static void awaitEnd(Shell shell) {
    boolean unused =
        Await.until(shell + " ends", LONG, () -> LiveProcess.of(shell.pid()).isEmpty());
  }

  /** All tasks of the job there ever were, the oldest of each instance first. */
  List<ScheduledTask> tasks(Wire wire) throws IOException {
    return Calls.tasks(wire, TaskQuery.builder().jobKeys(Set.of(key()))).stream()
        .sorted(
            Comparator.comparingInt((ScheduledTask task) -> task.assignedTask().instanceId())
                .thenComparing(task -> task.taskEvents().get(0).timestamp()))
        .toList();
  }

  /** One of them. */
  ScheduledTask task(Wire wire, String taskId) throws IOException {
    return tasks(wire).stream()
        .filter(task -> task.assignedTask().taskId().equals(taskId))
        .findFirst()
        .orElseThrow(() -> new IOException("no task " + taskId));
  }

  /** Waits until so many instances run. */
  void awaitRunning(Wire wire, int instances) {
    boolean unused =
        Await.until(
            instances + " instances of " + name + " run",
            LONG,
            () -> {
              List<ScheduledTask> active = Calls.active(wire, key());
              return active.size() == instances
                  && active.stream().allMatch(t -> t.status() == ScheduleStatus.RUNNING);
            });
  }

  /** Waits until a task is in a state. */
  void await(Wire wire, String taskId, ScheduleStatus status) {
    boolean unused =
        Await.until(taskId + " is " + status, LONG, () -> task(wire, taskId).status() == status);
  }

  /** The ids of the active tasks, by instance. */
  Map<Integer, String> active(Wire wire) throws IOException {
    return Calls.active(wire, key()).stream()
        .collect(
            Collectors.toMap(
                task -> task.assignedTask().instanceId(),
                task -> task.assignedTask().taskId(),
                (one, other) -> one + " and " + other,
                TreeMap::new));
  }

  @Override
  public String toString() {
    return name;
  }
}
