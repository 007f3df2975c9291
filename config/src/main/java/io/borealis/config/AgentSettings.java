package io.borealis.config;

import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSetMultimap;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * The settings of an agent, one record for each concern. Immutable.
 *
 * @param hostname what the scheduler and its clients call this machine
 * @param workDir where the agent keeps everything, absolute
 * @param secret what agents and schedulers know each other by; empty for no such thing
 * @param strictRecovery whether damaged records refuse the start instead of being passed over
 * @param gcDelay how long the files of an ended task are kept, at most
 */
public record AgentSettings(
    String hostname,
    Path workDir,
    ImmutableSetMultimap<String, String> attributes,
    Resources resources,
    Leader leader,
    Observer observer,
    Optional<String> secret,
    boolean strictRecovery,
    Duration gcDelay,
    Tasks tasks,
    Announcer announcer) {

  /** Ports from the first to the last, both included. */
  public record PortRange(int first, int last) {}

  /** What the machine offers; what is empty is found out. */
  public record Resources(
      OptionalDouble cpus,
      OptionalLong memMb,
      OptionalLong diskMb,
      Optional<ImmutableList<PortRange>> ports,
      OptionalLong gpus) {
    /** Everything is found out. */
    public static final Resources DETECTED =
        new Resources(
            OptionalDouble.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            Optional.empty(),
            OptionalLong.empty());
  }

  /**
   * Where the leading scheduler is found.
   *
   * @param connect the ensemble, as {@code host:port,…}; empty when it is embedded
   */
  public record Leader(
      String connect,
      Duration sessionTimeout,
      Optional<String> credentials,
      String serversetPath) {}

  /** The HTTP server of the agent. */
  public record Observer(String host, int port) {}

  /**
   * How tasks are run.
   *
   * @param runAsRole whether each runs as the account its role names, or as the one for all, which
   *     needs root
   * @param executeAsUser the account for all tasks in place of their roles
   * @param nosetuidHealthChecks whether health checks run as the agent's own user
   * @param preserveEnv whether processes see the environment of the agent
   * @param loggerDestination, loggerMode, rotateLogSizeBytes, rotateLogBackups how output of
   *     processes is kept where the job does not say it
   * @param maxProcesses how many processes and threads a task may have; 0 for no bound
   * @param stopTimeout how long all steps of a task's end may take together
   */
  public record Tasks(
      boolean runAsRole,
      Optional<String> executeAsUser,
      boolean nosetuidHealthChecks,
      boolean preserveEnv,
      String loggerDestination,
      String loggerMode,
      long rotateLogSizeBytes,
      int rotateLogBackups,
      int maxProcesses,
      Duration stopTimeout) {}

  /**
   * How tasks that ask for it are announced.
   *
   * @param ensemble ZooKeeper as {@code host:port,…}; empty when nothing is announced
   * @param root where jobs are announced
   * @param allowCustomPath whether jobs may choose another path
   * @param hostname the host told, in place of the agent's
   * @param authFile credentials and permissions
   */
  public record Announcer(
      Optional<String> ensemble,
      String root,
      boolean allowCustomPath,
      Optional<String> hostname,
      Optional<Path> authFile) {}

  /** The same with another ensemble, for the leader and, unless it has one, the announcer. */
  public AgentSettings withEnsemble(String servers) {
    return new AgentSettings(
        hostname,
        workDir,
        attributes,
        resources,
        new Leader(servers, leader.sessionTimeout(), leader.credentials(), leader.serversetPath()),
        observer,
        secret,
        strictRecovery,
        gcDelay,
        tasks,
        announcer.ensemble().isPresent()
            ? announcer
            : new Announcer(
                Optional.of(servers),
                announcer.root(),
                announcer.allowCustomPath(),
                announcer.hostname(),
                announcer.authFile()));
  }

  /** The same with another secret. */
  public AgentSettings withSecret(String shared) {
    return new AgentSettings(
        hostname,
        workDir,
        attributes,
        resources,
        leader,
        observer,
        Optional.of(shared),
        strictRecovery,
        gcDelay,
        tasks,
        announcer);
  }

  /**
   * The settings of {@link Command#AGENT}, or of the agent inside {@link Command#UP}, to which the
   * ensemble has yet to be told.
   *
   * @throws ConfigException when a required one is missing
   */
  public static AgentSettings of(Command command, Parsed parsed) {
    boolean up = command == Command.UP;
    Path workDir = parsed.find(Settings.WORK_DIR);
    if (workDir == null && up) {
      workDir = parsed.get(Settings.DATA_DIR).resolve("agent");
    }
    DaemonSettings.ZooKeeper zooKeeper = DaemonSettings.discovery(parsed, up);
    return new AgentSettings(
        hostname(parsed),
        (workDir == null ? parsed.get(Settings.WORK_DIR) : workDir).toAbsolutePath().normalize(),
        parsed.get(Settings.ATTRIBUTES),
        parsed.get(Settings.RESOURCES),
        new Leader(
            zooKeeper.connect(),
            zooKeeper.sessionTimeout(),
            zooKeeper.credentials(),
            zooKeeper.serversetPath()),
        new Observer(parsed.get(Settings.OBSERVER_HOST), parsed.get(Settings.OBSERVER_PORT)),
        SecretFile.read(parsed),
        parsed.get(Settings.STRICT),
        parsed.get(Settings.GC_DELAY),
        tasks(parsed),
        new Announcer(
            Optional.ofNullable(parsed.find(Settings.ANNOUNCER_ENSEMBLE))
                .map(list -> Joiner.on(',').join(list)),
            parsed.get(Settings.ANNOUNCER_ROOT),
            parsed.get(Settings.ANNOUNCER_CUSTOM_PATH),
            Optional.ofNullable(parsed.find(Settings.ANNOUNCER_HOSTNAME)),
            Optional.ofNullable(parsed.find(Settings.ANNOUNCER_AUTH))));
  }

  private static Tasks tasks(Parsed parsed) {
    return new Tasks(
        parsed.get(Settings.RUN_AS_ROLE) || parsed.find(Settings.EXECUTE_AS_USER) != null,
        Optional.ofNullable(parsed.find(Settings.EXECUTE_AS_USER)),
        parsed.get(Settings.NOSETUID_HEALTH_CHECKS),
        parsed.get(Settings.PRESERVE_ENV),
        parsed.get(Settings.RUNNER_LOGGER_DESTINATION),
        parsed.get(Settings.RUNNER_LOGGER_MODE),
        parsed.get(Settings.RUNNER_ROTATE_LOG_SIZE),
        parsed.get(Settings.RUNNER_ROTATE_LOG_BACKUPS),
        parsed.get(Settings.TASK_MAX_PROCESSES),
        parsed.get(Settings.STOP_TIMEOUT));
  }

  private static String hostname(Parsed parsed) {
    String given = parsed.find(Settings.HOSTNAME);
    if (given != null) {
      return given;
    }
    try {
      return InetAddress.getLocalHost().getCanonicalHostName();
    } catch (UnknownHostException nameless) {
      throw new ConfigException("--hostname is needed, as this machine has no name");
    }
  }
}
