package io.borealis.scheduler.agents;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.AssignedTask;
import io.borealis.api.Attribute;
import io.borealis.api.Resource;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.agent.AgentCommand;
import io.borealis.api.agent.AgentOrder;
import io.borealis.api.agent.AgentPorts;
import io.borealis.api.agent.AgentReplyCode;
import io.borealis.api.agent.AgentResources;
import io.borealis.api.agent.AgentTask;
import io.borealis.api.agent.AgentTaskState;
import io.borealis.api.agent.AgentUpdate;
import io.borealis.api.agent.PollReply;
import io.borealis.api.agent.PollRequest;
import io.borealis.api.agent.RegisterReply;
import io.borealis.api.agent.RegisterRequest;
import io.borealis.api.agent.ReportReply;
import io.borealis.api.agent.ReportRequest;
import io.borealis.runtime.VirtualRuntimes;
import io.borealis.scheduler.cluster.ClusterDriver;
import io.borealis.scheduler.cluster.ClusterListener;
import io.borealis.scheduler.cluster.Demand;
import io.borealis.scheduler.cluster.Offer;
import io.borealis.scheduler.cluster.ResourceVector;
import io.borealis.scheduler.cluster.StatusUpdate;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * A cluster of agents on virtual time, a leader that only listens, and requests as agents make
 * them. For one thread.
 */
final class FleetStory implements ClusterListener {
  static final Duration TIMEOUT = Duration.ofSeconds(75);
  static final Duration REREGISTRATION = Duration.ofMinutes(2);
  static final AgentResources MACHINE =
      AgentResources.builder()
          .cpus(4)
          .ramMb(4096)
          .diskMb(10_000)
          .ports(ImmutableList.of(new AgentPorts(31000, 31009)))
          .build();

  final VirtualRuntimes runtimes = new VirtualRuntimes();
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final AgentCluster cluster;
  final List<String> heard = new ArrayList<>();
  final List<StatusUpdate> updates = new ArrayList<>();
  final List<Offer> offers = new ArrayList<>();
  final List<String> stepDowns = new ArrayList<>();
  ClusterDriver driver;
  private long number;

  FleetStory(boolean partitionAware) {
    cluster =
        new AgentCluster(
            new AgentClusterSettings(
                "test", TIMEOUT, REREGISTRATION, Duration.ofMillis(5), partitionAware),
            runtimes.newLoop("agents"),
            runtimes.clock(),
            config -> Demand.firm(ResourceVector.of(config)),
            meters);
    driver = cluster.session(stepDowns::add);
  }

  /** A leader that knows of no tasks. */
  static FleetStory led() {
    FleetStory story = new FleetStory(false);
    story.lead(1);
    return story;
  }

  void lead(long epoch, ScheduledTask... known) {
    driver = cluster.session(stepDowns::add);
    driver.start(this, epoch, List.of(known));
    runtimes.runReady();
  }

  @Override
  public void onOffer(Offer offer) {
    offers.add(offer);
  }

  @Override
  public void onOfferRescinded(String offerId) {
    assertThat(offers.removeIf(offer -> offer.id().equals(offerId))).isTrue();
    heard.add("rescinded");
  }

  @Override
  public void onStatus(StatusUpdate update) {
    updates.add(update);
    heard.add(update.taskId() + " " + update.state() + " " + update.reason());
  }

  @Override
  public void onAgentLost(String agentId) {
    heard.add("lost " + agentId);
  }

  /** What the leader was told since it was last asked for. */
  List<String> takeHeard() {
    List<String> all = List.copyOf(heard);
    heard.clear();
    return all;
  }

  // ---- Tasks -----------------------------------------------------------------------------------

  static ScheduledTask task(String id, String agent, ScheduleStatus status, int... ports) {
    ImmutableSet.Builder<Resource> resources = ImmutableSet.builder();
    resources.add(new Resource.NumCpus(1), new Resource.RamMb(1024), new Resource.DiskMb(100));
    ImmutableMap.Builder<String, Integer> assigned = ImmutableMap.builder();
    for (int port : ports) {
      resources.add(new Resource.NamedPort("p" + port));
      assigned.put("p" + port, port);
    }
    return ScheduledTask.builder()
        .status(status)
        .assignedTask(
            AssignedTask.builder()
                .taskId(id)
                .slaveId(agent)
                .slaveHost("host-" + agent)
                .task(TaskConfig.builder().resources(resources.build()).build())
                .assignedPorts(assigned.buildOrThrow())
                .build())
        .build();
  }

  static AgentTask has(String id, AgentTaskState state) {
    return new AgentTask(
        id, state, AgentResources.builder().cpus(1).ramMb(1024).diskMb(100).build(), false);
  }

  // ---- Agents ----------------------------------------------------------------------------------

  RegisterRequest.Builder registration(String agent, AgentTask... tasks) {
    return RegisterRequest.builder()
        .agentId(agent)
        .host("host-" + agent)
        .resources(MACHINE)
        .attributes(ImmutableSet.of(new Attribute("rack", ImmutableSet.of("r1"))))
        .tasks(ImmutableList.copyOf(tasks))
        .version("1")
        .number(++number);
  }

  RegisterReply send(RegisterRequest request) {
    return now(cluster.register(request));
  }

  /** Registers, speaks under the session and returns it. */
  String register(String agent, AgentTask... tasks) {
    return begin(registration(agent, tasks).build());
  }

  String begin(RegisterRequest request) {
    RegisterReply reply = send(request);
    assertThat(reply.code()).as(reply.message()).isEqualTo(AgentReplyCode.OK);
    List<String> unused = commands(request.agentId(), reply.session(), 0);
    return reply.session();
  }

  CompletableFuture<PollReply> poll(String agent, String session, long done) {
    CompletableFuture<PollReply> reply =
        cluster.poll(
            PollRequest.builder().agentId(agent).session(session).epoch(1).done(done).build());
    runtimes.runReady();
    return reply;
  }

  /** The commands that are there at once, in short. */
  List<String> commands(String agent, String session, long done) {
    PollReply reply =
        now(
            cluster.poll(
                PollRequest.builder()
                    .agentId(agent)
                    .session(session)
                    .done(done)
                    .hurry(true)
                    .build()));
    assertThat(reply.code()).as(reply.message()).isEqualTo(AgentReplyCode.OK);
    return shown(reply);
  }

  static List<String> shown(PollReply reply) {
    return reply.commands().stream().map(FleetStory::shown).collect(Collectors.toList());
  }

  private static String shown(AgentCommand command) {
    AgentOrder order = command.order();
    String what =
        order instanceof AgentOrder.Launch launch
            ? "launch " + launch.value().task().taskId()
            : order instanceof AgentOrder.Kill kill
                ? "kill " + kill.value().taskId()
                : order instanceof AgentOrder.Acknowledge acknowledge
                    ? "acknowledge " + acknowledge.value().taskId()
                    : order instanceof AgentOrder.Reconcile reconcile
                        ? "reconcile " + reconcile.value().taskIds()
                        : "?";
    return command.number() + " " + what;
  }

  ReportReply report(String agent, String session, long reportNumber, AgentUpdate... told) {
    return now(
        cluster.report(
            ReportRequest.builder()
                .agentId(agent)
                .session(session)
                .updates(ImmutableList.copyOf(told))
                .number(reportNumber)
                .build()));
  }

  static AgentUpdate update(String task, AgentTaskState state) {
    return AgentUpdate.builder()
        .taskId(task)
        .state(state)
        .uuid(FleetNews.bytesOf(new UUID(7, task.hashCode() + state.value()).toString()))
        .timestampMs(5)
        .build();
  }

  <R> R now(CompletableFuture<R> reply) {
    runtimes.runReady();
    assertThat(reply).isCompleted();
    return reply.join();
  }

  /** The only offer, after what is free had time to gather. */
  Offer offer() {
    runtimes.advance(Duration.ofMillis(5));
    assertThat(offers).hasSize(1);
    return offers.get(0);
  }

  void launch(ScheduledTask... tasks) {
    String id = offer().id();
    offers.clear();
    driver.launch(id, ImmutableList.copyOf(tasks));
    runtimes.runReady();
  }

  double gauge(String name) {
    return meters.get(name).gauge().value();
  }
}
