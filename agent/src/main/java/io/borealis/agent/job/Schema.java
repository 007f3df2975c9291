package io.borealis.agent.job;

import static io.borealis.agent.job.Type.Scalar.FLOAT;
import static io.borealis.agent.job.Type.Scalar.INTEGER;
import static io.borealis.agent.job.Type.Scalar.STRING;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.borealis.agent.job.Type.Choice;
import io.borealis.agent.job.Type.ListOf;
import io.borealis.agent.job.Type.MapOf;
import io.borealis.agent.job.Type.OneOf;
import io.borealis.agent.job.Type.Struct;

/** The objects of a configuration: their members and what holds for absent ones. Constants. */
final class Schema {
  private static final MapOf TEXTS = new MapOf(STRING);

  static final Struct RESOURCES =
      Struct.named("Resources")
          .required("cpu", FLOAT)
          .required("ram", INTEGER)
          .required("disk", INTEGER)
          .standard("gpu", 0)
          .build();

  static final Struct ROTATE_POLICY =
      Struct.named("RotatePolicy").standard("log_size", 104_857_600).standard("backups", 5).build();

  static final Struct LOGGER =
      Struct.named("Logger")
          .standard("destination", oneOf("file", "console", "both", "none"), new Value.Text("file"))
          .standard("mode", oneOf("standard", "rotate"), new Value.Text("standard"))
          .optional("rotate", ROTATE_POLICY)
          .build();

  static final Struct PROCESS =
      Struct.named("Process")
          .required("name", STRING)
          .required("cmdline", STRING)
          .optional("resources", RESOURCES)
          .standard("max_failures", 1)
          .standard("daemon", false)
          .standard("ephemeral", false)
          .standard("min_duration", 5)
          .standard("final", false)
          .optional("logger", LOGGER)
          .build();

  static final Struct CONSTRAINT =
      Struct.named("Constraint").optional("order", new ListOf(STRING)).build();

  static final Struct TASK =
      Struct.named("Task")
          .standard("name", "{{processes[0].name}}")
          .required("processes", new ListOf(PROCESS))
          .emptyList("constraints", CONSTRAINT)
          .optional("resources", RESOURCES)
          .standard("max_failures", 1)
          .standard("max_concurrency", 0)
          .standard("finalization_wait", 30)
          .optional("user", STRING)
          .build();

  static final Struct HTTP_HEALTH_CHECKER =
      Struct.named("HttpHealthChecker")
          .standard("endpoint", "/health")
          .standard("expected_response", "ok")
          .standard("expected_response_code", 0)
          .build();

  static final Struct SHELL_HEALTH_CHECKER =
      Struct.named("ShellHealthChecker").required("shell_command", STRING).build();

  static final Struct HEALTH_CHECKER_CONFIG =
      Struct.named("HealthCheckerConfig")
          .optional("http", HTTP_HEALTH_CHECKER)
          .optional("shell", SHELL_HEALTH_CHECKER)
          .build();

  static final Struct HEALTH_CHECK_CONFIG =
      Struct.named("HealthCheckConfig")
          .standard(
              "health_checker",
              HEALTH_CHECKER_CONFIG,
              new Value.Struct(
                  HEALTH_CHECKER_CONFIG, ImmutableMap.of("http", HTTP_HEALTH_CHECKER.empty())))
          .standard("initial_interval_secs", 15.0)
          .standard("interval_secs", 10.0)
          .standard("timeout_secs", 1.0)
          .standard("max_consecutive_failures", 0)
          .standard("min_consecutive_successes", 1)
          .build();

  static final Struct HTTP_LIFECYCLE_CONFIG =
      Struct.named("HttpLifecycleConfig")
          .standard("port", "health")
          .standard("graceful_shutdown_endpoint", "/quitquitquit")
          .standard("shutdown_endpoint", "/abortabortabort")
          .standard("graceful_shutdown_wait_secs", 5)
          .standard("shutdown_wait_secs", 5)
          .build();

  static final Struct LIFECYCLE_CONFIG =
      Struct.named("LifecycleConfig").optional("http", HTTP_LIFECYCLE_CONFIG).build();

  static final Struct ANNOUNCER =
      Struct.named("Announcer")
          .standard("primary_port", "http")
          .standard(
              "portmap",
              TEXTS,
              new Value.Entries(ImmutableMap.of("aurora", new Value.Text("{{primary_port}}"))))
          .optional("zk_path", STRING)
          .build();

  static final Struct QUEUE_UPDATE_STRATEGY =
      Struct.named("QueueUpdateStrategy").standard("batch_size", 1).build();

  static final Struct BATCH_UPDATE_STRATEGY =
      Struct.named("BatchUpdateStrategy")
          .standard("batch_size", 1)
          .standard("autopause_after_batch", false)
          .build();

  static final Struct VARIABLE_BATCH_UPDATE_STRATEGY =
      Struct.named("VariableBatchUpdateStrategy")
          .required("batch_sizes", new ListOf(INTEGER))
          .standard("autopause_after_batch", false)
          .build();

  static final Struct UPDATE_CONFIG =
      Struct.named("UpdateConfig")
          .standard("batch_size", 1)
          .standard("watch_secs", 45)
          .standard("max_per_shard_failures", 0)
          .standard("max_total_failures", 0)
          .standard("rollback_on_failure", true)
          .standard("wait_for_batch_completion", false)
          .optional("pulse_interval_secs", INTEGER)
          .standard("sla_aware", false)
          .optional(
              "update_strategy",
              choice(QUEUE_UPDATE_STRATEGY, BATCH_UPDATE_STRATEGY, VARIABLE_BATCH_UPDATE_STRATEGY))
          .build();

  static final Struct METADATA =
      Struct.named("Metadata").required("key", STRING).required("value", STRING).build();

  static final Struct EXECUTOR_CONFIG =
      Struct.named("ExecutorConfig")
          .standard("name", "AuroraExecutor")
          .standard("data", "")
          .build();

  static final Struct PARTITION_POLICY =
      Struct.named("PartitionPolicy")
          .standard("reschedule", true)
          .standard("delay_secs", 0)
          .build();

  static final Struct PERCENTAGE_SLA_POLICY =
      Struct.named("PercentageSlaPolicy")
          .required("percentage", FLOAT)
          .required("duration_secs", INTEGER)
          .build();

  static final Struct COUNT_SLA_POLICY =
      Struct.named("CountSlaPolicy")
          .required("count", INTEGER)
          .required("duration_secs", INTEGER)
          .build();

  static final Struct COORDINATOR_SLA_POLICY =
      Struct.named("CoordinatorSlaPolicy")
          .required("coordinator_url", STRING)
          .standard("status_key", "drain")
          .build();

  static final Struct DOCKER_PARAMETER =
      Struct.named("Parameter").required("name", STRING).required("value", STRING).build();

  static final Struct DOCKER =
      Struct.named("Docker")
          .required("image", STRING)
          .emptyList("parameters", DOCKER_PARAMETER)
          .build();

  static final Struct CONTAINER = Struct.named("Container").optional("docker", DOCKER).build();

  static final Struct APPC_IMAGE =
      Struct.named("AppcImage").required("name", STRING).required("image_id", STRING).build();

  static final Struct DOCKER_IMAGE =
      Struct.named("DockerImage").required("name", STRING).required("tag", STRING).build();

  static final Struct VOLUME =
      Struct.named("Volume")
          .required("container_path", STRING)
          .required("host_path", STRING)
          .required("mode", oneOf("RO", "RW"))
          .build();

  static final Struct MESOS =
      Struct.named("Mesos")
          .optional("image", choice(APPC_IMAGE, DOCKER_IMAGE))
          .emptyList("volumes", VOLUME)
          .build();

  /** A job as its author writes it. */
  static final Struct JOB =
      Struct.named("Job")
          .standard("name", "{{task.name}}")
          .required("role", STRING)
          .optional("contact", STRING)
          .required("cluster", STRING)
          .required("environment", STRING)
          .standard("instances", 1)
          .required("task", TASK)
          .optional("announce", ANNOUNCER)
          .optional("tier", STRING)
          .optional("cron_schedule", STRING)
          .standard("cron_collision_policy", "KILL_EXISTING")
          .standard("update_config", UPDATE_CONFIG, UPDATE_CONFIG.empty())
          .optional("constraints", TEXTS)
          .emptyList("metadata", METADATA)
          .standard("service", false)
          .standard("max_task_failures", 1)
          .standard("production", false)
          .standard("priority", 0)
          .standard("health_check_config", HEALTH_CHECK_CONFIG, HEALTH_CHECK_CONFIG.empty())
          .standard(
              "lifecycle",
              LIFECYCLE_CONFIG,
              new Value.Struct(
                  LIFECYCLE_CONFIG, ImmutableMap.of("http", HTTP_LIFECYCLE_CONFIG.empty())))
          .optional("task_links", TEXTS)
          .standard("executor_config", EXECUTOR_CONFIG, EXECUTOR_CONFIG.empty())
          .standard("enable_hooks", false)
          .optional("partition_policy", PARTITION_POLICY)
          .optional(
              "sla_policy", choice(COORDINATOR_SLA_POLICY, COUNT_SLA_POLICY, PERCENTAGE_SLA_POLICY))
          .optional("container", choice(CONTAINER, DOCKER, MESOS))
          .build();

  /** What an executor has to know of a job, which need not be where it is from. */
  static final Struct EXECUTOR_JOB =
      JOB.without("instances", "update_config")
          .with("cluster", new Type.Member(STRING, false, null));

  /** What older schedulers sent to executors. */
  static final Struct TASK_INSTANCE =
      Struct.named("TaskInstance")
          .required("task", TASK)
          .required("instance", INTEGER)
          .required("role", STRING)
          .required("environment", STRING)
          .optional("announce", ANNOUNCER)
          .standard("health_check_config", HEALTH_CHECK_CONFIG, HEALTH_CHECK_CONFIG.empty())
          .optional("lifecycle", LIFECYCLE_CONFIG)
          .build();

  private Schema() {}

  private static OneOf oneOf(String... values) {
    return new OneOf(ImmutableList.copyOf(values));
  }

  private static Choice choice(Struct... alternatives) {
    return new Choice(ImmutableList.copyOf(alternatives));
  }
}
