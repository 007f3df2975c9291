package io.borealis.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.agent.link.AgentProfile;
import io.borealis.agent.link.HttpLeaderTransport;
import io.borealis.agent.link.LeaderLink;
import io.borealis.agent.link.LinkFile;
import io.borealis.api.agent.AgentOrder;
import io.borealis.api.agent.PollReply;
import io.borealis.api.agent.PollRequest;
import io.borealis.api.agent.RegisterReply;
import io.borealis.api.agent.RegisterRequest;
import io.borealis.api.codec.StructType;
import io.borealis.runtime.SystemRuntimes;
import io.borealis.scheduler.agents.AgentCluster;
import io.borealis.scheduler.agents.AgentClusterSettings;
import io.borealis.scheduler.agents.AgentEndpoints;
import io.borealis.scheduler.cluster.ClusterListener;
import io.borealis.scheduler.cluster.Demand;
import io.borealis.scheduler.cluster.Offer;
import io.borealis.scheduler.cluster.ResourceVector;
import io.borealis.scheduler.cluster.StatusUpdate;
import io.borealis.scheduler.journal.EmbeddedZooKeeper;
import io.borealis.thrift.HttpServer;
import io.borealis.thrift.MemberEntry;
import io.borealis.thrift.MemberEntry.Endpoint;
import io.borealis.thrift.Router;
import io.borealis.thrift.ServersetLeader;
import io.borealis.thrift.StructBytes;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.CreateMode;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** The line between agents and leaders over real HTTP, with the leader found in ZooKeeper. */
public class AgentProtocolIT {
  private static final Duration SOON = Duration.ofSeconds(40);
  private static final String SECRET = "0123456789abcdef";
  private static final String SERVERSET = "/aurora/scheduler";

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final List<String> failures = new CopyOnWriteArrayList<>();
  private final SystemRuntimes runtimes =
      new SystemRuntimes((name, failure) -> failures.add(name + ": " + failure));
  private final HttpClient client = HttpClient.newHttpClient();
  private HttpServer http;
  private AgentCluster cluster;

  @Before
  public void serve() {
    cluster =
        new AgentCluster(
            new AgentClusterSettings(
                "test", Duration.ofSeconds(6), Duration.ofSeconds(30), Duration.ofMillis(5), false),
            runtimes.newLoop("agents"),
            runtimes.clock(),
            config -> Demand.firm(ResourceVector.of(config)),
            new SimpleMeterRegistry());
    AgentEndpoints endpoints =
        new AgentEndpoints(cluster, Optional.of(SECRET), runtimes.newPool("replies", 1));
    http =
        new HttpServer(
            "127.0.0.1",
            0,
            64 << 10,
            Router.builder()
                .exact("/agent/register", endpoints.register())
                .exact("/agent/poll", endpoints.poll())
                .exact("/agent/report", endpoints.report())
                .build());
    http.start();
  }

  @After
  public void stop() {
    http.close();
    runtimes.close();
    assertThat(failures).isEmpty();
  }

  private void lead() {
    cluster
        .session(reason -> failures.add("stepped down: " + reason))
        .start(new QuietListener(), 1, ImmutableList.of());
  }

  /** Does nothing with what it is told. */
  private static final class QuietListener implements ClusterListener {
    @Override
    public void onOffer(Offer offer) {}

    @Override
    public void onOfferRescinded(String offerId) {}

    @Override
    public void onStatus(StatusUpdate update) {}

    @Override
    public void onAgentLost(String agentId) {}
  }

  private HttpRequest.Builder request(String path, byte[] body) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http.port() + path))
        .header("Content-Type", StructBytes.CONTENT_TYPE)
        .header("Authorization", "Bearer " + SECRET)
        .POST(HttpRequest.BodyPublishers.ofByteArray(body));
  }

  private HttpResponse<byte[]> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private <Q, R> CompletableFuture<R> call(
      String path, StructType<Q> type, Q request, StructType<R> reply) {
    return client
        .sendAsync(
            request(path, StructBytes.write(type, request)).build(),
            HttpResponse.BodyHandlers.ofByteArray())
        .thenApply(
            response -> {
              assertThat(response.statusCode()).isEqualTo(200);
              assertThat(response.headers().firstValue("Content-Type"))
                  .contains(StructBytes.CONTENT_TYPE);
              try {
                return StructBytes.read(reply, response.body());
              } catch (StructBytes.MalformedException malformed) {
                throw new AssertionError(malformed);
              }
            });
  }

  private static byte[] registration(String agent, long number) {
    return StructBytes.write(RegisterRequest.TYPE, registrationOf(agent, number));
  }

  private static RegisterRequest registrationOf(String agent, long number) {
    return RegisterRequest.builder()
        .agentId(agent)
        .host("host-" + agent)
        .resources(LineWorld.MACHINE)
        .number(number)
        .build();
  }

  @Test
  public void whoDoesNotKnowTheSecretIsNotLetIn() throws Exception {
    HttpResponse<byte[]> without =
        send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http.port() + "/agent/poll"))
                .header("Content-Type", StructBytes.CONTENT_TYPE)
                .POST(HttpRequest.BodyPublishers.noBody()));
    assertThat(without.statusCode()).isEqualTo(401);
    assertThat(new String(without.body(), StandardCharsets.UTF_8)).contains("--agent-secret-file");
    HttpResponse<byte[]> wrong =
        send(
            request("/agent/poll", new byte[0])
                .setHeader("Authorization", "Bearer " + SECRET + "x"));
    assertThat(wrong.statusCode()).isEqualTo(401);
  }

  @Test
  public void whatIsNoRequestIsRefusedWithTheReason() throws Exception {
    HttpResponse<byte[]> garbage = send(request("/agent/register", new byte[] {11, 0, 1, 127}));
    assertThat(garbage.statusCode()).isEqualTo(400);
    assertThat(new String(garbage.body(), StandardCharsets.UTF_8))
        .startsWith("Not a RegisterRequest: ");
    byte[] good = registration("a", 1);
    byte[] more = Arrays.copyOf(good, good.length + 1);
    assertThat(send(request("/agent/register", more)).statusCode()).isEqualTo(400);
    assertThat(send(request("/agent/register", new byte[65 << 10])).statusCode()).isEqualTo(413);
    assertThat(
            send(request("/agent/register", good).setHeader("Content-Type", "application/json"))
                .statusCode())
        .isEqualTo(415);
    assertThat(send(request("/agent/register", good).GET()).statusCode()).isEqualTo(405);
  }

  @Test
  public void hundredsOfPollsAreHeldWithoutAThreadEach() throws Exception {
    lead();
    List<CompletableFuture<PollReply>> polls = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      String agent = "a" + i;
      RegisterReply reply =
          call(
                  "/agent/register",
                  RegisterRequest.TYPE,
                  registrationOf(agent, 1),
                  RegisterReply.TYPE)
              .get();
      polls.add(
          call(
              "/agent/poll",
              PollRequest.TYPE,
              PollRequest.builder().agentId(agent).session(reply.session()).build(),
              PollReply.TYPE));
    }
    // With more polls than the server has threads, others are still served.
    assertThat(send(request("/agent/register", registration("last", 1))).statusCode())
        .isEqualTo(200);
    for (CompletableFuture<PollReply> poll : polls) {
      assertThat(poll.get().commands()).isEmpty();
    }
  }

  @Test
  public void anAgentFindsTheLeaderAndKeepsItWhileZooKeeperIsAway() throws Exception {
    EmbeddedZooKeeper zooKeeper =
        EmbeddedZooKeeper.start(
            new EmbeddedZooKeeper.Settings(
                folder.newFolder("zk").toPath(),
                "127.0.0.1",
                Ports.free(),
                Duration.ofMillis(500),
                0,
                ImmutableMap.of()),
            () -> failures.add("ZooKeeper ended"));
    CuratorFramework curator =
        CuratorFrameworkFactory.newClient(zooKeeper.connectString(), new RetryOneTime(100));
    curator.start();
    ServersetLeader finder = new ServersetLeader(curator, SERVERSET);
    finder.start();
    List<String> told = new CopyOnWriteArrayList<>();
    LineAgent handler =
        new LineAgent(runtimes.newLoop("tasks"), runtimes.clock(), new Random(1), launch -> {});
    try (LeaderLink link =
        new LeaderLink(
            new AgentProfile("a", "host-a", LineWorld.MACHINE, ImmutableSet.of(), null, "1"),
            finder,
            new HttpLeaderTransport(Optional.of(SECRET), runtimes.newPool("client", 1)),
            new LinkFile(folder.getRoot().toPath().resolve("link")),
            handler,
            new LeaderLink.Listener() {
              @Override
              public void registered(Endpoint leader) {
                told.add("registered " + leader);
              }

              @Override
              public void lost(String reason) {
                told.add("lost");
              }
            },
            runtimes.newLoop("link"),
            new Random(1)::nextDouble,
            new SimpleMeterRegistry())) {
      link.start();
      lead();
      Endpoint here = new Endpoint("127.0.0.1", http.port());
      var unused =
          curator
              .create()
              .creatingParentsIfNeeded()
              .withMode(CreateMode.PERSISTENT)
              .forPath(SERVERSET + "/member_0000000001", MemberEntry.alive(here, "http").toBytes());
      Await.until("registered", SOON, () -> told.contains("registered " + here));
      zooKeeper.close();
      told.clear();
      Await.pause(Duration.ofSeconds(10));
      assertThat(told).isEmpty();
      assertThat(cluster.agents().get().get(0).presence()).isEqualTo("REGISTERED");
      assertThat(cluster.agents().get().get(0).silentMs()).isLessThan(6000);
    } finally {
      finder.close();
      curator.close();
      zooKeeper.close();
    }
  }

  @Test
  public void unknownOrdersCannotBeWritten() {
    // What this release cannot say never leaves it half written.
    assertThatThrownBy(() -> StructBytes.write(AgentOrder.TYPE, new AgentOrder.Unknown(9)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
