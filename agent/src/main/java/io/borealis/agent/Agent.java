package io.borealis.agent;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.agent.link.AgentProfile;
import io.borealis.agent.link.HttpLeaderTransport;
import io.borealis.agent.link.LeaderLink;
import io.borealis.agent.link.LinkFile;
import io.borealis.agent.process.Accounts;
import io.borealis.agent.process.LaunchException;
import io.borealis.agent.process.Limits;
import io.borealis.agent.process.Prerequisites;
import io.borealis.agent.updates.UpdateFiles;
import io.borealis.api.Attribute;
import io.borealis.api.agent.AgentResources;
import io.borealis.config.AgentSettings;
import io.borealis.runtime.Runtimes;
import io.borealis.thrift.HttpServer;
import io.borealis.thrift.MemberEntry.Endpoint;
import io.borealis.thrift.ServersetLeader;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.curator.framework.CuratorFramework;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent of one machine: takes its work directory, goes on with the tasks it finds there, shows
 * them, and obeys the leading scheduler. Start and stop it once, from one thread.
 */
public final class Agent {
  private static final Logger LOG = LoggerFactory.getLogger(Agent.class);
  private static final int DISK_THREADS = 4;
  private static final int HTTP_THREADS = 2;
  private static final int MAX_BODY = 64 << 10;
  private static final long RECOVERY_SECONDS = 300;
  private static final int LONGEST_HOST = 100;

  private final AgentSettings settings;
  private final Runtimes runtimes;
  private final Events events;
  private final PrometheusMeterRegistry meters =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  /** What is to be closed, the newest first. */
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  private @Nullable AgentTasks tasks;
  private @Nullable HttpServer http;
  private volatile @Nullable LeaderLink link;
  private volatile @Nullable Endpoint leader;

  /** What is worth telling the operator. Called on any thread; must not block. */
  public interface Events {
    /** A leader knows this agent. */
    void registered(String leader, String agentId);

    /** No leader is known any more; tasks go on. */
    void lost(String reason);
  }

  /** Builds an agent; nothing runs yet. */
  public Agent(AgentSettings settings, Runtimes runtimes, Events events) {
    this.settings = settings;
    this.runtimes = runtimes;
    this.events = events;
  }

  /**
   * Takes the work directory, finds its tasks, and begins to look for the leader.
   *
   * @throws AgentException with a message for the operator when this machine or the work directory
   *     does not allow it
   */
  public void start() {
    WorkDir workDir = WorkDir.open(settings.workDir(), newId());
    parts.push(workDir);
    ImmutableList<String> missing =
        Prerequisites.ofThisMachine().missing(settings.tasks().runAsRole());
    if (!missing.isEmpty()) {
      throw new AgentException(String.join(" ", missing));
    }
    try {
      AgentResources resources = MachineResources.of(workDir.root()).offered(settings.resources());
      AgentTasks recovered = recover(workDir);
      serve(workDir, recovered);
      collectGarbage(workDir, recovered);
      connect(workDir, recovered, resources);
    } catch (IOException | UncheckedIOException | LaunchException failure) {
      throw new AgentException("The agent cannot start: " + failure.getMessage(), failure);
    }
  }

  private String newId() {
    byte[] random = new byte[4];
    new SecureRandom().nextBytes(random);
    String host = settings.hostname().replaceAll("[^A-Za-z0-9.-]", "-");
    return "agent-%s-%s"
        .formatted(
            host.substring(0, Math.min(host.length(), LONGEST_HOST)),
            HexFormat.of().formatHex(random));
  }

  private AgentTasks recover(WorkDir workDir) throws LaunchException {
    StateRecovery.Found found = StateRecovery.recover(workDir, settings.strictRecovery());
    FormerBoot.end(
        workDir,
        found.runs(),
        Boot.current(Path.of("/proc")),
        runtimes.clock(),
        Accounts.ofThisMachine().own().uid());
    Limits limits = Limits.ofThisMachine(workDir.agentId());
    limits.describe().forEach(LOG::info);
    parts.push(limits::leave);
    AgentTasks recovered =
        new AgentTasks(
            workDir,
            Machinery.executors(settings, runtimes, workDir, limits, meters),
            update -> {
              LeaderLink line = link;
              if (line != null) {
                line.send(update);
              }
            },
            new AgentTasks.Threads(
                runtimes.newLoop("tasks"),
                runtimes.newLoop("updates"),
                runtimes.newPool("disk", DISK_THREADS)),
            UpdateFiles.ON_DISK,
            runtimes.clock(),
            UUID::randomUUID,
            meters);
    tasks = recovered;
    meters.counter("agent_recovery_errors").increment(found.errors().size());
    try {
      recovered.recover(found.runs()).get(RECOVERY_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException failure) {
      if (settings.strictRecovery()) {
        throw new AgentException(
            "Updates of former tasks cannot be written (--strict=false starts all the same): "
                + failure.getMessage(),
            failure);
      }
      LOG.warn("Updates of former tasks cannot be written", failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AgentException("Interrupted", interrupted);
    }
    limits.removeOthers(recovered.ids());
    recovered.adopt(found.runs());
    LOG.info("{} goes on with {} tasks", workDir.agentId(), recovered.ids().size());
    return recovered;
  }

  private void serve(WorkDir workDir, AgentTasks shown) throws IOException {
    HttpServer server =
        new HttpServer(
            settings.observer().host(),
            settings.observer().port(),
            MAX_BODY,
            AgentPages.of(settings.hostname(), runtimes, workDir, shown, meters, () -> leader));
    try {
      server.start();
    } catch (UncheckedIOException taken) {
      throw new AgentException(
          "--observer-port: %s:%d cannot be listened on: %s"
              .formatted(
                  settings.observer().host(), settings.observer().port(), taken.getMessage()),
          taken);
    }
    http = server;
    parts.push(server);
  }

  private void collectGarbage(WorkDir workDir, AgentTasks kept) {
    new GarbageCollector(
            workDir,
            settings.gcDelay(),
            GarbageCollector.DiskUse.of(workDir.root()),
            kept::ids,
            runtimes.newLoop("garbage"),
            runtimes.clock(),
            meters)
        .start();
  }

  private void connect(WorkDir workDir, AgentTasks handler, AgentResources resources) {
    CuratorFramework curator = ZooKeeperClients.leader(settings.leader());
    parts.push(curator);
    curator.start();
    ServersetLeader finder = new ServersetLeader(curator, settings.leader().serversetPath());
    parts.push(finder);
    LeaderLink line =
        new LeaderLink(
            profile(workDir, resources),
            finder,
            new HttpLeaderTransport(
                settings.secret(), runtimes.newPool("leader-http", HTTP_THREADS)),
            new LinkFile(workDir.linkFile()),
            handler,
            new LinkEvents(workDir.agentId()),
            runtimes.newLoop("link"),
            new SplittableRandom()::nextDouble,
            meters);
    link = line;
    parts.push(line);
    line.start();
    finder.start();
  }

  private AgentProfile profile(WorkDir workDir, AgentResources resources) {
    ImmutableSet.Builder<Attribute> attributes = ImmutableSet.builder();
    settings
        .attributes()
        .asMap()
        .forEach(
            (name, values) -> attributes.add(new Attribute(name, ImmutableSet.copyOf(values))));
    String version = Agent.class.getPackage().getImplementationVersion();
    return new AgentProfile(
        workDir.agentId(),
        settings.hostname(),
        resources,
        attributes.build(),
        observer(),
        version == null ? "unknown" : version);
  }

  /** Tells the operator, and remembers for the pages. Any thread. */
  private final class LinkEvents implements LeaderLink.Listener {
    private final String agentId;

    LinkEvents(String agentId) {
      this.agentId = agentId;
    }

    @Override
    public void registered(Endpoint with) {
      leader = with;
      events.registered("http://" + with, agentId);
    }

    @Override
    public void lost(String reason) {
      leader = null;
      events.lost(reason);
    }
  }

  /** Where its pages are, as host:port; known once it has started. */
  public String observer() {
    HttpServer server = http;
    if (server == null) {
      throw new IllegalStateException("not started");
    }
    String host = settings.observer().host();
    boolean wildcard = host.equals("0.0.0.0") || host.equals("::");
    return new Endpoint(wildcard ? settings.hostname() : host, server.port()).toString();
  }

  /** Stops to watch the tasks, which go on. May be called repeatedly and after a failed start. */
  public CompletionStage<Void> stop() {
    AgentTasks watched = tasks;
    LeaderLink line = link;
    if (line != null) {
      line.close();
    }
    CompletableFuture<Void> detached =
        watched == null ? CompletableFuture.completedFuture(null) : watched.close();
    return detached.thenRun(this::closeParts);
  }

  private synchronized void closeParts() {
    while (!parts.isEmpty()) {
      AutoCloseable part = parts.pop();
      try {
        part.close();
      } catch (Exception failure) {
        LOG.warn("{} did not close cleanly", part.getClass().getSimpleName(), failure);
      }
    }
  }
}
