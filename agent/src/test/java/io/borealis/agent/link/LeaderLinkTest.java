package io.borealis.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.agent.AgentCommand;
import io.borealis.api.agent.AgentOrder;
import io.borealis.api.agent.AgentReplyCode;
import io.borealis.api.agent.AgentResources;
import io.borealis.api.agent.AgentTask;
import io.borealis.api.agent.AgentTaskState;
import io.borealis.api.agent.AgentUpdate;
import io.borealis.api.agent.KillTask;
import io.borealis.api.agent.LaunchTask;
import io.borealis.api.agent.PollReply;
import io.borealis.api.agent.PollRequest;
import io.borealis.api.agent.RegisterReply;
import io.borealis.api.agent.RegisterRequest;
import io.borealis.api.agent.ReportReply;
import io.borealis.api.agent.ReportRequest;
import io.borealis.runtime.VirtualRuntimes;
import io.borealis.thrift.LeaderFinder;
import io.borealis.thrift.MemberEntry.Endpoint;
import io.borealis.thrift.StructBytes;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.ConnectException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.Test;

public class LeaderLinkTest {
  private static final Endpoint ONE = new Endpoint("one", 1);
  private static final Endpoint TWO = new Endpoint("two", 2);

  private final VirtualRuntimes runtimes = new VirtualRuntimes();
  private final List<String> did = new ArrayList<>();
  private final List<String> told = new ArrayList<>();
  private final Deque<Request> requests = new ArrayDeque<>();
  private final Memory memory = new Memory();
  private final Finder finder = new Finder();
  private String process;
  private final LeaderLink link =
      new LeaderLink(
          new AgentProfile(
              "a", "host", AgentResources.builder().build(), ImmutableSet.of(), "host:1338", "1"),
          finder,
          (leader, path, body) -> {
            Request request = new Request(leader, path, body, new CompletableFuture<>());
            requests.add(request);
            return request.reply();
          },
          memory,
          new Handler(),
          new LeaderLink.Listener() {
            @Override
            public void registered(Endpoint leader) {
              told.add("registered " + leader);
            }

            @Override
            public void lost(String reason) {
              told.add("lost: " + reason);
            }
          },
          runtimes.newLoop("link"),
          () -> 0,
          new SimpleMeterRegistry());

  @SuppressWarnings("ArrayRecordComponent") // Nobody compares requests.
  private record Request(
      Endpoint to, String path, byte[] body, CompletableFuture<LeaderTransport.Reply> reply) {}

  private static final class Memory implements LinkMemory {
    Facts facts = Facts.NONE;

    @Override
    public Facts load() {
      return facts;
    }

    @Override
    public void save(Facts next) {
      facts = next;
    }
  }

  private static final class Finder implements LeaderFinder {
    private Optional<Endpoint> leader = Optional.empty();
    private Runnable watcher = () -> {};

    @Override
    public Optional<Endpoint> leader() {
      return leader;
    }

    @Override
    public void onChange(Runnable action) {
      watcher = action;
    }
  }

  private final class Handler implements CommandHandler {
    @Override
    public ImmutableList<AgentTask> tasks() {
      return ImmutableList.of(new AgentTask("t", AgentTaskState.TASK_RUNNING, null, false));
    }

    @Override
    public void connected(String frameworkId) {
      did.add("connected " + frameworkId);
    }

    @Override
    public void disconnected() {
      did.add("disconnected");
    }

    @Override
    public void launch(LaunchTask launch) {
      did.add("launch");
    }

    @Override
    public void kill(String taskId) {
      did.add("kill " + taskId);
      if (taskId.equals("defect")) {
        throw new IllegalStateException("defect");
      }
    }

    @Override
    public void acknowledge(String taskId, UUID uuid) {
      did.add("acknowledge");
    }

    @Override
    public void reconcile(ImmutableList<String> taskIds) {
      did.add("reconcile");
    }
  }

  private void lead(Endpoint leader) {
    finder.leader = Optional.ofNullable(leader);
    finder.watcher.run();
    runtimes.runReady();
  }

  private Request next(String path, Endpoint to) {
    Request request = requests.poll();
    assertThat(request).isNotNull();
    assertThat(request.path()).isEqualTo("/agent/" + path);
    assertThat(request.to()).isEqualTo(to);
    return request;
  }

  private RegisterRequest registration(Endpoint to, long epoch) throws Exception {
    Request request = next("register", to);
    answer(
        request,
        StructBytes.write(
            RegisterReply.TYPE,
            RegisterReply.builder()
                .code(AgentReplyCode.OK)
                .epoch(epoch)
                .session("s" + epoch)
                .pollMs(20_000)
                .frameworkId("c")
                .build()));
    return StructBytes.read(RegisterRequest.TYPE, request.body());
  }

  private PollRequest poll(Endpoint to, PollReply reply) throws Exception {
    Request request = next("poll", to);
    answer(request, StructBytes.write(PollReply.TYPE, reply));
    return StructBytes.read(PollRequest.TYPE, request.body());
  }

  private void answer(Request request, byte[] body) {
    request.reply().complete(new LeaderTransport.Reply(200, body));
    runtimes.runReady();
  }

  private static PollReply kills(long epoch, long first, String... tasks) {
    ImmutableList.Builder<AgentCommand> commands = ImmutableList.builder();
    for (int i = 0; i < tasks.length; i++) {
      commands.add(new AgentCommand(first + i, new AgentOrder.Kill(new KillTask(tasks[i]))));
    }
    return PollReply.builder()
        .code(AgentReplyCode.OK)
        .epoch(epoch)
        .commands(commands.build())
        .build();
  }

  private void connect() throws Exception {
    link.start();
    lead(ONE);
    RegisterRequest request = registration(ONE, 5);
    assertThat(request.agentId()).isEqualTo("a");
    assertThat(request.observer()).isEqualTo("host:1338");
    assertThat(request.tasks()).hasSize(1);
    assertThat(request.epoch()).isZero();
    assertThat(request.frameworkId()).isNull();
    process = request.process();
    assertThat(did).containsExactly("connected c");
    did.clear();
  }

  @Test
  public void withoutALeaderItWaits() {
    link.start();
    runtimes.advance(Duration.ofMinutes(5));
    assertThat(requests).isEmpty();
    assertThat(told).containsExactly("lost: none is known");
  }

  @Test
  public void commandsAreCarriedOutOnceWhateverComesAgain() throws Exception {
    connect();
    assertThat(poll(ONE, kills(5, 1, "x", "y")).done()).isZero();
    assertThat(poll(ONE, kills(5, 1, "x", "y", "z")).done()).isEqualTo(2);
    assertThat(poll(ONE, kills(5, 5, "later")).done()).isEqualTo(3);
    assertThat(poll(ONE, kills(5, 4, "defect", "last")).done()).isEqualTo(3);
    assertThat(did).containsExactly("kill x", "kill y", "kill z", "kill defect", "kill last");
    assertThat(StructBytes.read(PollRequest.TYPE, next("poll", ONE).body()).done()).isEqualTo(5);
  }

  @Test
  public void afterAHiccupTheSameSessionGoesOn() throws Exception {
    connect();
    assertThat(poll(ONE, kills(5, 1, "x")).hurry()).isFalse();
    next("poll", ONE).reply().completeExceptionally(new ConnectException("refused"));
    runtimes.runReady();
    assertThat(did).containsExactly("kill x", "disconnected");
    runtimes.advance(Duration.ofMillis(100));
    PollRequest again = poll(ONE, kills(5, 2, "y"));
    assertThat(again.session()).isEqualTo("s5");
    assertThat(again.done()).isEqualTo(1);
    assertThat(again.hurry()).isTrue();
    assertThat(did).containsExactly("kill x", "disconnected", "connected c", "kill y");
    assertThat(told)
        .containsExactly(
            "registered one:1", "lost: java.net.ConnectException: refused", "registered one:1");
  }

  @Test
  public void attemptsBecomeSeldomWhileNobodyAnswers() throws Exception {
    connect();
    int attempts = 0;
    for (int second = 0; second < 600; second++) {
      while (!requests.isEmpty()) {
        attempts++;
        requests.poll().reply().completeExceptionally(new ConnectException("refused"));
        runtimes.runReady();
      }
      runtimes.advance(Duration.ofSeconds(1));
    }
    assertThat(attempts).isBetween(60, 140);
    assertThat(told.stream().filter(line -> line.startsWith("lost"))).hasSize(1);
  }

  @Test
  public void anAnswerThatNeverComesIsNotWaitedForForEver() throws Exception {
    connect();
    Request held = next("poll", ONE);
    runtimes.advance(Duration.ofSeconds(29));
    assertThat(did).isEmpty();
    runtimes.advance(Duration.ofSeconds(2));
    assertThat(did).containsExactly("disconnected");
    assertThat(held.reply()).isCancelled();
    assertThat(next("poll", ONE)).isNotNull();
  }

  @Test
  public void aLeaderThatWorksIsKeptWhenNobodyKnowsOfOne() throws Exception {
    connect();
    lead(null);
    assertThat(did).isEmpty();
    assertThat(poll(ONE, kills(5, 1, "x")).done()).isZero();
    assertThat(did).containsExactly("kill x");
  }

  @Test
  public void aNewLeaderIsRegisteredWithAtOnceAndTheOldOneNotHeardAnyMore() throws Exception {
    connect();
    Request old = next("poll", ONE);
    lead(TWO);
    assertThat(did).containsExactly("disconnected");
    answer(old, StructBytes.write(PollReply.TYPE, kills(5, 1, "old")));
    RegisterRequest request = registration(TWO, 6);
    assertThat(request.epoch()).isEqualTo(5);
    assertThat(request.frameworkId()).isEqualTo("c");
    assertThat(memory.facts.epoch()).isEqualTo(6);
    assertThat(did).containsExactly("disconnected", "connected c");
    requests.clear();
    lead(ONE);
    assertThat(registration(ONE, 5).epoch()).isEqualTo(6);
    assertThat(did).containsExactly("disconnected", "connected c", "disconnected");
    assertThat(memory.facts.epoch()).isEqualTo(6);
  }

  @Test
  public void whenTheSessionIsOverItRegistersAnew() throws Exception {
    connect();
    poll(ONE, kills(5, 1, "x"));
    var unused = poll(ONE, PollReply.builder().code(AgentReplyCode.REGISTER).epoch(5).build());
    RegisterRequest again = registration(ONE, 5);
    assertThat(again.number()).isGreaterThan(1);
    assertThat(again.process()).isNotNull().isEqualTo(process);
    assertThat(poll(ONE, kills(5, 1, "y")).done()).isZero();
    assertThat(did).containsExactly("kill x", "disconnected", "connected c", "kill y");
  }

  @Test
  public void updatesThatComeTogetherGoTogetherAndOneReportAtATime() throws Exception {
    connect();
    requests.clear();
    link.send(AgentUpdate.builder().taskId("t1").state(AgentTaskState.TASK_RUNNING).build());
    runtimes.runReady();
    Request first = next("report", ONE);
    for (int i = 2; i <= 600; i++) {
      link.send(AgentUpdate.builder().taskId("t" + i).state(AgentTaskState.TASK_RUNNING).build());
    }
    runtimes.runReady();
    assertThat(requests).isEmpty();
    byte[] ok =
        StructBytes.write(
            ReportReply.TYPE, ReportReply.builder().code(AgentReplyCode.OK).epoch(5).build());
    answer(first, ok);
    Request second = next("report", ONE);
    answer(second, ok);
    Request third = next("report", ONE);
    answer(third, ok);
    assertThat(StructBytes.read(ReportRequest.TYPE, first.body()).updates()).hasSize(1);
    ReportRequest middle = StructBytes.read(ReportRequest.TYPE, second.body());
    assertThat(middle.updates()).hasSize(500);
    assertThat(middle.number()).isEqualTo(2);
    assertThat(StructBytes.read(ReportRequest.TYPE, third.body()).updates()).hasSize(99);
    assertThat(requests).isEmpty();
  }

  @Test
  public void withoutALeaderUpdatesAreDroppedSinceTheyComeAgain() throws Exception {
    link.start();
    link.send(AgentUpdate.builder().taskId("t").build());
    runtimes.runReady();
    lead(ONE);
    registration(ONE, 5);
    assertThat(requests).hasSize(1);
    assertThat(next("poll", ONE)).isNotNull();
  }

  @Test
  public void oneThatRefusesIsAskedAgainLaterWithItsReasonTold() throws Exception {
    link.start();
    lead(ONE);
    Request request = next("register", ONE);
    request
        .reply()
        .complete(new LeaderTransport.Reply(401, "no secret".getBytes(StandardCharsets.UTF_8)));
    runtimes.runReady();
    assertThat(told).containsExactly("lost: HTTP 401 no secret");
    runtimes.advance(Duration.ofSeconds(1));
    assertThat(next("register", ONE)).isNotNull();
  }

  @Test
  public void thatAKnownLeaderCannotBeReachedIsToldWithTheCause() {
    link.start();
    runtimes.runReady();
    lead(ONE);
    Request request = next("register", ONE);
    request
        .reply()
        .completeExceptionally(new ConnectException().initCause(new UnresolvedAddressException()));
    runtimes.runReady();
    assertThat(told)
        .containsExactly(
            "lost: none is known",
            "lost: java.net.ConnectException: java.nio.channels.UnresolvedAddressException");
  }

  @Test
  public void afterItsEndNothingIsCarriedOut() throws Exception {
    connect();
    Request held = next("poll", ONE);
    link.close();
    runtimes.runReady();
    answer(held, StructBytes.write(PollReply.TYPE, kills(5, 1, "x")));
    lead(TWO);
    link.send(AgentUpdate.builder().taskId("t").build());
    runtimes.advance(Duration.ofMinutes(1));
    assertThat(did).isEmpty();
    assertThat(requests).isEmpty();
  }
}
