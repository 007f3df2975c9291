package io.borealis.config;

import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.net.HostAndPort;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Optional;

/** The settings of a scheduler, one record for each concern. Immutable. */
public record DaemonSettings(
    Http http,
    Cluster cluster,
    Agents agents,
    ZooKeeper zooKeeper,
    Snapshots snapshots,
    Backups backups,
    Jobs jobs,
    Executors executors,
    Consumption consumption,
    Tasks tasks,
    History history,
    Reconciliation reconciliation,
    Updates updates,
    Scheduling scheduling,
    Preemption preemption,
    Sla sla,
    Maintenance maintenance,
    Cron cron,
    Simulation simulation) {

  /** The same with another ensemble. */
  public DaemonSettings withEnsemble(String servers) {
    return with(agents, zooKeeper.withConnect(servers));
  }

  /** The same with another secret of schedulers and agents. */
  public DaemonSettings withAgentSecret(String secret) {
    return with(
        new Agents(agents.timeout(), agents.reregistration(), Optional.of(secret)), zooKeeper);
  }

  private DaemonSettings with(Agents otherAgents, ZooKeeper otherZooKeeper) {
    return new DaemonSettings(
        http,
        cluster,
        otherAgents,
        otherZooKeeper,
        snapshots,
        backups,
        jobs,
        executors,
        consumption,
        tasks,
        history,
        reconciliation,
        updates,
        scheduling,
        preemption,
        sla,
        maintenance,
        cron,
        simulation);
  }

  /**
   * The HTTP server.
   *
   * @param advertisedHost host told to clients
   * @param maxBodyBytes largest request body
   * @param requestDeadline when every request has its answer
   * @param maxEventStreams most streams of events at a time
   */
  public record Http(
      String host,
      int port,
      String advertisedHost,
      int maxBodyBytes,
      Duration requestDeadline,
      int maxEventStreams,
      String statsUrlPrefix) {}

  /**
   * Which cluster this is.
   *
   * @param driver what runs the tasks
   * @param partitionAware whether tasks on agents out of reach may come back
   */
  public record Cluster(String name, String driver, boolean partitionAware) {
    /** Whether agents run the tasks. */
    public boolean hasAgents() {
      return driver.equals("agents");
    }
  }

  /**
   * The line to the agents.
   *
   * @param timeout after this silence an agent counts as out of reach
   * @param reregistration how long a new leader waits for the agents of the tasks it knows
   * @param secret what agents have to show; when empty, only those of this machine are let in
   */
  public record Agents(Duration timeout, Duration reregistration, Optional<String> secret) {}

  /**
   * Where ZooKeeper is and what we keep there.
   *
   * @param connect servers as {@code host:port,…}; empty when one is to be embedded
   */
  public record ZooKeeper(
      String connect,
      Duration sessionTimeout,
      Optional<String> credentials,
      String serversetPath,
      String endpointName,
      String journalRoot) {
    /** The same with another ensemble. */
    public ZooKeeper withConnect(String servers) {
      return new ZooKeeper(
          servers, sessionTimeout, credentials, serversetPath, endpointName, journalRoot);
    }
  }

  /** When snapshots are made. */
  public record Snapshots(int entries, long bytes, Duration interval) {}

  /**
   * Where and when backups are made.
   *
   * @param dir empty when none are
   * @param kept how many remain
   */
  public record Backups(Optional<Path> dir, Duration interval, int kept) {}

  /** What jobs may be. */
  public record Jobs(
      int maxTasksPerJob,
      long maxUpdateInstanceFailures,
      String allowedEnvironments,
      boolean checkEnvironmentOfUpdates,
      ImmutableList<String> allowedContainerTypes,
      boolean allowDockerParameters,
      ImmutableMap<String, String> defaultDockerParameters,
      boolean requireDockerUseExecutor,
      boolean allowContainerVolumes,
      boolean allowGpuResource,
      boolean enableMesosFetcher,
      Optional<Path> tierConfig) {}

  /**
   * What runs tasks.
   *
   * @param custom a file with executors beside AuroraExecutor
   * @param cpus what AuroraExecutor needs beside its task
   * @param ramBytes likewise
   */
  public record Executors(Optional<Path> custom, double cpus, long ramBytes) {}

  /**
   * Metrics of what tasks use.
   *
   * @param interval time between two counts
   */
  public record Consumption(Duration interval) {}

  /** How long what may take in the life of a task. */
  public record Tasks(
      Duration transientTimeout,
      Duration killRetry,
      Duration flappingThreshold,
      Duration flappingDelay,
      Duration maxFlappingDelay) {}

  /**
   * When tasks that have ended are forgotten.
   *
   * @param threshold so long after their end
   * @param keptPerJob how many each job keeps at most
   * @param minRetention none is forgotten sooner
   * @param batchSize most in one transaction
   */
  public record History(Duration threshold, int keptPerJob, Duration minRetention, int batchSize) {}

  /**
   * When the cluster is asked what has become of tasks.
   *
   * @param initialDelay until it is asked for those it should have
   * @param explicitInterval and then again and again
   * @param implicitInterval time between two questions for all it has
   * @param spread how much later that is asked first
   * @param batchSize most tasks in one question
   * @param batchInterval time between two such questions
   */
  public record Reconciliation(
      Duration initialDelay,
      Duration explicitInterval,
      Duration implicitInterval,
      Duration spread,
      int batchSize,
      Duration batchInterval) {}

  /**
   * What updates do beyond what each of them asks for.
   *
   * @param pruningInterval time between two looks for updates to be forgotten
   * @param pruningThreshold those that have ended are forgotten so long after they were started
   * @param keptPerJob how many that have ended each job keeps at most
   * @param tolerateInfrastructureExits whether tasks that the cluster takes away are no failures
   * @param stallThreshold how long nothing may be recorded
   */
  public record Updates(
      Duration pruningInterval,
      Duration pruningThreshold,
      int keptPerJob,
      boolean tolerateInfrastructureExits,
      Duration stallThreshold) {}

  /**
   * Where tasks go.
   *
   * @param firstDelay from a task's becoming pending to the first attempt
   * @param initialPenalty time to the next attempt after the first that failed, at least
   * @param maxPenalty the longest such time
   * @param offerHold how long an unused offer is held, at least
   * @param offerHoldJitter spreads the ends of holds
   * @param offerRefusal how long resources given back are not offered again
   * @param offerOrder by what offers are ordered
   * @param unavailabilityThreshold how long before planned maintenance a host gets no tasks
   * @param revocableCpus whether tasks of revocable tiers run on revocable cpus; so for RAM
   * @param slotStatInterval time between two counts of empty slots
   * @param affinityHold how long the agent of a task that an update replaces is kept for its
   *     replacement; zero when none is
   */
  public record Scheduling(
      Duration firstDelay,
      Duration initialPenalty,
      Duration maxPenalty,
      Duration offerHold,
      Duration offerHoldJitter,
      boolean holdOffersForever,
      Duration offerRefusal,
      ImmutableList<String> offerOrder,
      Duration unavailabilityThreshold,
      boolean revocableCpus,
      boolean revocableRam,
      Duration slotStatInterval,
      Duration affinityHold) {}

  /**
   * When tasks have to leave in favor of others.
   *
   * @param delay how long a task must have been pending
   * @param slotHold how long a place that was found may wait to be used
   * @param initialDelay from the beginning of a leader to its first search
   * @param interval least time between two searches
   * @param batch most agents that are cleared for a group at a time
   * @param reservation how long a cleared agent is kept
   */
  public record Preemption(
      boolean enabled,
      Duration delay,
      Duration slotHold,
      Duration initialDelay,
      Duration interval,
      int batch,
      Duration reservation) {}

  /**
   * How policies that protect tasks are checked.
   *
   * @param minInstances smaller jobs are not protected by count and percentage policies
   * @param maxDuration longest duration of such a policy
   * @param nonProduction whether jobs of other than production tiers may have policies
   * @param coordinatorTimeout longest time for an exchange with a coordinator
   * @param maxCoordinated most such exchanges at once
   * @param minRetry least time between two checks of a task that must wait
   * @param maxRetry longest time between them
   * @param batchSize most tasks checked in one transaction
   */
  public record Sla(
      int minInstances,
      Duration maxDuration,
      boolean nonProduction,
      Duration coordinatorTimeout,
      int maxCoordinated,
      Duration minRetry,
      Duration maxRetry,
      int batchSize) {}

  /**
   * What watches over promises about hosts and jobs.
   *
   * @param interval time between two attempts to take a task off a host
   * @param metricsInterval time between two computations of the SLA metrics
   * @param productionMetrics categories of metrics of services of production tiers
   * @param otherMetrics those of all other services
   */
  public record Maintenance(
      Duration interval,
      Duration metricsInterval,
      ImmutableList<String> productionMetrics,
      ImmutableList<String> otherMetrics) {}

  /**
   * How cron jobs are run.
   *
   * @param zone where their schedules are read
   * @param catchUp a new leader makes up what passed so long before it took over, at most
   * @param batchSize most jobs begun in one transaction
   */
  public record Cron(ZoneId zone, Duration catchUp, int batchSize) {}

  /** The simulated cluster. */
  public record Simulation(int hosts, Duration start, Duration kill, int revocableCpus, int gpus) {}

  /** A ZooKeeper server of our own. */
  public record ZooKeeperServer(
      Path dataDir,
      String host,
      int port,
      Duration tickTime,
      int id,
      ImmutableMap<Integer, String> servers) {}

  /**
   * The settings of {@link Command#UP} and {@link Command#SCHEDULER}.
   *
   * @throws ConfigException when a required one is missing
   */
  public static DaemonSettings of(Command command, Parsed parsed) {
    String host = parsed.get(Settings.HTTP_HOST);
    String advertised = parsed.find(Settings.HOSTNAME);
    String cluster = parsed.get(Settings.CLUSTER_NAME);
    return new DaemonSettings(
        new Http(
            host,
            parsed.get(Settings.HTTP_PORT),
            advertised == null ? reachable(host) : advertised,
            Math.toIntExact(parsed.get(Settings.MAX_BODY)),
            parsed.get(Settings.REQUEST_DEADLINE),
            parsed.get(Settings.MAX_EVENT_STREAMS),
            parsed.get(Settings.STATS_URL_PREFIX)),
        new Cluster(cluster, parsed.get(Settings.CLUSTER), parsed.get(Settings.PARTITION_AWARE)),
        new Agents(
            parsed.get(Settings.AGENT_TIMEOUT),
            parsed.get(Settings.AGENT_REREGISTRATION_TIMEOUT),
            SecretFile.read(parsed)),
        zooKeeper(parsed, command == Command.UP),
        new Snapshots(
            parsed.get(Settings.SNAPSHOT_ENTRIES),
            parsed.get(Settings.SNAPSHOT_BYTES),
            parsed.get(Settings.SNAPSHOT_INTERVAL)),
        new Backups(
            backupDir(command, parsed),
            parsed.get(Settings.BACKUP_INTERVAL),
            parsed.get(Settings.MAX_SAVED_BACKUPS)),
        new Jobs(
            parsed.get(Settings.MAX_TASKS_PER_JOB),
            updateFailures(parsed),
            parsed.get(Settings.ALLOWED_JOB_ENVIRONMENTS),
            parsed.get(Settings.CHECK_ENVIRONMENT_OF_UPDATES),
            parsed.get(Settings.ALLOWED_CONTAINER_TYPES),
            parsed.get(Settings.ALLOW_DOCKER_PARAMETERS),
            parsed.get(Settings.DEFAULT_DOCKER_PARAMETERS),
            parsed.get(Settings.REQUIRE_DOCKER_USE_EXECUTOR),
            parsed.get(Settings.ALLOW_CONTAINER_VOLUMES),
            parsed.get(Settings.ALLOW_GPU_RESOURCE),
            parsed.get(Settings.ENABLE_MESOS_FETCHER),
            Optional.ofNullable(parsed.find(Settings.TIER_CONFIG))),
        new Executors(
            Optional.ofNullable(parsed.find(Settings.CUSTOM_EXECUTOR_CONFIG)),
            parsed.get(Settings.EXECUTOR_CPU),
            parsed.get(Settings.EXECUTOR_RAM)),
        new Consumption(parsed.get(Settings.CONSUMPTION_INTERVAL)),
        new Tasks(
            parsed.get(Settings.TRANSIENT_TIMEOUT),
            parsed.get(Settings.KILL_RETRY),
            parsed.get(Settings.FLAPPING_THRESHOLD),
            parsed.get(Settings.FLAPPING_DELAY),
            parsed.get(Settings.MAX_FLAPPING_DELAY)),
        history(parsed),
        new Reconciliation(
            parsed.get(Settings.RECONCILE_DELAY),
            parsed.get(Settings.RECONCILE_EXPLICITLY),
            parsed.get(Settings.RECONCILE_IMPLICITLY),
            parsed.get(Settings.RECONCILE_SPREAD),
            parsed.get(Settings.RECONCILE_BATCH),
            parsed.get(Settings.RECONCILE_BATCH_INTERVAL)),
        new Updates(
            parsed.get(Settings.UPDATE_PRUNING_INTERVAL),
            parsed.get(Settings.UPDATE_PRUNING_THRESHOLD),
            parsed.get(Settings.UPDATES_KEPT_PER_JOB),
            parsed.get(Settings.TOLERATE_INFRASTRUCTURE_EXITS),
            parsed.get(Settings.UPDATE_STALL_THRESHOLD)),
        scheduling(parsed),
        preemption(parsed),
        sla(parsed),
        new Maintenance(
            parsed.get(Settings.MAINTENANCE_INTERVAL),
            parsed.get(Settings.SLA_METRICS_INTERVAL),
            parsed.get(Settings.SLA_PROD_METRICS),
            parsed.get(Settings.SLA_NON_PROD_METRICS)),
        new Cron(
            parsed.get(Settings.CRON_TIMEZONE),
            parsed.get(Settings.CRON_CATCH_UP),
            parsed.get(Settings.CRON_BATCH)),
        new Simulation(
            parsed.get(Settings.SIMULATED_HOSTS),
            parsed.get(Settings.SIMULATED_START),
            parsed.get(Settings.SIMULATED_KILL),
            parsed.get(Settings.SIMULATED_REVOCABLE_CPUS),
            parsed.get(Settings.SIMULATED_GPUS)));
  }

  private static Scheduling scheduling(Parsed parsed) {
    Scheduling scheduling =
        new Scheduling(
            parsed.get(Settings.FIRST_SCHEDULE_DELAY),
            parsed.get(Settings.INITIAL_SCHEDULE_PENALTY),
            parsed.get(Settings.MAX_SCHEDULE_PENALTY),
            parsed.get(Settings.OFFER_HOLD),
            parsed.get(Settings.OFFER_HOLD_JITTER),
            parsed.get(Settings.HOLD_OFFERS_FOREVER),
            parsed.get(Settings.OFFER_FILTER_DURATION),
            parsed.get(Settings.OFFER_ORDER),
            parsed.get(Settings.UNAVAILABILITY_THRESHOLD),
            parsed.get(Settings.REVOCABLE_CPUS),
            parsed.get(Settings.REVOCABLE_RAM),
            parsed.get(Settings.SLOT_STAT_INTERVAL),
            parsed.get(Settings.UPDATE_AFFINITY)
                ? parsed.get(Settings.UPDATE_AFFINITY_HOLD)
                : Duration.ZERO);
    if (scheduling.initialPenalty().compareTo(scheduling.maxPenalty()) > 0) {
      throw new ConfigException(
          "--initial-schedule-penalty must not be above --max-schedule-penalty");
    }
    return scheduling;
  }

  /** What runs alone on this machine has its backups beside its data. */
  private static Optional<Path> backupDir(Command command, Parsed parsed) {
    Path dir = parsed.find(Settings.BACKUP_DIR);
    return dir != null || command != Command.UP
        ? Optional.ofNullable(dir)
        : Optional.of(parsed.get(Settings.DATA_DIR).resolve("backups"));
  }

  private static Preemption preemption(Parsed parsed) {
    return new Preemption(
        parsed.get(Settings.PREEMPTION),
        parsed.get(Settings.PREEMPTION_DELAY),
        parsed.get(Settings.PREEMPTION_SLOT_HOLD),
        parsed.get(Settings.PREEMPTION_INITIAL_DELAY),
        parsed.get(Settings.PREEMPTION_INTERVAL),
        parsed.get(Settings.PREEMPTION_BATCH),
        parsed.get(Settings.PREEMPTION_RESERVATION));
  }

  private static History history(Parsed parsed) {
    return new History(
        parsed.get(Settings.HISTORY_THRESHOLD),
        parsed.get(Settings.HISTORY_PER_JOB),
        parsed.get(Settings.HISTORY_RETENTION),
        parsed.get(Settings.HISTORY_BATCH));
  }

  private static Sla sla(Parsed parsed) {
    Sla sla =
        new Sla(
            parsed.get(Settings.MIN_INSTANCES_FOR_SLA),
            parsed.get(Settings.MAX_SLA_DURATION),
            parsed.get(Settings.SLA_NON_PROD),
            parsed.get(Settings.COORDINATOR_TIMEOUT),
            parsed.get(Settings.MAX_COORDINATED),
            parsed.get(Settings.SLA_MIN_RETRY),
            parsed.get(Settings.SLA_MAX_RETRY),
            parsed.get(Settings.SLA_BATCH));
    if (sla.minRetry().compareTo(sla.maxRetry()) > 0) {
      throw new ConfigException(
          "--sla-aware-kill-retry-min-delay must not be above --sla-aware-kill-retry-max-delay");
    }
    return sla;
  }

  private static long updateFailures(Parsed parsed) {
    Integer given = parsed.find(Settings.MAX_UPDATE_INSTANCE_FAILURES);
    return given == null ? 5L * parsed.get(Settings.MAX_TASKS_PER_JOB) : given;
  }

  /** Nobody can call a wildcard, so the machine's own name is told instead. */
  private static String reachable(String host) {
    if (!host.equals("0.0.0.0") && !host.equals("::")) {
      return host;
    }
    try {
      return InetAddress.getLocalHost().getCanonicalHostName();
    } catch (UnknownHostException nameless) {
      throw new ConfigException(
          "--hostname is needed with --http-host " + host + ", as this machine has no name");
    }
  }

  /** The ensemble and the paths in it, as for {@link Command#JOURNAL}. */
  public static ZooKeeper zooKeeper(Parsed parsed, boolean embedded) {
    String root = parsed.find(Settings.JOURNAL_ROOT);
    return new ZooKeeper(
        embedded ? "" : Joiner.on(',').join(parsed.get(Settings.ZK_ENDPOINTS)),
        parsed.get(Settings.ZK_SESSION_TIMEOUT),
        Optional.ofNullable(parsed.find(Settings.ZK_CREDENTIALS)),
        chroot(parsed) + parsed.get(Settings.SERVERSET_PATH),
        endpointName(parsed),
        root == null ? "/borealis/" + parsed.get(Settings.CLUSTER_NAME) : root);
  }

  /** What an agent needs of it to find the leader. */
  static ZooKeeper discovery(Parsed parsed, boolean embedded) {
    return new ZooKeeper(
        embedded ? "" : Joiner.on(',').join(parsed.get(Settings.ZK_ENDPOINTS)),
        parsed.get(Settings.ZK_SESSION_TIMEOUT),
        Optional.ofNullable(parsed.find(Settings.ZK_CREDENTIALS)),
        chroot(parsed) + parsed.get(Settings.SERVERSET_PATH),
        endpointName(parsed),
        "");
  }

  private static String chroot(Parsed parsed) {
    String path = parsed.find(Settings.ZK_CHROOT);
    return path == null ? "" : path;
  }

  private static String endpointName(Parsed parsed) {
    String name = parsed.find(Settings.ENDPOINT_NAME);
    return name == null ? "http" : name;
  }

  /** The name of the cluster, as for {@link Command#JOURNAL}. */
  public static String clusterName(Parsed parsed) {
    return parsed.get(Settings.CLUSTER_NAME);
  }

  /** A scheduler to talk to, as for {@link Command#LOCK}. */
  public static HostAndPort scheduler(Parsed parsed) {
    return parsed.get(Settings.SCHEDULER);
  }

  /** The settings of {@link Command#ZOOKEEPER}, or of the server inside {@link Command#UP}. */
  public static ZooKeeperServer zooKeeperServer(Command command, Parsed parsed) {
    boolean own = command == Command.ZOOKEEPER;
    ZooKeeperServer server =
        new ZooKeeperServer(
            parsed.get(Settings.DATA_DIR),
            own ? parsed.get(Settings.HOST) : "127.0.0.1",
            parsed.get(own ? Settings.PORT : Settings.ZK_PORT),
            parsed.get(Settings.TICK_TIME),
            own ? parsed.get(Settings.ID) : 0,
            own ? parsed.get(Settings.SERVERS) : ImmutableMap.of());
    if (!server.servers().isEmpty() && !server.servers().containsKey(server.id())) {
      throw new ConfigException(
          "--id: '%d' is none of --servers %s".formatted(server.id(), server.servers().keySet()));
    }
    if (server.servers().isEmpty() && server.id() != 0) {
      throw new ConfigException("--servers is required with --id");
    }
    return server;
  }
}
