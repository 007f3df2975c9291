package io.borealis.scheduler.agents;

import com.google.common.collect.ImmutableList;
import io.borealis.api.Attribute;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.agent.AgentCommand;
import io.borealis.api.agent.AgentReplyCode;
import io.borealis.api.agent.PollReply;
import io.borealis.api.agent.PollRequest;
import io.borealis.api.agent.RegisterReply;
import io.borealis.api.agent.RegisterRequest;
import io.borealis.api.agent.ReportReply;
import io.borealis.api.agent.ReportRequest;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.cluster.ClusterDriver;
import io.borealis.scheduler.cluster.ClusterListener;
import io.borealis.scheduler.cluster.Demand;
import io.borealis.scheduler.cluster.StatusUpdate;
import io.borealis.scheduler.cluster.TaskRef;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings agents and leader together: answers agents while there is a leader in this process, and
 * serves each leader through a {@link #session} of its own. Any thread may call; all happens on the
 * loop, and nothing blocks.
 */
public final class AgentCluster {
  private static final Logger LOG = LoggerFactory.getLogger(AgentCluster.class);
  private static final String NO_LEADER = "This scheduler does not lead";
  private static final String OVER = "The session is over";

  private final AgentClusterSettings settings;
  private final EventLoop loop;
  private final Clock clock;
  private final Function<TaskConfig, Demand> demands;
  private final AgentMeters meters;

  // Confined to the loop.
  private @Nullable Session served;
  private long claimed;
  private long claimedDuring = Long.MAX_VALUE;

  /**
   * @param demands what a task takes of its agent
   */
  public AgentCluster(
      AgentClusterSettings settings,
      EventLoop loop,
      Clock clock,
      Function<TaskConfig, Demand> demands,
      MeterRegistry meters) {
    this.settings = settings;
    this.loop = loop;
    this.clock = clock;
    this.demands = demands;
    this.meters = new AgentMeters(meters);
  }

  /**
   * A connection for one term of a leader.
   *
   * @param stepDown ends the term, when an agent knows of a newer one
   */
  public ClusterDriver session(Consumer<String> stepDown) {
    return new Session(stepDown);
  }

  // ---- Agents ----------------------------------------------------------------------------------

  /** How an answer other than OK is made. */
  @FunctionalInterface
  private interface Refusal<R> {
    R reply(AgentReplyCode code, String message, long epoch);
  }

  /** An agent makes itself known. */
  public CompletableFuture<RegisterReply> register(RegisterRequest request) {
    Refusal<RegisterReply> refusal =
        (code, message, epoch) ->
            RegisterReply.builder().code(code).message(message).epoch(epoch).build();
    return onLoop(
        request.epoch(),
        AgentRequests.problem(request),
        refusal,
        (fleet, answer) -> {
          String framework = request.frameworkId();
          String objection =
              framework != null && !framework.equals(settings.frameworkId())
                  ? "Agent %s belongs to %s, and this is %s"
                      .formatted(request.agentId(), framework, settings.frameworkId())
                  : fleet.objection(request);
          if (objection != null) {
            refuse(answer, refusal, AgentReplyCode.INVALID, objection, fleet.epoch());
            return;
          }
          ImmutableList<Attribute> attributes = AgentRequests.attributes(request);
          answer.complete(
              RegisterReply.builder()
                  .code(AgentReplyCode.OK)
                  .epoch(fleet.epoch())
                  .session(fleet.register(request, attributes))
                  .pollMs(settings.poll().toMillis())
                  .timeoutMs(settings.timeout().toMillis())
                  .frameworkId(settings.frameworkId())
                  .build());
        });
  }

  /** An agent asks for commands; the answer may take as long as a poll is held. */
  public CompletableFuture<PollReply> poll(PollRequest request) {
    Refusal<PollReply> refusal =
        (code, message, epoch) ->
            PollReply.builder().code(code).message(message).epoch(epoch).build();
    return onLoop(
        request.epoch(),
        null,
        refusal,
        (fleet, answer) -> {
          meters.polls.increment();
          FleetAgent agent = fleet.agentOf(request.agentId(), request.session());
          if (agent == null) {
            refuse(answer, refusal, AgentReplyCode.REGISTER, OVER, fleet.epoch());
          } else if (!fleet.done(agent, request.done())) {
            String problem = "done: no command has the number " + request.done();
            refuse(answer, refusal, AgentReplyCode.INVALID, problem, fleet.epoch());
          } else {
            hold(fleet, agent, request, refusal, answer);
          }
        });
  }

  private void hold(
      AgentFleet fleet,
      FleetAgent agent,
      PollRequest request,
      Refusal<PollReply> refusal,
      CompletableFuture<PollReply> answer) {
    Consumer<ImmutableList<AgentCommand>> poll =
        commands -> {
          if (!isServed(fleet)) {
            refuse(answer, refusal, AgentReplyCode.NOT_LEADING, NO_LEADER, fleet.epoch());
          } else if (!agent.session.equals(request.session()) || !agent.isRegistered()) {
            refuse(answer, refusal, AgentReplyCode.REGISTER, OVER, fleet.epoch());
          } else {
            answer.complete(
                PollReply.builder()
                    .code(AgentReplyCode.OK)
                    .epoch(fleet.epoch())
                    .commands(commands)
                    .build());
          }
        };
    ImmutableList<AgentCommand> first = agent.queue.first();
    if (!first.isEmpty() || request.hurry()) {
      poll.accept(first);
      return;
    }
    agent.queue.hold(poll);
    var unused = loop.schedule(settings.poll(), () -> agent.queue.release(poll));
  }

  /** An agent tells what became of tasks. */
  public CompletableFuture<ReportReply> report(ReportRequest request) {
    Refusal<ReportReply> refusal =
        (code, message, epoch) ->
            ReportReply.builder().code(code).message(message).epoch(epoch).build();
    return onLoop(
        request.epoch(),
        AgentRequests.problem(request),
        refusal,
        (fleet, answer) -> {
          meters.reports.increment();
          FleetAgent agent = fleet.agentOf(request.agentId(), request.session());
          if (agent == null) {
            refuse(answer, refusal, AgentReplyCode.REGISTER, OVER, fleet.epoch());
            return;
          }
          fleet.report(agent, request.number(), request.updates());
          answer.complete(
              ReportReply.builder().code(AgentReplyCode.OK).epoch(fleet.epoch()).build());
        });
  }

  /** The agents that the leader in this process knows; none when it does not lead. */
  public CompletableFuture<ImmutableList<AgentView>> agents() {
    CompletableFuture<ImmutableList<AgentView>> answer = new CompletableFuture<>();
    loop.execute(
        () ->
            answer.complete(
                served == null || served.fleet == null
                    ? ImmutableList.of()
                    : served.fleet.views()));
    return answer;
  }

  /** What is done with a request that is sound and comes to the right leader. */
  @FunctionalInterface
  private interface Action<R> {
    void run(AgentFleet fleet, CompletableFuture<R> answer);
  }

  private <R> CompletableFuture<R> onLoop(
      long epochOfAgent, @Nullable String problem, Refusal<R> refusal, Action<R> action) {
    CompletableFuture<R> answer = new CompletableFuture<>();
    loop.execute(
        () -> {
          Session session = served;
          AgentFleet fleet = session == null ? null : session.fleet;
          if (session == null || fleet == null) {
            refuse(answer, refusal, AgentReplyCode.NOT_LEADING, NO_LEADER, 0);
          } else if (epochOfAgent > fleet.epoch()) {
            newer(session, fleet.epoch(), epochOfAgent, refusal, answer);
          } else if (problem != null) {
            refuse(answer, refusal, AgentReplyCode.INVALID, problem, fleet.epoch());
          } else {
            action.run(fleet, answer);
          }
        });
    return answer;
  }

  /**
   * An agent has obeyed a newer leader, so this one steps aside. A leader that was elected after it
   * had stepped aside for that knows better: epochs only rise, so that one is of another journal.
   */
  private <R> void newer(
      Session session,
      long epoch,
      long epochOfAgent,
      Refusal<R> refusal,
      CompletableFuture<R> answer) {
    if (epochOfAgent <= claimed && epoch > claimedDuring) {
      String message =
          "The agent has obeyed leader %d of another journal, this one is at %d; it needs a new work directory"
              .formatted(epochOfAgent, epoch);
      refuse(answer, refusal, AgentReplyCode.INVALID, message, epoch);
      return;
    }
    boolean news = claimedDuring != epoch;
    claimed = Math.max(claimed, epochOfAgent);
    claimedDuring = epoch;
    String message = "Leader %d is older than %d".formatted(epoch, epochOfAgent);
    refuse(answer, refusal, AgentReplyCode.OLD_LEADER, message, epoch);
    if (news) {
      session.stepDown.accept("an agent has obeyed leader %d already".formatted(epochOfAgent));
    }
  }

  private <R> void refuse(
      CompletableFuture<R> answer,
      Refusal<R> refusal,
      AgentReplyCode code,
      String message,
      long epoch) {
    if (code == AgentReplyCode.INVALID) {
      LOG.warn("An agent is refused: {}", message);
      meters.refused.increment();
    }
    answer.complete(refusal.reply(code, message, epoch));
  }

  private boolean isServed(AgentFleet fleet) {
    return served != null && served.fleet == fleet;
  }

  // ---- The leader ------------------------------------------------------------------------------

  /** What one leader says; ignored before its start and after its end. */
  private final class Session implements ClusterDriver {
    private final Consumer<String> stepDown;

    // Confined to the loop.
    private @Nullable AgentFleet fleet;

    Session(Consumer<String> stepDown) {
      this.stepDown = stepDown;
    }

    @Override
    public void start(ClusterListener listener, long epoch, Iterable<ScheduledTask> known) {
      ImmutableList<ScheduledTask> tasks = ImmutableList.copyOf(known);
      loop.execute(
          () -> {
            Session before = served;
            if (before != null && before.fleet != null) {
              if (before.fleet.epoch() > epoch) {
                LOG.warn("Epoch {} is refused, {} has begun", epoch, before.fleet.epoch());
                return;
              }
              before.end();
            }
            fleet = new AgentFleet(settings, loop, clock, demands, listener, epoch, tasks, meters);
            served = this;
          });
    }

    private void end() {
      AgentFleet ended = fleet;
      fleet = null;
      if (ended != null) {
        ended.close();
      }
    }

    private void command(Consumer<AgentFleet> action) {
      loop.execute(
          () -> {
            if (fleet != null) {
              action.accept(fleet);
            }
          });
    }

    @Override
    public void launch(String offerId, ImmutableList<ScheduledTask> assigned) {
      command(live -> live.launch(offerId, assigned));
    }

    @Override
    public void decline(String offerId, Duration refuse) {
      command(live -> live.decline(offerId, refuse));
    }

    @Override
    public void kill(String taskId) {
      command(live -> live.kill(taskId));
    }

    @Override
    public void acknowledge(StatusUpdate update) {
      command(live -> live.acknowledge(update));
    }

    @Override
    public void reconcile(Iterable<TaskRef> tasks) {
      List<TaskRef> refs = new ArrayList<>();
      tasks.forEach(refs::add);
      command(live -> live.reconcile(refs));
    }

    @Override
    public void close() {
      loop.execute(this::end);
    }
  }
}
