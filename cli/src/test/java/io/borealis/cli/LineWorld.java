package io.borealis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.agent.link.AgentProfile;
import io.borealis.agent.link.LeaderLink;
import io.borealis.agent.link.LeaderTransport;
import io.borealis.agent.link.LinkMemory;
import io.borealis.api.agent.AgentPorts;
import io.borealis.api.agent.AgentResources;
import io.borealis.runtime.EventLoop;
import io.borealis.runtime.VirtualRuntimes;
import io.borealis.scheduler.agents.AgentCluster;
import io.borealis.scheduler.agents.AgentClusterSettings;
import io.borealis.scheduler.agents.AgentEndpoints;
import io.borealis.scheduler.cluster.Demand;
import io.borealis.scheduler.cluster.ResourceVector;
import io.borealis.thrift.HttpCall;
import io.borealis.thrift.HttpHandler;
import io.borealis.thrift.LeaderFinder;
import io.borealis.thrift.MemberEntry.Endpoint;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Both real ends of the line between agents and schedulers, on virtual time and a network that
 * loses, repeats and delays what goes over it. For one thread.
 */
final class LineWorld {
  private static final String SECRET = "a secret of the world";
  static final AgentResources MACHINE =
      AgentResources.builder()
          .cpus(8)
          .ramMb(8192)
          .diskMb(10_000)
          .ports(ImmutableList.of(new AgentPorts(31000, 31019)))
          .build();

  final VirtualRuntimes runtimes = new VirtualRuntimes();
  final Random random;
  final Map<Endpoint, AgentCluster> schedulers = new LinkedHashMap<>();
  private final Map<Endpoint, Map<String, HttpHandler>> handlers = new HashMap<>();
  final Map<String, Agent> agents = new LinkedHashMap<>();

  /** Agents whose machines are cut off or stopped. */
  final Set<String> away = new HashSet<>();

  /** Of so many messages in a hundred, each is lost; likewise repeated. */
  int lossPercent;

  int repeatPercent;
  int mostDelayMs = 5;

  private final EventLoop network = runtimes.newLoop("network");
  private Optional<Endpoint> advertised = Optional.empty();
  private final List<Runnable> watchers = new ArrayList<>();

  /** One agent with what it keeps. */
  static final class Agent {
    final String id;
    final LineAgent handler;
    final Kept memory = new Kept();
    LeaderLink link;
    int starts;

    Agent(String id, LineAgent handler) {
      this.id = id;
      this.handler = handler;
    }
  }

  /** What outlives a process. */
  static final class Kept implements LinkMemory {
    Facts facts = Facts.NONE;

    @Override
    public Facts load() {
      return facts;
    }

    @Override
    public void save(Facts next) throws IOException {
      assertThat(next.epoch()).isGreaterThanOrEqualTo(facts.epoch());
      facts = next;
    }
  }

  LineWorld(long seed) {
    random = new Random(seed);
  }

  AgentCluster addScheduler(Endpoint at, AgentClusterSettings settings) {
    AgentCluster cluster =
        new AgentCluster(
            settings,
            runtimes.newLoop("agents " + at),
            runtimes.clock(),
            config -> Demand.firm(ResourceVector.of(config)),
            new SimpleMeterRegistry());
    AgentEndpoints endpoints = new AgentEndpoints(cluster, Optional.of(SECRET), Runnable::run);
    schedulers.put(at, cluster);
    handlers.put(
        at,
        ImmutableMap.of(
            "/agent/register",
            endpoints.register(),
            "/agent/poll",
            endpoints.poll(),
            "/agent/report",
            endpoints.report()));
    return cluster;
  }

  /** What ZooKeeper says from now on. */
  void advertise(Optional<Endpoint> leader) {
    advertised = leader;
    List.copyOf(watchers).forEach(Runnable::run);
  }

  /** Starts an agent, or kills it and starts it again. */
  void start(Agent agent) {
    if (agent.link != null) {
      agent.link.close();
      runtimes.runReady();
    }
    agents.put(agent.id, agent);
    agent.handler.restarted();
    int start = ++agent.starts;
    AgentProfile profile =
        new AgentProfile(agent.id, "host-" + agent.id, MACHINE, ImmutableSet.of(), null, "test");
    LeaderLink link =
        new LeaderLink(
            profile,
            new LeaderFinder() {
              @Override
              public Optional<Endpoint> leader() {
                return advertised;
              }

              @Override
              public void onChange(Runnable action) {
                watchers.add(action);
              }
            },
            (leader, path, body) -> post(agent, leader, path, body),
            agent.memory,
            agent.handler,
            new LeaderLink.Listener() {
              @Override
              public void registered(Endpoint leader) {}

              @Override
              public void lost(String reason) {}
            },
            runtimes.newLoop("link " + agent.id + " " + start),
            random::nextDouble,
            new SimpleMeterRegistry());
    agent.link = link;
    agent.handler.reports = link;
    link.start();
  }

  // ---- The network -----------------------------------------------------------------------------

  private CompletableFuture<LeaderTransport.Reply> post(
      Agent agent, Endpoint to, String path, byte[] body) {
    CompletableFuture<LeaderTransport.Reply> reply = new CompletableFuture<>();
    HttpCall call =
        new HttpCall(
            "POST",
            path,
            "",
            ImmutableMap.of(
                "content-type",
                "application/vnd.apache.thrift.binary",
                "authorization",
                "Bearer " + SECRET),
            body,
            "10.0.0.1");
    travel(agent, () -> arrive(agent, to, call, reply));
    return reply;
  }

  private void arrive(
      Agent agent, Endpoint to, HttpCall call, CompletableFuture<LeaderTransport.Reply> reply) {
    handlers
        .get(to)
        .get(call.path())
        .handle(call)
        .thenAccept(
            answer ->
                travel(
                    agent,
                    () -> {
                      assertThat(answer.status()).isEqualTo(200);
                      reply.complete(new LeaderTransport.Reply(answer.status(), answer.body()));
                    }));
  }

  private void travel(Agent agent, Runnable arrival) {
    int times = random.nextInt(100) < lossPercent ? 0 : random.nextInt(100) < repeatPercent ? 2 : 1;
    for (int i = 0; i < times; i++) {
      // Now and then something is under way for very long.
      int delay =
          random.nextInt(50) == 0 && lossPercent > 0
              ? random.nextInt(60_000)
              : random.nextInt(mostDelayMs + 1);
      var unused =
          network.schedule(
              Duration.ofMillis(delay),
              () -> {
                if (!away.contains(agent.id)) {
                  arrival.run();
                }
              });
    }
  }
}
