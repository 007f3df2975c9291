package io.borealis.config;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSetMultimap;
import com.google.common.net.HostAndPort;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** The table of all settings. Immutable. */
public final class Settings {
  private static final List<Setting<?>> TABLE = new ArrayList<>();
  private static final ImmutableSet<Command> DAEMONS =
      ImmutableSet.of(Command.UP, Command.SCHEDULER);
  private static final ImmutableSet<Command> AGENTS = ImmutableSet.of(Command.UP, Command.AGENT);
  private static final ImmutableSet<String> OFFER_KEYS =
      ImmutableSet.of("CPU", "MEMORY", "DISK", "REVOCABLE_CPU", "RANDOM");
  private static final ImmutableSet<Command> LOCAL = ImmutableSet.of(Command.UP, Command.ZOOKEEPER);
  private static final ImmutableSet<Command> REMOTE =
      ImmutableSet.of(Command.SCHEDULER, Command.AGENT, Command.JOURNAL, Command.IMPORT_BACKUP);
  private static final ImmutableSet<Command> JOURNALED =
      ImmutableSet.of(Command.UP, Command.SCHEDULER, Command.JOURNAL, Command.IMPORT_BACKUP);
  private static final ImmutableSet<Command> CONNECTED =
      ImmutableSet.of(
          Command.UP, Command.SCHEDULER, Command.AGENT, Command.JOURNAL, Command.IMPORT_BACKUP);
  private static final ImmutableSet<Command> TALKING =
      ImmutableSet.of(Command.UP, Command.SCHEDULER, Command.AGENT);
  private static final ImmutableSet<Command> ALL = ImmutableSet.copyOf(Command.values());

  static final Setting<Path> CONFIG =
      add("config", Parser.PATH, null, "A YAML file with settings, keyed by flag name", ALL);
  static final Setting<String> HTTP_HOST =
      add(
          "http-host",
          Parser.TEXT,
          "127.0.0.1",
          "must not be empty",
          host -> !host.isEmpty(),
          "Address to listen on",
          DAEMONS,
          "ip");
  static final Setting<Integer> HTTP_PORT =
      add(
          "http-port",
          Parser.NUMBER,
          "8081",
          "must be 0 (any) to 65535",
          port -> port >= 0 && port <= 65535,
          "Port to listen on",
          DAEMONS,
          "http_port");
  static final Setting<String> HOSTNAME =
      add(
          "hostname",
          Parser.TEXT,
          null,
          "must not be empty",
          host -> !host.isEmpty(),
          "Host told to clients; else --http-host, or for a wildcard and an agent the name of the machine",
          TALKING,
          "hostname");
  static final Setting<Long> MAX_BODY =
      add(
          "max-request-size",
          Parser.SIZE,
          "16MB",
          "must be 1KB to 256MB",
          size -> size >= 1024 && size <= 256L << 20,
          "Largest request body",
          DAEMONS);
  static final Setting<Duration> REQUEST_DEADLINE =
      add(
          "request-deadline",
          Parser.TIME,
          "30s",
          "must be 1s to 10mins",
          time -> between(time, Duration.ofSeconds(1), Duration.ofMinutes(10)),
          "When every request has its answer",
          DAEMONS);
  static final Setting<Integer> MAX_EVENT_STREAMS =
      add(
          "max-event-streams",
          Parser.NUMBER,
          "1000",
          "must be 0 to 100000",
          count -> count >= 0 && count <= 100_000,
          "Most streams of events at a time",
          DAEMONS);
  static final Setting<String> CLUSTER_NAME =
      add(
          "cluster-name",
          Parser.TEXT,
          "local",
          "must be a name without blanks or slashes",
          name -> name.matches("[^\\s/]+"),
          "Name of the cluster, told to clients",
          JOURNALED,
          "cluster_name");
  static final Setting<String> STATS_URL_PREFIX =
      add("stats-url-prefix", Parser.TEXT, "", "Told to clients", DAEMONS, "viz_job_url_prefix");
  static final Setting<String> CLUSTER =
      add(
          "cluster",
          Parser.TEXT,
          "agents",
          "must be agents or simulated",
          name -> name.equals("agents") || name.equals("simulated"),
          "What runs the tasks: agents on the machines of the cluster, or nothing but the clock",
          DAEMONS);
  static final Setting<Duration> AGENT_TIMEOUT =
      add(
          "agent-timeout",
          Parser.TIME,
          "75s",
          "must be 2s to 1hrs",
          time -> between(time, Duration.ofSeconds(2), Duration.ofHours(1)),
          "After this silence an agent counts as out of reach",
          DAEMONS);
  static final Setting<Duration> AGENT_REREGISTRATION_TIMEOUT =
      add(
          "agent-reregistration-timeout",
          Parser.TIME,
          "2mins",
          "must be 1s to 1hrs",
          time -> between(time, Duration.ofSeconds(1), Duration.ofHours(1)),
          "How long a new leader waits for the agents of the tasks it knows",
          DAEMONS);
  static final Setting<ImmutableList<HostAndPort>> ZK_ENDPOINTS =
      add(
          "zk-endpoints",
          Parser.ENDPOINTS,
          null,
          "must not be empty",
          list -> !list.isEmpty(),
          "The ZooKeeper ensemble",
          REMOTE,
          "zk_endpoints");
  static final Setting<Duration> ZK_SESSION_TIMEOUT =
      add(
          "zk-session-timeout",
          Parser.TIME,
          "6s",
          "must be 1s to 5mins",
          time -> between(time, Duration.ofSeconds(1), Duration.ofMinutes(5)),
          "After this silence a leader is taken for dead",
          CONNECTED,
          "zk_session_timeout");
  static final Setting<String> ZK_CREDENTIALS =
      add(
          "zk-digest-credentials",
          Parser.TEXT,
          null,
          "must be user:password",
          text -> text.matches("[^:]+:[^:]+"),
          "Credentials for ZooKeeper; nodes are then ours to write and anybody's to read",
          CONNECTED,
          "zk_digest_credentials");
  static final Setting<String> SERVERSET_PATH =
      add(
          "serverset-path",
          Parser.TEXT,
          "/aurora/scheduler",
          "must be an absolute path",
          Settings::isPath,
          "Where clients find the leader in ZooKeeper",
          CONNECTED,
          "serverset_path");
  static final Setting<String> ZK_CHROOT =
      add(
          "zk-chroot-path",
          Parser.TEXT,
          null,
          "must be an absolute path",
          Settings::isPath,
          "Goes before --serverset-path",
          CONNECTED,
          "zk_chroot_path");
  static final Setting<String> ENDPOINT_NAME =
      add(
          "serverset-endpoint-name",
          Parser.TEXT,
          "http",
          "Name of the endpoint in the leader's entry",
          DAEMONS,
          "serverset_endpoint_name");
  static final Setting<String> JOURNAL_ROOT =
      add(
          "journal-root",
          Parser.TEXT,
          null,
          "must be an absolute path",
          Settings::isPath,
          "Where the journal is in ZooKeeper; else /borealis/<cluster name>",
          JOURNALED);
  static final Setting<Integer> SNAPSHOT_ENTRIES =
      add(
          "snapshot-entries",
          Parser.NUMBER,
          "10000",
          "must be 10 to 40000",
          n -> n >= 10 && n <= 40_000,
          "A snapshot is made after so many entries",
          DAEMONS);
  static final Setting<Long> SNAPSHOT_BYTES =
      add(
          "snapshot-size",
          Parser.SIZE,
          "64MB",
          "must be at least 64KB",
          size -> size >= 64 << 10,
          "… or after so many bytes of entries",
          DAEMONS);
  static final Setting<Duration> SNAPSHOT_INTERVAL =
      add(
          "snapshot-interval",
          Parser.TIME,
          "1hrs",
          "must be at least 1s",
          time -> time.compareTo(Duration.ofSeconds(1)) >= 0,
          "… or after this time",
          DAEMONS,
          "dlog_snapshot_interval");
  static final Setting<Integer> MAX_TASKS_PER_JOB =
      add(
          "max-tasks-per-job",
          Parser.NUMBER,
          "4000",
          "must be positive",
          n -> n > 0,
          "Most instances of a job",
          DAEMONS,
          "max_tasks_per_job");
  static final Setting<Integer> MAX_UPDATE_INSTANCE_FAILURES =
      add(
          "max-update-instance-failures",
          Parser.NUMBER,
          null,
          "must be positive",
          n -> n > 0,
          "Most failures of instances an update may tolerate in all; else five times --max-tasks-per-job",
          DAEMONS,
          "max_update_instance_failures");
  static final Setting<String> ALLOWED_JOB_ENVIRONMENTS =
      add(
          "allowed-job-environments",
          Parser.TEXT,
          "^(prod|devel|test|staging\\d*)$",
          "must be a regular expression",
          Settings::isPattern,
          "What environments jobs may have",
          DAEMONS,
          "allowed_job_environments");
  static final Setting<Boolean> CHECK_ENVIRONMENT_OF_UPDATES =
      add(
          "check-environment-of-updates",
          Parser.FLAG,
          "false",
          "Whether --allowed-job-environments also holds for updates, which may create jobs",
          DAEMONS);
  static final Setting<ImmutableList<String>> ALLOWED_CONTAINER_TYPES =
      add(
          "allowed-container-types",
          Parser.LIST,
          "MESOS",
          "must name MESOS and DOCKER only",
          list -> ImmutableSet.of("MESOS", "DOCKER").containsAll(list),
          "Containers jobs may use",
          DAEMONS,
          "allowed_container_types");
  static final Setting<Boolean> ALLOW_DOCKER_PARAMETERS =
      add(
          "allow-docker-parameters",
          Parser.FLAG,
          "false",
          "Whether jobs may give Docker parameters",
          DAEMONS,
          "allow_docker_parameters");
  static final Setting<ImmutableMap<String, String>> DEFAULT_DOCKER_PARAMETERS =
      add(
          "default-docker-parameters",
          Parser.PAIRS,
          "",
          "Parameters of Docker containers for which jobs give none",
          DAEMONS,
          "default_docker_parameters");
  static final Setting<Boolean> REQUIRE_DOCKER_USE_EXECUTOR =
      add(
          "require-docker-use-executor",
          Parser.FLAG,
          "true",
          "Whether Docker jobs need an executor",
          DAEMONS,
          "require_docker_use_executor");
  static final Setting<Boolean> ALLOW_CONTAINER_VOLUMES =
      add(
          "allow-container-volumes",
          Parser.FLAG,
          "false",
          "Whether jobs may mount volumes",
          DAEMONS,
          "allow_container_volumes");
  static final Setting<Boolean> ALLOW_GPU_RESOURCE =
      add(
          "allow-gpu-resource",
          Parser.FLAG,
          "false",
          "Whether jobs may ask for GPUs",
          DAEMONS,
          "allow_gpu_resource");
  static final Setting<Boolean> ENABLE_MESOS_FETCHER =
      add(
          "enable-mesos-fetcher",
          Parser.FLAG,
          "false",
          "Whether jobs may have URIs fetched",
          DAEMONS,
          "enable_mesos_fetcher");
  static final Setting<Path> TIER_CONFIG =
      add(
          "tier-config",
          Parser.PATH,
          null,
          "A file with tiers; else the usual three",
          DAEMONS,
          "tier_config");
  static final Setting<Path> CUSTOM_EXECUTOR_CONFIG =
      add(
          "custom-executor-config",
          Parser.PATH,
          null,
          "A file with executors beside AuroraExecutor",
          DAEMONS,
          "custom_executor_config");
  static final Setting<Double> EXECUTOR_CPU =
      add(
          "thermos-executor-cpu",
          Parser.DECIMAL,
          "0.25",
          "must not be negative",
          cpus -> cpus >= 0,
          "CPUs that AuroraExecutor needs beside its task",
          DAEMONS,
          "thermos_executor_cpu");
  static final Setting<Long> EXECUTOR_RAM =
      add(
          "thermos-executor-ram",
          Parser.SIZE,
          "128MB",
          "Memory that AuroraExecutor needs beside its task, counted in whole MB",
          DAEMONS,
          "thermos_executor_ram");
  static final Setting<Duration> CONSUMPTION_INTERVAL =
      add(
          "async-task-stat-update-interval",
          Parser.TIME,
          "1hrs",
          "must be positive",
          Settings::positive,
          "Time between two counts of what tasks use and of quotas, for metrics",
          DAEMONS,
          "async_task_stat_update_interval");
  static final Setting<Duration> TRANSIENT_TIMEOUT =
      add(
          "transient-task-state-timeout",
          Parser.TIME,
          "5mins",
          "must be positive",
          Settings::positive,
          "A task stuck in a passing state for so long is lost",
          DAEMONS,
          "transient_task_state_timeout");
  static final Setting<Duration> KILL_RETRY =
      add(
          "initial-task-kill-retry-interval",
          Parser.TIME,
          "15secs",
          "must be positive",
          Settings::positive,
          "First time between two kills of a task that does not end",
          DAEMONS,
          "initial_task_kill_retry_interval");
  static final Setting<Duration> FLAPPING_THRESHOLD =
      add(
          "flapping-task-threshold",
          Parser.TIME,
          "5mins",
          "must be positive",
          Settings::positive,
          "A task that ends sooner is flapping",
          DAEMONS,
          "flapping_task_threshold");
  static final Setting<Duration> FLAPPING_DELAY =
      add(
          "initial-flapping-task-delay",
          Parser.TIME,
          "30secs",
          "must be positive",
          Settings::positive,
          "First waiting time of a flapping task",
          DAEMONS,
          "initial_flapping_task_delay");
  static final Setting<Duration> MAX_FLAPPING_DELAY =
      add(
          "max-flapping-task-delay",
          Parser.TIME,
          "5mins",
          "must be positive",
          Settings::positive,
          "Longest waiting time of a flapping task",
          DAEMONS,
          "max_flapping_task_delay");
  static final Setting<Duration> HISTORY_THRESHOLD =
      add(
          "history-prune-threshold",
          Parser.TIME,
          "2days",
          "must be positive",
          Settings::positive,
          "A task that has ended is forgotten after so long",
          DAEMONS,
          "history_prune_threshold");
  static final Setting<Integer> HISTORY_PER_JOB =
      add(
          "history-max-per-job-threshold",
          Parser.NUMBER,
          "100",
          "must not be negative",
          n -> n >= 0,
          "Of each job so many tasks that have ended are kept, the newest",
          DAEMONS,
          "history_max_per_job_threshold");
  static final Setting<Duration> HISTORY_RETENTION =
      add(
          "history-min-retention-threshold",
          Parser.TIME,
          "1hrs",
          "must not be negative",
          time -> !time.isNegative(),
          "No task is forgotten sooner after its end, however many there are",
          DAEMONS,
          "history_min_retention_threshold");
  static final Setting<Integer> HISTORY_BATCH =
      add(
          "max-task-event-batch-size",
          Parser.NUMBER,
          "300",
          "must be 1 to 10000",
          n -> n >= 1 && n <= 10_000,
          "Most tasks that are forgotten in one transaction",
          DAEMONS,
          "max_task_event_batch_size");
  static final Setting<Duration> RECONCILE_DELAY =
      add(
          "reconciliation-initial-delay",
          Parser.TIME,
          "1mins",
          "must not be negative",
          time -> !time.isNegative(),
          "When a new leader asks for the state of its tasks for the second time",
          DAEMONS,
          "reconciliation_initial_delay");
  static final Setting<Duration> RECONCILE_EXPLICITLY =
      add(
          "reconciliation-explicit-interval",
          Parser.TIME,
          "60mins",
          "must be at least 1s",
          time -> time.compareTo(Duration.ofSeconds(1)) >= 0,
          "How often the cluster is asked for the state of the tasks it should have",
          DAEMONS,
          "reconciliation_explicit_interval");
  static final Setting<Duration> RECONCILE_IMPLICITLY =
      add(
          "reconciliation-implicit-interval",
          Parser.TIME,
          "60mins",
          "must be at least 1s",
          time -> time.compareTo(Duration.ofSeconds(1)) >= 0,
          "How often the cluster is asked for the state of all tasks it has",
          DAEMONS,
          "reconciliation_implicit_interval");
  static final Setting<Duration> RECONCILE_SPREAD =
      add(
          "reconciliation-schedule-spread",
          Parser.TIME,
          "30mins",
          "must not be negative",
          time -> !time.isNegative(),
          "How much later than for the former it is asked for the latter at first",
          DAEMONS,
          "reconciliation_schedule_spread");
  static final Setting<Integer> RECONCILE_BATCH =
      add(
          "reconciliation-explicit-batch-size",
          Parser.NUMBER,
          "1000",
          "must be positive",
          n -> n > 0,
          "Most tasks the cluster is asked for at once",
          DAEMONS,
          "reconciliation_explicit_batch_size");
  static final Setting<Duration> RECONCILE_BATCH_INTERVAL =
      add(
          "reconciliation-explicit-batch-interval",
          Parser.TIME,
          "5secs",
          "must be positive",
          Settings::positive,
          "Time between two of these questions",
          DAEMONS,
          "reconciliation_explicit_batch_interval");
  static final Setting<Boolean> PARTITION_AWARE =
      add(
          "partition-aware",
          Parser.FLAG,
          "false",
          "Whether tasks on agents out of reach become PARTITIONED instead of LOST",
          DAEMONS,
          "partition_aware");
  static final Setting<Duration> UPDATE_PRUNING_INTERVAL =
      add(
          "job-update-history-pruning-interval",
          Parser.TIME,
          "15mins",
          "must be at least 1s",
          time -> time.compareTo(Duration.ofSeconds(1)) >= 0,
          "Time between two looks for updates to be forgotten",
          DAEMONS,
          "job_update_history_pruning_interval");
  static final Setting<Duration> UPDATE_PRUNING_THRESHOLD =
      add(
          "job-update-history-pruning-threshold",
          Parser.TIME,
          "30days",
          "must not be negative",
          time -> !time.isNegative(),
          "An update that has ended is forgotten so long after it was started",
          DAEMONS,
          "job_update_history_pruning_threshold");
  static final Setting<Integer> UPDATES_KEPT_PER_JOB =
      add(
          "job-update-history-per-job-threshold",
          Parser.NUMBER,
          "10",
          "must not be negative",
          n -> n >= 0,
          "Of each job so many updates that have ended are kept, the newest",
          DAEMONS,
          "job_update_history_per_job_threshold");
  static final Setting<Boolean> TOLERATE_INFRASTRUCTURE_EXITS =
      add(
          "update-tolerate-infrastructure-exits",
          Parser.FLAG,
          "false",
          "Whether updates disregard exits of new tasks that were restarted, drained, preempted or"
              + " lost",
          DAEMONS);
  static final Setting<Duration> UPDATE_STALL_THRESHOLD =
      add(
          "update-stall-threshold",
          Parser.TIME,
          "15mins",
          "must be positive",
          Settings::positive,
          "An update in which nothing was recorded for so long counts as stalled",
          DAEMONS);
  static final Setting<Boolean> UPDATE_AFFINITY =
      add(
          "enable-update-affinity",
          Parser.FLAG,
          "false",
          "Whether updates put a task back on the agent of the one it replaces, if it asks for no"
              + " more of any resource and has the same constraints",
          DAEMONS,
          "enable_update_affinity");
  static final Setting<Duration> UPDATE_AFFINITY_HOLD =
      add(
          "update-affinity-hold-time",
          Parser.TIME,
          "3mins",
          "must be positive",
          Settings::positive,
          "How long that agent is kept; the task goes anywhere then",
          DAEMONS,
          "update_affinity_reservation_hold_time");
  static final Setting<Boolean> PREEMPTION =
      add(
          "enable-preemptor",
          Parser.FLAG,
          "true",
          "Whether tasks of lower rank have to leave in favor of tasks that wait for long",
          DAEMONS,
          "enable_preemptor");
  static final Setting<Duration> PREEMPTION_DELAY =
      add(
          "preemption-delay",
          Parser.TIME,
          "3mins",
          "must be positive",
          Settings::positive,
          "How long a task must have been pending before others have to leave in its favor",
          DAEMONS,
          "preemption_delay");
  static final Setting<Duration> PREEMPTION_SLOT_HOLD =
      add(
          "preemption-slot-hold-time",
          Parser.TIME,
          "5mins",
          "must be positive",
          Settings::positive,
          "How long a place that was found may wait until others are told to leave it",
          DAEMONS,
          "preemption_slot_hold_time");
  static final Setting<Duration> PREEMPTION_INITIAL_DELAY =
      add(
          "preemption-slot-search-initial-delay",
          Parser.TIME,
          "3mins",
          "must be positive",
          Settings::positive,
          "From the beginning of a leader to its first search for such places",
          DAEMONS,
          "preemption_slot_search_initial_delay");
  static final Setting<Duration> PREEMPTION_INTERVAL =
      add(
          "preemption-slot-search-interval",
          Parser.TIME,
          "1mins",
          "must be positive",
          Settings::positive,
          "Least time between two such searches",
          DAEMONS,
          "preemption_slot_search_interval");
  static final Setting<Integer> PREEMPTION_BATCH =
      add(
          "preemption-reservation-max-batch-size",
          Parser.NUMBER,
          "5",
          "must be positive",
          n -> n > 0,
          "Most agents that are cleared for a group of equal tasks at a time",
          DAEMONS,
          "preemption_reservation_max_batch_size");
  static final Setting<Duration> PREEMPTION_RESERVATION =
      add(
          "offer-reservation-duration",
          Parser.TIME,
          "3mins",
          "must be positive",
          Settings::positive,
          "How long a cleared agent is kept for the group of tasks it was cleared for",
          DAEMONS,
          "offer_reservation_duration");
  static final Setting<Integer> MIN_INSTANCES_FOR_SLA =
      add(
          "min-required-instances-for-sla-check",
          Parser.NUMBER,
          "20",
          "must not be negative",
          n -> n >= 0,
          "Smaller jobs have no count or percentage policy, and are not protected by one",
          DAEMONS,
          "min_required_instances_for_sla_check");
  static final Setting<Duration> MAX_SLA_DURATION =
      add(
          "max-sla-duration-secs",
          Parser.TIME,
          "2hrs",
          "must be positive",
          Settings::positive,
          "Longest duration of a count or percentage policy",
          DAEMONS,
          "max_sla_duration_secs");
  static final Setting<Boolean> SLA_NON_PROD =
      add(
          "sla-aware-kill-non-prod",
          Parser.FLAG,
          "false",
          "Jobs of other than production tiers may have policies too",
          DAEMONS,
          "sla_aware_kill_non_prod");
  static final Setting<Duration> COORDINATOR_TIMEOUT =
      add(
          "sla-coordinator-timeout",
          Parser.TIME,
          "1mins",
          "must be positive",
          Settings::positive,
          "When every exchange with a coordinator is over",
          DAEMONS,
          "sla_coordinator_timeout");
  static final Setting<Integer> MAX_COORDINATED =
      add(
          "max-parallel-coordinated-maintenance",
          Parser.NUMBER,
          "10",
          "must be positive",
          n -> n > 0,
          "Most exchanges with coordinators at once",
          DAEMONS,
          "max_parallel_coordinated_maintenance");
  static final Setting<Duration> SLA_MIN_RETRY =
      add(
          "sla-aware-kill-retry-min-delay",
          Parser.TIME,
          "1mins",
          "must be positive",
          Settings::positive,
          "Least time between two checks of a task that must wait for its policy",
          DAEMONS,
          "sla_aware_kill_retry_min_delay");
  static final Setting<Duration> SLA_MAX_RETRY =
      add(
          "sla-aware-kill-retry-max-delay",
          Parser.TIME,
          "5mins",
          "must be positive",
          Settings::positive,
          "Longest time between them",
          DAEMONS,
          "sla_aware_kill_retry_max_delay");
  static final Setting<Integer> SLA_BATCH =
      add(
          "sla-aware-action-max-batch-size",
          Parser.NUMBER,
          "300",
          "must be positive",
          n -> n > 0,
          "Most tasks whose policies are checked in one transaction",
          DAEMONS,
          "sla_aware_action_max_batch_size");
  static final Setting<Duration> MAINTENANCE_INTERVAL =
      add(
          "host-maintenance-polling-interval",
          Parser.TIME,
          "1mins",
          "must be positive",
          Settings::positive,
          "Time between two attempts to take a task that its policy protects off a host being drained",
          DAEMONS,
          "host_maintenance_polling_interval");
  static final Setting<Duration> SLA_METRICS_INTERVAL =
      add(
          "sla-stat-refresh-interval",
          Parser.TIME,
          "1mins",
          "must be positive",
          Settings::positive,
          "Time between two computations of the SLA metrics, and what each of them looks back on",
          DAEMONS,
          "sla_stat_refresh_interval");
  static final Setting<ImmutableList<String>> SLA_PROD_METRICS =
      add(
          "sla-prod-metrics",
          Parser.LIST,
          "JOB_UPTIMES,PLATFORM_UPTIME,MEDIANS",
          "must name JOB_UPTIMES, PLATFORM_UPTIME and MEDIANS only",
          Settings::slaMetrics,
          "SLA metrics of services of production tiers",
          DAEMONS,
          "sla_prod_metrics");
  static final Setting<ImmutableList<String>> SLA_NON_PROD_METRICS =
      add(
          "sla-non-prod-metrics",
          Parser.LIST,
          "",
          "must name JOB_UPTIMES, PLATFORM_UPTIME and MEDIANS only",
          Settings::slaMetrics,
          "SLA metrics of all other services",
          DAEMONS,
          "sla_non_prod_metrics");
  static final Setting<Duration> FIRST_SCHEDULE_DELAY =
      add(
          "first-schedule-delay",
          Parser.TIME,
          "1ms",
          "must be positive",
          Settings::positive,
          "From a task's becoming pending, or an offer's coming, to the first attempt to place it",
          DAEMONS,
          "first_schedule_delay");
  static final Setting<Duration> INITIAL_SCHEDULE_PENALTY =
      add(
          "initial-schedule-penalty",
          Parser.TIME,
          "1s",
          "must be positive",
          Settings::positive,
          "After a group of equal tasks found no place, the time to its next attempt, at least",
          DAEMONS,
          "initial_schedule_penalty");
  static final Setting<Duration> MAX_SCHEDULE_PENALTY =
      add(
          "max-schedule-penalty",
          Parser.TIME,
          "1mins",
          "must be positive",
          Settings::positive,
          "The longest such time; it grows to that with each attempt that fails",
          DAEMONS,
          "max_schedule_penalty");
  static final Setting<Duration> OFFER_HOLD =
      add(
          "min-offer-hold-time",
          Parser.TIME,
          "5mins",
          "must not be negative",
          time -> !time.isNegative(),
          "How long an unused offer is held, at least",
          DAEMONS,
          "min_offer_hold_time");
  static final Setting<Duration> OFFER_HOLD_JITTER =
      add(
          "offer-hold-jitter-window",
          Parser.TIME,
          "1mins",
          "must not be negative",
          time -> !time.isNegative(),
          "The ends of holds are spread over so much more time",
          DAEMONS,
          "offer_hold_jitter_window");
  static final Setting<Boolean> HOLD_OFFERS_FOREVER =
      add(
          "hold-offers-forever",
          Parser.FLAG,
          "false",
          "Whether unused offers are never given back",
          DAEMONS,
          "hold_offers_forever");
  static final Setting<Duration> OFFER_FILTER_DURATION =
      add(
          "offer-filter-duration",
          Parser.TIME,
          "5s",
          "must not be negative",
          time -> !time.isNegative(),
          "How long the cluster shall not offer again what was given back",
          DAEMONS,
          "offer_filter_duration");
  static final Setting<ImmutableList<String>> OFFER_ORDER =
      add(
          "offer-order",
          Parser.LIST,
          "RANDOM",
          "must be of CPU, MEMORY, DISK, REVOCABLE_CPU, RANDOM",
          list -> OFFER_KEYS.containsAll(list),
          "By what offers are tried, after maintenance: the least of each first",
          DAEMONS,
          "offer_order");
  static final Setting<Duration> UNAVAILABILITY_THRESHOLD =
      add(
          "unavailability-threshold",
          Parser.TIME,
          "6mins",
          "must not be negative",
          time -> !time.isNegative(),
          "A host gets no tasks so long before maintenance that its cluster has planned",
          DAEMONS,
          "unavailability_threshold");
  static final Setting<Boolean> REVOCABLE_CPUS =
      add(
          "enable-revocable-cpus",
          Parser.FLAG,
          "true",
          "Whether tasks of revocable tiers run on revocable cpus",
          DAEMONS,
          "enable_revocable_cpus");
  static final Setting<Boolean> REVOCABLE_RAM =
      add(
          "enable-revocable-ram",
          Parser.FLAG,
          "false",
          "Whether they run on revocable RAM",
          DAEMONS,
          "enable_revocable_ram");
  static final Setting<Duration> SLOT_STAT_INTERVAL =
      add(
          "async-slot-stat-update-interval",
          Parser.TIME,
          "1mins",
          "must be at least 1s",
          time -> time.compareTo(Duration.ofSeconds(1)) >= 0,
          "Time between two counts of the empty slots of the cluster",
          DAEMONS,
          "async_slot_stat_update_interval");
  static final Setting<ZoneId> CRON_TIMEZONE =
      add(
          "cron-timezone",
          Parser.ZONE,
          "GMT",
          "Time zone in which the schedules of cron jobs are read",
          DAEMONS,
          "cron_timezone");
  static final Setting<Duration> CRON_CATCH_UP =
      add(
          "cron-catch-up",
          Parser.TIME,
          "1mins",
          "must be at most 1days",
          time -> time.compareTo(Duration.ofDays(1)) <= 0,
          "A new leader makes up the newest run of a cron job that fell into so long a time before"
              + " it took over; 0 for none",
          DAEMONS);
  static final Setting<Integer> CRON_BATCH =
      add(
          "cron-scheduling-max-batch-size",
          Parser.NUMBER,
          "10",
          "must be positive",
          n -> n > 0,
          "Most cron jobs begun in one transaction",
          DAEMONS,
          "cron_scheduling_max_batch_size");
  static final Setting<Integer> SIMULATED_HOSTS =
      add(
          "simulated-hosts",
          Parser.NUMBER,
          "6",
          "must be 1 to 100000",
          n -> n >= 1 && n <= 100_000,
          "Hosts of the simulated cluster, each of 16 cpus, 16 GiB and 100 GiB of disk; the last of"
              + " six or more is dedicated to www-data/web.multi",
          DAEMONS);
  static final Setting<Duration> SIMULATED_START =
      add(
          "simulated-start-ms",
          Parser.MILLIS,
          "100",
          "must not be negative",
          time -> !time.isNegative(),
          "How long a simulated task takes to run",
          DAEMONS);
  static final Setting<Duration> SIMULATED_KILL =
      add(
          "simulated-kill-ms",
          Parser.MILLIS,
          "50",
          "must not be negative",
          time -> !time.isNegative(),
          "How long a simulated task takes to end",
          DAEMONS);
  static final Setting<Path> BACKUP_DIR =
      add(
          "backup-dir",
          Parser.PATH,
          null,
          "Where the leader writes backups; up has them beside its data, scheduler makes none without",
          DAEMONS,
          "backup_dir");
  static final Setting<Duration> BACKUP_INTERVAL =
      add(
          "backup-interval",
          Parser.TIME,
          "1hrs",
          "must be at least 1s",
          time -> time.compareTo(Duration.ofSeconds(1)) >= 0,
          "Time between two backups",
          DAEMONS,
          "backup_interval");
  static final Setting<Integer> MAX_SAVED_BACKUPS =
      add(
          "max-saved-backups",
          Parser.NUMBER,
          "48",
          "must be positive",
          n -> n > 0,
          "How many backups are kept, the newest",
          DAEMONS,
          "max_saved_backups");
  static final Setting<Integer> SIMULATED_REVOCABLE_CPUS =
      add(
          "simulated-revocable-cpus",
          Parser.NUMBER,
          "0",
          "must be 0 to 100000",
          n -> n >= 0 && n <= 100_000,
          "Revocable cpus of each host of the simulated cluster, beside the others",
          DAEMONS);
  static final Setting<Integer> SIMULATED_GPUS =
      add(
          "simulated-gpus",
          Parser.NUMBER,
          "0",
          "must be 0 to 100000",
          n -> n >= 0 && n <= 100_000,
          "GPUs of each host of the simulated cluster",
          DAEMONS);
  static final Setting<Path> DATA_DIR =
      add("data-dir", Parser.PATH, "borealis-data", "Where ZooKeeper keeps its data", LOCAL);
  static final Setting<Integer> ZK_PORT =
      add(
          "zk-port",
          Parser.NUMBER,
          "0",
          "must be 0 (any) to 65535",
          port -> port >= 0 && port <= 65535,
          "Port of the embedded ZooKeeper, which listens on the loopback address",
          ImmutableSet.of(Command.UP));
  static final Setting<Integer> PORT =
      add(
          "port",
          Parser.NUMBER,
          "2181",
          "must be 1 to 65535",
          port -> port >= 1 && port <= 65535,
          "Port for clients",
          ImmutableSet.of(Command.ZOOKEEPER));
  static final Setting<String> HOST =
      add(
          "host",
          Parser.TEXT,
          "127.0.0.1",
          "must not be empty",
          host -> !host.isEmpty(),
          "Address to listen on",
          ImmutableSet.of(Command.ZOOKEEPER));
  static final Setting<Integer> ID =
      add(
          "id",
          Parser.NUMBER,
          "0",
          "must be 1 to 255",
          id -> id >= 0 && id <= 255,
          "Number of this server in --servers",
          ImmutableSet.of(Command.ZOOKEEPER));
  static final Setting<ImmutableMap<Integer, String>> SERVERS =
      add(
          "servers",
          Parser.MEMBERS,
          "",
          "The ensemble, as id=host:peerPort:electionPort,…",
          ImmutableSet.of(Command.ZOOKEEPER));
  static final Setting<Duration> TICK_TIME =
      add(
          "tick-time",
          Parser.TIME,
          "500ms",
          "must be 50ms to 10s",
          time -> between(time, Duration.ofMillis(50), Duration.ofSeconds(10)),
          "Heart beat of ZooKeeper; a session lasts at least two of them",
          LOCAL);

  static final Setting<HostAndPort> SCHEDULER =
      add(
          "scheduler",
          Parser.ENDPOINT,
          "127.0.0.1:8081",
          "Any scheduler of the cluster; it knows who leads",
          ImmutableSet.of(Command.LOCK));

  static final Setting<Path> WORK_DIR =
      add(
          "work-dir",
          Parser.PATH,
          null,
          "Where an agent keeps its tasks and what it knows of them; with up the folder agent in --data-dir",
          AGENTS);
  static final Setting<ImmutableSetMultimap<String, String>> ATTRIBUTES =
      add(
          "attributes",
          Parser.ATTRIBUTES,
          "",
          "What constraints of jobs can refer to, as rack:r1;zones:{a,b}",
          AGENTS);
  static final Setting<AgentSettings.Resources> RESOURCES =
      add(
          "resources",
          Parser.RESOURCES,
          "",
          "What tasks may use, as cpus:4;mem:8192;disk:20000;ports:[31000-32000], mem and disk in MB;"
              + " what is not named is found out",
          AGENTS);
  static final Setting<String> OBSERVER_HOST =
      add(
          "observer-host",
          Parser.TEXT,
          "127.0.0.1",
          "must not be empty",
          host -> !host.isEmpty(),
          "Address the pages of an agent listen on",
          AGENTS);
  static final Setting<Integer> OBSERVER_PORT =
      add(
          "observer-port",
          Parser.NUMBER,
          "1338",
          "must be 0 (any) to 65535",
          port -> port >= 0 && port <= 65535,
          "Port of the pages of an agent",
          AGENTS);
  static final Setting<Path> AGENT_SECRET_FILE =
      add(
          "agent-secret-file",
          Parser.PATH,
          null,
          "A file with the secret by which agents and schedulers know each other",
          TALKING);
  static final Setting<Boolean> STRICT =
      add(
          "strict",
          Parser.FLAG,
          "true",
          "Whether an agent refuses to start on damaged records of tasks; else it passes over them",
          AGENTS);
  static final Setting<Duration> GC_DELAY =
      add(
          "gc-delay",
          Parser.TIME,
          "7days",
          "How long the files of an ended task are kept; less, the fuller the disk is",
          AGENTS);
  static final Setting<Boolean> RUN_AS_ROLE =
      add(
          "run-as-role",
          Parser.FLAG,
          "false",
          "Whether tasks run as the account their role names, for which the agent must be root;"
              + " else as the agent's own",
          AGENTS);
  static final Setting<String> EXECUTE_AS_USER =
      add(
          "execute-as-user",
          Parser.TEXT,
          null,
          "must not be empty",
          name -> !name.isEmpty(),
          "The account for all tasks in place of that of their role; needs root",
          AGENTS);
  static final Setting<Boolean> NOSETUID_HEALTH_CHECKS =
      add(
          "nosetuid-health-checks",
          Parser.FLAG,
          "false",
          "Whether health checks by command run as the agent's own user",
          AGENTS);
  static final Setting<Boolean> PRESERVE_ENV =
      add(
          "preserve-env",
          Parser.FLAG,
          "false",
          "Whether processes of tasks see the environment of the agent",
          AGENTS,
          "preserve_env");
  static final Setting<String> RUNNER_LOGGER_DESTINATION =
      add(
          "runner-logger-destination",
          Parser.TEXT,
          "file",
          "must be file, console, both or none",
          name -> ImmutableSet.of("file", "console", "both", "none").contains(name),
          "Where the output of processes goes unless their job says it",
          AGENTS);
  static final Setting<String> RUNNER_LOGGER_MODE =
      add(
          "runner-logger-mode",
          Parser.TEXT,
          "standard",
          "must be standard or rotate",
          name -> ImmutableSet.of("standard", "rotate").contains(name),
          "How the output of processes is kept unless their job says it",
          AGENTS);
  static final Setting<Long> RUNNER_ROTATE_LOG_SIZE =
      add(
          "runner-rotate-log-size-mb",
          Parser.MEGABYTES,
          "100MB",
          "must be at least 1MB",
          size -> size >= 1 << 20,
          "How long a log gets before it is rotated; a mere number is one of megabytes",
          AGENTS);
  static final Setting<Integer> RUNNER_ROTATE_LOG_BACKUPS =
      add(
          "runner-rotate-log-backups",
          Parser.NUMBER,
          "5",
          "must be 0 to 1000",
          count -> count >= 0 && count <= 1000,
          "How many rotated logs are kept",
          AGENTS);
  static final Setting<Integer> TASK_MAX_PROCESSES =
      add(
          "task-max-processes",
          Parser.NUMBER,
          "4096",
          "must be 0 or more",
          count -> count >= 0,
          "How many processes and threads a task may have, 0 for no bound; where no cgroup holds"
              + " that, all of the account count, and root is not bound",
          AGENTS);
  static final Setting<Duration> STOP_TIMEOUT =
      add(
          "stop-timeout",
          Parser.SECONDS,
          "120s",
          "must be 1s to 1hrs",
          time -> between(time, Duration.ofSeconds(1), Duration.ofHours(1)),
          "How long the end of a task may take in all; a mere number is one of seconds",
          AGENTS,
          "stop_timeout_in_secs");
  static final Setting<ImmutableList<HostAndPort>> ANNOUNCER_ENSEMBLE =
      add(
          "announcer-ensemble",
          Parser.ENDPOINTS,
          null,
          "must not be empty",
          list -> !list.isEmpty(),
          "The ZooKeeper ensemble in which jobs that ask for it are announced; with up the embedded one",
          AGENTS);
  static final Setting<String> ANNOUNCER_ROOT =
      add(
          "announcer-serverset-path",
          Parser.TEXT,
          "/aurora",
          "must be an absolute path",
          Settings::isPath,
          "Where jobs are announced",
          AGENTS);
  static final Setting<Boolean> ANNOUNCER_CUSTOM_PATH =
      add(
          "announcer-allow-custom-serverset-path",
          Parser.FLAG,
          "false",
          "Whether jobs may choose where they are announced",
          AGENTS);
  static final Setting<String> ANNOUNCER_HOSTNAME =
      add(
          "announcer-hostname",
          Parser.TEXT,
          null,
          "must not be empty",
          host -> !host.isEmpty(),
          "Host told in announcements, in place of --hostname",
          AGENTS);
  static final Setting<Path> ANNOUNCER_AUTH =
      add(
          "announcer-zookeeper-auth-config",
          Parser.PATH,
          null,
          "A JSON file with credentials and permissions for announcements",
          AGENTS);

  /** Flags of Aurora that mean nothing here; they are accepted and said to be ignored. */
  static final ImmutableSet<String> IGNORED =
      ImmutableSet.of(
          "allow_announcer",
          "async_worker_threads",
          "cron_scheduler_num_threads",
          "cron_start_initial_backoff",
          "cron_start_max_backoff",
          "dlog_max_entry_size",
          "enable_cors_for",
          "executor_user",
          "framework_announce_principal",
          "framework_authentication_file",
          "framework_failover_timeout",
          "framework_name",
          "global_container_mounts",
          "http_authentication_mechanism",
          "http_offer_set_endpoint",
          "http_offer_set_max_retries",
          "http_offer_set_timeout_ms",
          "kerberos_debug",
          "kerberos_server_keytab",
          "kerberos_server_principal",
          "max_leading_duration",
          "max_registration_delay",
          "max_reschedule_task_delay_on_startup",
          "max_schedule_attempts_per_sec",
          "max_status_update_batch_size",
          "max_tasks_per_schedule_attempt",
          "mesos_driver",
          "mesos_master_address",
          "mesos_role",
          "native_log_election_retries",
          "native_log_election_timeout",
          "native_log_file_path",
          "native_log_quorum_size",
          "native_log_read_timeout",
          "native_log_write_timeout",
          "native_log_zk_group_path",
          "offer_set_module",
          "offer_static_ban_cache_max_size",
          "populate_discovery_info",
          "preemption_slot_finder_modules",
          "receive_revocable_resources",
          "scheduling_max_batch_size",
          "shiro_after_auth_filter",
          "shiro_credentials_matcher",
          "shiro_ini_path",
          "shiro_realm_modules",
          "stat_retention_period",
          "stat_sampling_interval",
          "task_assigner_modules",
          "thermos_executor_flags",
          "thermos_executor_path",
          "thermos_executor_resources",
          "thermos_home_in_sandbox",
          "thrift_method_interceptor_modules",
          "webhook_config",
          "zk_connection_timeout",
          "zk_in_proc");

  private Settings() {}

  /** The settings of a command, in the order of the reference page. */
  static ImmutableList<Setting<?>> of(Command command) {
    return TABLE.stream()
        .filter(setting -> setting.commands().contains(command))
        .collect(ImmutableList.toImmutableList());
  }

  /** All settings. */
  static ImmutableList<Setting<?>> all() {
    return ImmutableList.copyOf(TABLE);
  }

  private static <T> Setting<T> add(
      String name,
      Parser<T> parser,
      @Nullable String defaultText,
      String description,
      ImmutableSet<Command> commands,
      String... aliases) {
    return add(name, parser, defaultText, "", value -> true, description, commands, aliases);
  }

  private static <T> Setting<T> add(
      String name,
      Parser<T> parser,
      @Nullable String defaultText,
      String rule,
      Predicate<T> allowed,
      String description,
      ImmutableSet<Command> commands,
      String... aliases) {
    Setting<T> setting =
        new Setting<>(
            name,
            parser,
            defaultText,
            rule,
            allowed,
            description,
            ImmutableList.copyOf(aliases),
            commands);
    TABLE.add(setting);
    return setting;
  }

  private static boolean slaMetrics(ImmutableList<String> names) {
    return ImmutableSet.of("JOB_UPTIMES", "PLATFORM_UPTIME", "MEDIANS").containsAll(names);
  }

  private static boolean positive(Duration time) {
    return time.compareTo(Duration.ZERO) > 0;
  }

  private static boolean between(Duration time, Duration least, Duration most) {
    return time.compareTo(least) >= 0 && time.compareTo(most) <= 0;
  }

  private static boolean isPath(String text) {
    return text.startsWith("/") && !text.endsWith("/") && !text.contains("//");
  }

  private static boolean isPattern(String text) {
    try {
      return Pattern.compile(text) != null;
    } catch (PatternSyntaxException wrong) {
      return false;
    }
  }
}
