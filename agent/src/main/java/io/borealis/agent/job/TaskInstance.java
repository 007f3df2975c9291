package io.borealis.agent.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import io.borealis.api.AssignedTask;
import io.borealis.api.ExecutorConfig;
import java.util.Map;
import java.util.Optional;

/**
 * What an executor makes of an assigned task: instance and host are filled in everywhere, and all
 * that is known to the runner too, except in the task itself. Immutable.
 *
 * @param role whose account the processes run as
 * @param ports every port that has a number, by all its names: assigned ones, aliases, fixed ones
 * @param portsWithoutNumber names the job gives to ports that have none, which is worth a warning
 * @param healthCheck holds defaults if the job does not say
 * @param lifecycle how the task is asked to end, if it is to be asked
 * @param announcement how the task is made known, if it is to be
 */
public record TaskInstance(
    String role,
    String environment,
    int instance,
    TaskTemplate task,
    ImmutableMap<String, Integer> ports,
    ImmutableSet<String> portsWithoutNumber,
    HealthCheckConfig healthCheck,
    Optional<HttpLifecycle> lifecycle,
    Optional<Announcement> announcement) {
  /**
   * Reads the data of the task's executorConfig, which describe a job or an instance of one.
   *
   * @throws InvalidTaskException if they do not, or break a rule
   */
  public static TaskInstance parse(AssignedTask assigned) throws InvalidTaskException {
    ExecutorConfig config = assigned.task() == null ? null : assigned.task().executorConfig();
    if (config == null || config.data() == null || config.data().isEmpty()) {
      throw Place.ROOT.invalid("the task has no configuration");
    }
    JsonNode json = Loader.parse(config.data(), Loader.MAX_LENGTH);
    Type.Struct type = json.hasNonNull("instance") ? Schema.TASK_INSTANCE : Schema.EXECUTOR_JOB;
    Value.Struct loaded = Loader.load(json, type, Place.ROOT);
    String host = assigned.slaveHost() == null ? "localhost" : assigned.slaveHost();
    Value.Struct bound =
        Interpolator.interpolate(
            loaded, Place.ROOT, Bindings.ofExecutor(number(loaded, assigned), host));
    References.requireOnly(reference -> reference.isBelow("thermos"), bound, Place.ROOT);
    return read(new Fields(bound, Place.ROOT), assigned);
  }

  private static int number(Value.Struct loaded, AssignedTask assigned)
      throws InvalidTaskException {
    return loaded.type() == Schema.TASK_INSTANCE
        ? new Fields(loaded, Place.ROOT).number("instance")
        : assigned.instanceId();
  }

  static TaskInstance read(Fields job, AssignedTask assigned) throws InvalidTaskException {
    Fields task = job.fields("task");
    TaskTemplate template = new TaskTemplate(task.struct(), task.place());
    template.check();

    String role = Template.unescape(job.text("role"));
    String taskId = assigned.taskId() == null ? "" : assigned.taskId();
    ImmutableMap<String, String> known = Bindings.ofRunner(taskId, role, assigned.assignedPorts());
    Optional<Announcement> announcement =
        job.ifAny("announce", announce -> CheckReader.announcement(bound(announce, known)));
    Portmap portmap =
        new Portmap(
            announcement.map(Announcement::portmap).orElse(ImmutableMap.of()),
            job.place().member("announce").member("portmap"));
    ImmutableMap<String, Integer> ports = portmap.numbers(assigned.assignedPorts());
    return new TaskInstance(
        role,
        Template.unescape(job.text("environment")),
        number(job.struct(), assigned),
        template,
        ports,
        announcement
            .map(its -> Sets.difference(its.portmap().keySet(), ports.keySet()).immutableCopy())
            .orElse(ImmutableSet.of()),
        CheckReader.healthCheck(bound(job.fields("health_check_config"), known)),
        job.has("lifecycle")
            ? CheckReader.lifecycle(bound(job.fields("lifecycle"), known))
            : Optional.empty(),
        announcement);
  }

  /** What stands for nothing stays as it is: it does not keep the task from running. */
  private static Fields bound(Fields fields, Map<String, String> known)
      throws InvalidTaskException {
    Value.Struct bound = Interpolator.interpolate(fields.struct(), fields.place(), known);
    return new Fields(References.unescape(bound), fields.place());
  }

  /** The task as JSON, with references to what only the runner knows. */
  public String taskJson() {
    return task.toJson();
  }

  /**
   * The task as it runs.
   *
   * @param its the number of each port, usually {@link #ports}
   * @throws InvalidTaskException if it needs a port without a number or breaks another rule
   */
  public RunnerTask bind(String taskId, String user, Map<String, Integer> its)
      throws InvalidTaskException {
    return task.bind(taskId, user, its);
  }
}
