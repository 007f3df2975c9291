package io.borealis.agent.link;

import com.google.common.collect.ImmutableList;
import io.borealis.api.agent.AgentCommand;
import io.borealis.api.agent.AgentOrder;
import io.borealis.api.agent.AgentReplyCode;
import io.borealis.api.agent.AgentUpdate;
import io.borealis.api.agent.PollReply;
import io.borealis.api.agent.PollRequest;
import io.borealis.api.agent.RegisterReply;
import io.borealis.api.agent.RegisterRequest;
import io.borealis.api.agent.ReportReply;
import io.borealis.api.agent.ReportRequest;
import io.borealis.api.codec.Bytes;
import io.borealis.runtime.EventLoop;
import io.borealis.thrift.LeaderFinder;
import io.borealis.thrift.MemberEntry.Endpoint;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent's end of the line: registers with whoever leads, carries its commands out in order,
 * each once, and reports. Any thread may call; all happens on the loop.
 *
 * <p>A leader that cannot be reached is asked again under the same session, so that nothing is lost
 * by a hiccup; one that does not know the session, or is another one, is registered with.
 */
public final class LeaderLink implements Reports, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LeaderLink.class);
  private static final Duration ANSWER_TIME = Duration.ofSeconds(10);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
  private static final int MOST_UPDATES = 500;

  /** Tells what becomes of the line; called on the loop, must not block. */
  public interface Listener {
    /** A leader has a session for this agent. */
    void registered(Endpoint leader);

    /** No leader answers, and why. */
    void lost(String reason);
  }

  /** What was agreed with one leader. */
  private record Session(String id, long epoch, String frameworkId, Duration poll) {}

  private final AgentProfile profile;
  private final LeaderFinder finder;
  private final LeaderCalls calls;
  private final Fence fence;
  private final CommandHandler handler;
  private final Listener listener;
  private final EventLoop loop;
  private final DoubleSupplier random;

  /** Tells this process from others on the work directory, and on copies of it. */
  private final String process;

  private final Counter registrations;
  private final Counter failures;
  private final Counter commands;
  private final AtomicInteger connectedGauge = new AtomicInteger();

  // Confined to the loop.
  private final Deque<AgentUpdate> outgoing = new ArrayDeque<>();
  private @Nullable Endpoint leader;
  private @Nullable Session session;
  private boolean connected;
  private boolean toldLost;
  private boolean reporting;
  private boolean closed;
  private long done;
  private long reports;

  /** What was begun under another number is not heard any more. */
  private long attempt;

  private int failed;
  private EventLoop.@Nullable Timer pause;

  /**
   * @param loop for the link alone: it waits for the disk now and then
   * @param random uniform in [0, 1)
   * @throws UncheckedIOException when the memory cannot be read or written
   */
  public LeaderLink(
      AgentProfile profile,
      LeaderFinder finder,
      LeaderTransport transport,
      LinkMemory memory,
      CommandHandler handler,
      Listener listener,
      EventLoop loop,
      DoubleSupplier random,
      MeterRegistry meters) {
    this.profile = profile;
    this.finder = finder;
    this.calls = new LeaderCalls(transport, loop);
    this.handler = handler;
    this.listener = listener;
    this.loop = loop;
    this.random = random;
    this.process = Long.toHexString((long) (random.getAsDouble() * Long.MAX_VALUE));
    this.registrations = meters.counter("agent_link_registrations");
    this.failures = meters.counter("agent_link_failures");
    this.commands = meters.counter("agent_link_commands");
    meters.gauge("agent_link_connected", connectedGauge);
    try {
      this.fence = new Fence(memory);
    } catch (IOException unusable) {
      throw new UncheckedIOException(unusable);
    }
  }

  /** Begins to look for a leader. */
  public void start() {
    finder.onChange(() -> loop.execute(this::look));
    loop.execute(this::look);
  }

  @Override
  public void send(AgentUpdate update) {
    loop.execute(
        () -> {
          if (connected) {
            outgoing.add(update);
            report();
          }
        });
  }

  /** Ends: nothing is carried out or sent any more. */
  @Override
  public void close() {
    loop.execute(
        () -> {
          closed = true;
          connected = false;
          drop();
          connectedGauge.set(0);
        });
  }

  // ---- Finding ---------------------------------------------------------------------------------

  /** A leader that works is kept as long as nobody says that there is another. */
  private void look() {
    if (closed) {
      return;
    }
    Endpoint found = finder.leader().orElse(null);
    if (found == null) {
      if (leader == null) {
        sayLost("none is known");
      }
    } else if (!found.equals(leader)) {
      LOG.info("The leader is {}", found);
      if (leader == null) {
        // Why that one does not answer, if so, was not told yet.
        toldLost = false;
        drop();
      } else {
        disconnect("the leader is " + found);
      }
      leader = found;
      session = null;
      failed = 0;
      register();
    } else if (pause != null) {
      // The entry is new, so that it may have been started again.
      failed = 0;
      resume();
    }
  }

  /** Ends all that is under way. */
  private void drop() {
    attempt++;
    calls.cancel();
    reporting = false;
    outgoing.clear();
    if (pause != null) {
      pause.cancel();
      pause = null;
    }
  }

  private void disconnect(String reason) {
    drop();
    if (connected) {
      connected = false;
      connectedGauge.set(0);
      handler.disconnected();
    }
    sayLost(reason);
  }

  private void sayLost(String reason) {
    if (!toldLost) {
      toldLost = true;
      listener.lost(reason);
    }
  }

  private void connect(Session with) {
    failed = 0;
    if (!connected) {
      connected = true;
      connectedGauge.set(1);
      handler.connected(with.frameworkId());
    }
    if (toldLost && leader != null) {
      toldLost = false;
      listener.registered(leader);
    }
  }

  /** Something went wrong: tries again a little later, and later still when it goes on. */
  private void fail(String reason) {
    failures.increment();
    LOG.warn("No answer from the leader {}: {}", leader, reason);
    disconnect(reason);
    Duration longest = min(LONGEST_PAUSE, FIRST_PAUSE.multipliedBy(1L << Math.min(failed, 20)));
    failed++;
    long half = longest.toMillis() / 2;
    Duration delay = Duration.ofMillis(half + (long) (half * random.getAsDouble()));
    pause = loop.schedule(delay, this::resume);
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private void resume() {
    if (closed) {
      return;
    }
    drop();
    if (session == null) {
      register();
    } else {
      poll(session, true);
    }
  }

  /** The answer was not OK. */
  private void refused(@Nullable AgentReplyCode code, @Nullable String message) {
    String text = code + (message == null ? "" : ": " + message);
    if (code == AgentReplyCode.REGISTER && session != null) {
      LOG.info("The session is over");
      disconnect("the session is over");
      session = null;
      register();
      return;
    }
    session = null;
    fail(text);
  }

  // ---- Registering -----------------------------------------------------------------------------

  private void register() {
    Endpoint to = leader;
    if (to == null) {
      return;
    }
    RegisterRequest.Builder request =
        RegisterRequest.builder()
            .agentId(profile.agentId())
            .host(profile.host())
            .resources(profile.resources())
            .attributes(profile.attributes())
            .tasks(handler.tasks())
            .epoch(fence.epoch())
            .version(profile.version())
            .process(process)
            .number(fence.nextRegistration());
    if (profile.observer() != null) {
      request.observer(profile.observer());
    }
    if (fence.frameworkId() != null) {
      request.frameworkId(fence.frameworkId());
    }
    long begun = ++attempt;
    calls.register(
        to,
        request.build(),
        ANSWER_TIME,
        (reply, failure) -> {
          if (begun == attempt && !closed) {
            registered(reply, failure);
          }
        });
  }

  private void registered(@Nullable RegisterReply reply, @Nullable String failure) {
    if (reply == null) {
      fail(String.valueOf(failure));
      return;
    }
    String id = reply.session();
    String framework = reply.frameworkId();
    if (reply.code() != AgentReplyCode.OK) {
      refused(reply.code(), reply.message());
    } else if (id == null || framework == null || reply.pollMs() <= 0) {
      fail("the answer to a registration lacks something");
    } else if (!fence.obey(reply.epoch(), framework)) {
      fail("leader %d is older than %d".formatted(reply.epoch(), fence.epoch()));
    } else {
      registrations.increment();
      Session begun = new Session(id, reply.epoch(), framework, Duration.ofMillis(reply.pollMs()));
      session = begun;
      done = 0;
      reports = 0;
      toldLost = true;
      connect(begun);
      poll(begun, false);
    }
  }

  // ---- Commands --------------------------------------------------------------------------------

  private void poll(Session in, boolean hurry) {
    Endpoint to = leader;
    if (to == null) {
      return;
    }
    PollRequest request =
        PollRequest.builder()
            .agentId(profile.agentId())
            .session(in.id())
            .epoch(fence.epoch())
            .done(done)
            .hurry(hurry)
            .build();
    long begun = attempt;
    calls.poll(
        to,
        request,
        hurry ? ANSWER_TIME : in.poll().plus(ANSWER_TIME),
        (reply, failure) -> {
          if (begun == attempt && !closed) {
            polled(in, reply, failure);
          }
        });
  }

  private void polled(Session in, @Nullable PollReply reply, @Nullable String failure) {
    if (reply == null) {
      fail(String.valueOf(failure));
    } else if (reply.code() != AgentReplyCode.OK) {
      refused(reply.code(), reply.message());
    } else if (reply.epoch() != in.epoch() || reply.epoch() < fence.epoch()) {
      session = null;
      fail("leader %d answers in place of %d".formatted(reply.epoch(), in.epoch()));
    } else {
      connect(in);
      reply.commands().forEach(this::carryOut);
      poll(in, false);
    }
  }

  /** What was done before, or comes before its turn, is left alone: the leader sends it again. */
  private void carryOut(AgentCommand command) {
    if (command.number() != done + 1) {
      return;
    }
    done++;
    commands.increment();
    AgentOrder order = command.order();
    try {
      if (order instanceof AgentOrder.Launch launch) {
        handler.launch(launch.value());
      } else if (order instanceof AgentOrder.Kill kill && kill.value().taskId() != null) {
        handler.kill(kill.value().taskId());
      } else if (order instanceof AgentOrder.Acknowledge done
          && done.value().taskId() != null
          && done.value().uuid() != null) {
        handler.acknowledge(done.value().taskId(), uuidOf(done.value().uuid()));
      } else if (order instanceof AgentOrder.Reconcile reconcile) {
        handler.reconcile(reconcile.value().taskIds());
      } else {
        LOG.warn("Command {} is none that this release knows: {}", command.number(), order);
      }
    } catch (RuntimeException defect) {
      // One command must not keep the agent from all others for ever.
      LOG.error("Command {} failed: {}", command.number(), order, defect);
    }
  }

  private static UUID uuidOf(Bytes bytes) {
    ByteBuffer buffer = bytes.toByteBuffer();
    return new UUID(buffer.getLong(), buffer.getLong());
  }

  // ---- Reports ---------------------------------------------------------------------------------

  /** Sends what there is, one report at a time; what comes meanwhile goes into the next one. */
  private void report() {
    Endpoint to = leader;
    Session in = session;
    if (reporting || outgoing.isEmpty() || to == null || in == null) {
      return;
    }
    reporting = true;
    ImmutableList.Builder<AgentUpdate> updates = ImmutableList.builder();
    for (int i = 0; i < MOST_UPDATES && !outgoing.isEmpty(); i++) {
      updates.add(outgoing.remove());
    }
    ReportRequest request =
        ReportRequest.builder()
            .agentId(profile.agentId())
            .session(in.id())
            .epoch(fence.epoch())
            .updates(updates.build())
            .number(++reports)
            .build();
    long begun = attempt;
    calls.report(
        to,
        request,
        ANSWER_TIME,
        (reply, failure) -> {
          if (begun == attempt && !closed) {
            reported(reply, failure);
          }
        });
  }

  private void reported(@Nullable ReportReply reply, @Nullable String failure) {
    if (reply == null) {
      fail(String.valueOf(failure));
    } else if (reply.code() != AgentReplyCode.OK) {
      refused(reply.code(), reply.message());
    } else {
      reporting = false;
      report();
    }
  }
}
