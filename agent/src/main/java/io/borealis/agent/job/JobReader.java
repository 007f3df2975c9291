package io.borealis.agent.job;

import com.google.common.base.Ascii;
import com.google.common.base.Enums;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.Ints;
import io.borealis.api.Constraint;
import io.borealis.api.CoordinatorSlaPolicy;
import io.borealis.api.CountSlaPolicy;
import io.borealis.api.CronCollisionPolicy;
import io.borealis.api.ExecutorConfig;
import io.borealis.api.Identity;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.LimitConstraint;
import io.borealis.api.Metadata;
import io.borealis.api.PartitionPolicy;
import io.borealis.api.PercentageSlaPolicy;
import io.borealis.api.Resource;
import io.borealis.api.SlaPolicy;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskConstraint;
import io.borealis.api.ValueConstraint;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Reads a job without references as the scheduler takes it. Immutable.
 *
 * @param ports the names of those that its tasks are to be given
 */
record JobReader(
    Fields job, String user, ImmutableSet<Metadata> metadata, ImmutableSet<String> ports) {
  /** The executor for which the job is written down as a whole. */
  static final String EXECUTOR_NAME = "AuroraExecutor";

  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z0-9_.-]+");
  private static final String LIMIT = "limit:";
  private static final long MIB = 1 << 20;

  /**
   * The job.
   *
   * @param executor the name of its executor
   * @param data what its executor is told
   */
  JobConfiguration job(String executor, String data) throws InvalidTaskException {
    JobKey key =
        JobKey.builder()
            .role(identifier("role"))
            .environment(identifier("environment"))
            .name(identifier("name"))
            .build();
    Identity owner = Identity.builder().user(user).build();
    TaskConfig.Builder task =
        TaskConfig.builder()
            .job(key)
            .owner(owner)
            .isService(job.flag("service"))
            .production(job.flag("production"))
            .priority(job.number("priority"))
            .maxTaskFailures(job.number("max_task_failures"))
            .tier(job.textIfAny("tier").orElse(null))
            .contactEmail(job.textIfAny("contact").orElse(null))
            .resources(resources())
            .constraints(constraints())
            .metadata(allMetadata())
            .container(ContainerReader.container(job))
            .taskLinks(ImmutableMap.of())
            .partitionPolicy(job.ifAny("partition_policy", JobReader::partitionPolicy).orElse(null))
            .slaPolicy(job.ifAny("sla_policy", JobReader::slaPolicy).orElse(null))
            .executorConfig(ExecutorConfig.builder().name(executor).data(data).build());
    return JobConfiguration.builder()
        .key(key)
        .owner(owner)
        .cronSchedule(job.textIfAny("cron_schedule").orElse(null))
        .cronCollisionPolicy(cronCollisionPolicy())
        .instanceCount(job.number("instances"))
        .taskConfig(task.build())
        .build();
  }

  private String identifier(String name) throws InvalidTaskException {
    String text = job.text(name);
    if (!IDENTIFIER.matcher(text).matches()) {
      throw job.place()
          .member(name)
          .invalid("must consist of letters, digits, '_', '-' and '.': " + Place.quoted(text));
    }
    return text;
  }

  private CronCollisionPolicy cronCollisionPolicy() throws InvalidTaskException {
    String text = job.text("cron_collision_policy");
    CronCollisionPolicy policy =
        Enums.getIfPresent(CronCollisionPolicy.class, Ascii.toUpperCase(text)).orNull();
    if (policy == null) {
      throw job.place()
          .member("cron_collision_policy")
          .invalid(
              "must be one of "
                  + ImmutableSet.copyOf(CronCollisionPolicy.values())
                  + ", not "
                  + Place.quoted(text));
    }
    return policy;
  }

  private ImmutableSet<Resource> resources() throws InvalidTaskException {
    Fields task = job.fields("task");
    if (task.list("processes").isEmpty()) {
      throw task.place().member("processes").invalid("must hold a process");
    }
    if (!task.has("resources")) {
      throw task.place().member("resources").invalid("is required");
    }
    Fields resources = task.fields("resources");
    if (resources.real("cpu") <= 0) {
      throw resources.place().member("cpu").invalid("must be above 0");
    }
    ImmutableSet.Builder<Resource> wanted = ImmutableSet.builder();
    wanted.add(new Resource.NumCpus(resources.real("cpu")));
    wanted.add(new Resource.RamMb(mebibytes(resources, "ram")));
    wanted.add(new Resource.DiskMb(mebibytes(resources, "disk")));
    int gpus = resources.numberFrom("gpu", 0);
    if (gpus > 0) {
      wanted.add(new Resource.NumGpus(gpus));
    }
    ports.forEach(port -> wanted.add(new Resource.NamedPort(port)));
    return wanted.build();
  }

  private static long mebibytes(Fields resources, String name) throws InvalidTaskException {
    long bytes = resources.whole(name);
    if (bytes < MIB) {
      throw resources
          .place()
          .member(name)
          .invalid("is in bytes, and must be at least " + MIB + ", not " + bytes);
    }
    return bytes / MIB;
  }

  private ImmutableSet<Constraint> constraints() throws InvalidTaskException {
    ImmutableSet.Builder<Constraint> constraints = ImmutableSet.builder();
    for (Map.Entry<String, String> entry : job.map("constraints").entrySet()) {
      constraints.add(
          Constraint.builder()
              .name(entry.getKey())
              .constraint(
                  constraint(
                      entry.getValue(), job.place().member("constraints").entry(entry.getKey())))
              .build());
    }
    return constraints.build();
  }

  private static TaskConstraint constraint(String text, Place place) throws InvalidTaskException {
    if (text.startsWith(LIMIT)) {
      Integer limit = Ints.tryParse(text.substring(LIMIT.length()).strip());
      if (limit == null) {
        throw place.invalid("must have a number after 'limit:', not " + Place.quoted(text));
      }
      return new TaskConstraint.Limit(LimitConstraint.builder().limit(limit).build());
    }
    boolean negated = text.startsWith("!");
    return new TaskConstraint.Value(
        ValueConstraint.builder()
            .negated(negated)
            .values(ImmutableSet.copyOf(Splitter.on(',').split(negated ? text.substring(1) : text)))
            .build());
  }

  private ImmutableSet<Metadata> allMetadata() throws InvalidTaskException {
    ImmutableSet.Builder<Metadata> all = ImmutableSet.builder();
    for (Fields entry : job.list("metadata")) {
      all.add(Metadata.builder().key(entry.text("key")).value(entry.text("value")).build());
    }
    return all.addAll(metadata).build();
  }

  private static PartitionPolicy partitionPolicy(Fields policy) throws InvalidTaskException {
    return PartitionPolicy.builder()
        .reschedule(policy.flag("reschedule"))
        .delaySecs(policy.whole("delay_secs"))
        .build();
  }

  private static SlaPolicy slaPolicy(Fields policy) throws InvalidTaskException {
    Type.Struct type = policy.struct().type();
    if (type == Schema.COORDINATOR_SLA_POLICY) {
      return new SlaPolicy.CoordinatorSlaPolicy(
          CoordinatorSlaPolicy.builder()
              .coordinatorUrl(policy.text("coordinator_url"))
              .statusKey(policy.text("status_key"))
              .build());
    }
    return type == Schema.COUNT_SLA_POLICY
        ? new SlaPolicy.CountSlaPolicy(
            CountSlaPolicy.builder()
                .count(policy.whole("count"))
                .durationSecs(policy.whole("duration_secs"))
                .build())
        : new SlaPolicy.PercentageSlaPolicy(
            PercentageSlaPolicy.builder()
                .percentage(policy.real("percentage"))
                .durationSecs(policy.whole("duration_secs"))
                .build());
  }
}
