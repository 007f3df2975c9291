package io.borealis.agent.announce;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableMap;
import io.borealis.runtime.EventLoop;
import io.borealis.runtime.SystemRuntimes;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.server.embedded.ExitHandler;
import org.apache.zookeeper.server.embedded.ZooKeeperServerEmbedded;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Members on a real server. */
public class AnnouncerIT {
  private static final String PLACE = "/aurora/www/prod/hello";
  private static final Duration SESSION = Duration.ofSeconds(60);
  private static final Optional<Duration> PATIENCE = Optional.of(Duration.ofSeconds(60));
  private static final Announcement OURS =
      new Announcement("here", 31000, ImmutableMap.of("http", 31000), 3);

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final AtomicReference<Throwable> unexpected = new AtomicReference<>();
  private final SystemRuntimes runtimes =
      new SystemRuntimes((name, failure) -> unexpected.set(failure));
  private final EventLoop loop = runtimes.newLoop("task");
  private final List<CuratorFramework> clients = new ArrayList<>();
  private final List<String> timedOut = new CopyOnWriteArrayList<>();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private ZooKeeperServerEmbedded server;
  private String ensemble;

  @Before
  public void setUp() throws Exception {
    int port = freePort();
    Properties config = new Properties();
    config.setProperty("dataDir", folder.newFolder("data").getPath());
    config.setProperty("clientPort", Integer.toString(port));
    config.setProperty("clientPortAddress", "127.0.0.1");
    config.setProperty("tickTime", "500");
    config.setProperty("maxSessionTimeout", "300000");
    config.setProperty("admin.enableServer", "false");
    server =
        ZooKeeperServerEmbedded.builder()
            .baseDir(folder.newFolder("zk").toPath())
            .configuration(config)
            .exitHandler(ExitHandler.LOG_ONLY)
            .build();
    server.start(60_000);
    ensemble = "127.0.0.1:" + port;
  }

  @After
  public void tearDown() {
    clients.forEach(CuratorFramework::close);
    server.close();
    runtimes.close();
    assertThat(unexpected.get()).isNull();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private CuratorFramework client() {
    return client(Optional.empty());
  }

  private CuratorFramework client(Optional<AnnouncerAuth> auth) {
    CuratorFramework client = AnnouncerClient.of(ensemble, SESSION, auth);
    clients.add(client);
    client.start();
    return client;
  }

  private Announcer announcer(CuratorFramework client) {
    return new ZooKeeperAnnouncer(client, PLACE, OURS, loop, timedOut::add);
  }

  private void start(Announcer announcer, Optional<Duration> patience) {
    loop.execute(() -> announcer.start(patience));
  }

  private void withdraw(Announcer announcer) throws Exception {
    CompletableFuture<Void> gone = new CompletableFuture<>();
    loop.execute(
        () -> {
          var unused = announcer.withdraw().thenRun(() -> gone.complete(null));
        });
    gone.get(60, TimeUnit.SECONDS);
  }

  private static List<String> members(CuratorFramework client) throws Exception {
    try {
      return client.getChildren().forPath(PLACE);
    } catch (KeeperException.NoNodeException none) {
      return List.of();
    }
  }

  private static <T> T await(Callable<T> reading, Predicate<T> wanted) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (true) {
      T now = reading.call();
      if (wanted.test(now)) {
        return now;
      }
      assertThat(System.nanoTime() - deadline).as("still %s", now).isNegative();
      Thread.sleep(20);
    }
  }

  private String awaitMember(CuratorFramework client) throws Exception {
    return await(() -> members(client), found -> found.size() == 1).get(0);
  }

  @Test
  public void aTaskIsAMemberUntilItIsWithdrawn() throws Exception {
    CuratorFramework client = client();
    Announcer announcer = announcer(client);
    start(announcer, PATIENCE);
    String member = awaitMember(client);
    assertThat(member).matches("member_\\d{10}");
    assertThat(client.getData().forPath(PLACE + "/" + member)).isEqualTo(OURS.toBytes());
    assertThat(client.checkExists().forPath(PLACE + "/" + member).getEphemeralOwner())
        .isEqualTo(client.getZookeeperClient().getZooKeeper().getSessionId());
    withdraw(announcer);
    assertThat(members(client)).isEmpty();
    assertThat(timedOut).isEmpty();
  }

  @Test
  public void aMemberThatIsDeletedComesBack() throws Exception {
    CuratorFramework client = client();
    Announcer announcer = announcer(client);
    start(announcer, PATIENCE);
    for (int i = 0; i < 3; i++) {
      String member = awaitMember(client);
      client.delete().forPath(PLACE + "/" + member);
      await(() -> members(client), found -> !found.isEmpty() && !found.contains(member));
    }
    withdraw(announcer);
    assertThat(members(client)).isEmpty();
  }

  @Test
  public void aMemberWhoseSessionExpiredComesBack() throws Exception {
    CuratorFramework client = client();
    start(announcer(client), PATIENCE);
    String member = awaitMember(client);
    expire(client.getZookeeperClient().getZooKeeper());
    CuratorFramework other = client();
    await(() -> members(other), found -> found.size() == 1 && !found.contains(member));
  }

  private void expire(ZooKeeper session) throws Exception {
    ZooKeeper same =
        new ZooKeeper(
            ensemble,
            (int) SESSION.toMillis(),
            event -> {},
            session.getSessionId(),
            session.getSessionPasswd());
    await(same::getState, ZooKeeper.States::isConnected);
    same.close();
  }

  @Test
  public void whatAFormerAgentLeftIsReplacedLongBeforeItsSessionExpires() throws Exception {
    CuratorFramework former = client();
    String stale = create(former, OURS.toBytes());
    String foreign = create(former, "{}".getBytes(UTF_8));
    start(announcer(client()), Optional.empty());
    CuratorFramework other = client();
    List<String> found = await(() -> members(other), now -> !now.contains(stale));
    assertThat(found).hasSize(2).contains(foreign);
    assertThat(former.getZookeeperClient().isConnected()).isTrue();
  }

  private static String create(CuratorFramework client, byte[] bytes) throws Exception {
    String path =
        client
            .create()
            .creatingParentsIfNeeded()
            .withMode(CreateMode.EPHEMERAL_SEQUENTIAL)
            .forPath(PLACE + "/member_", bytes);
    return path.substring(path.lastIndexOf('/') + 1);
  }

  @Test
  public void aMemberOfTheSameSessionIsAdopted() throws Exception {
    CuratorFramework client = client();
    create(client, OURS.toBytes());
    Announcer announcer = announcer(client);
    start(announcer, Optional.empty());
    withdraw(announcer);
    assertThat(members(client)).isEmpty();
  }

  @Test
  public void aDetachedTaskStaysAMember() throws Exception {
    CuratorFramework client = client();
    Announcer announcer = announcer(client);
    start(announcer, PATIENCE);
    String member = awaitMember(client);
    // By then it has heard of its member.
    Thread.sleep(500);
    loop.execute(announcer::detach);
    Thread.sleep(500);
    assertThat(members(client)).containsExactly(member);
  }

  @Test
  public void withoutZooKeeperANewTaskIsGivenUpAndARecoveredOneIsNot() throws Exception {
    server.close();
    CuratorFramework client = client();
    start(announcer(client), Optional.of(Duration.ofMillis(300)));
    start(announcer(client), Optional.empty());
    await(() -> timedOut, told -> !told.isEmpty());
    Thread.sleep(500);
    assertThat(timedOut).containsExactly("Creating Announcer Serverset timed out.");
  }

  @Test
  public void theTimeWithoutConnectionIsShown() throws Exception {
    CuratorFramework client = AnnouncerClient.of(ensemble, SESSION, Optional.empty());
    clients.add(client);
    ZooKeeperAnnouncers announcers = new ZooKeeperAnnouncers(client, runtimes.clock(), meters);
    Thread.sleep(5);
    assertThat(meters.get("announcer_disconnected_time").gauge().value()).isPositive();
    client.start();
    await(() -> meters.get("announcer_disconnected_time").gauge().value(), value -> value == 0);
    start(announcers.announcer(PLACE, OURS, loop, timedOut::add), PATIENCE);
    awaitMember(client);
  }

  @Test
  public void whoIsNotAllowedToCannotDeleteAMember() throws Exception {
    Path file = folder.newFile("auth.json").toPath();
    Files.writeString(
        file,
        "{\"auth\": [{\"scheme\": \"digest\", \"credential\": \"me:secret\"}],"
            + " \"acl\": [{\"scheme\": \"digest\", \"credential\": \"me:secret\","
            + " \"permissions\": {\"read\": true, \"write\": true, \"create\": true,"
            + " \"delete\": true, \"admin\": true}},"
            + " {\"scheme\": \"world\", \"credential\": \"anyone\","
            + " \"permissions\": {\"read\": true}}]}");
    AnnouncerAuth auth = AnnouncerAuth.read(file);
    assertThat(auth.credentials().toString()).doesNotContain("secret");
    Announcer announcer = announcer(client(Optional.of(auth)));
    start(announcer, PATIENCE);
    CuratorFramework other = client();
    String member = awaitMember(other);
    assertThatThrownBy(() -> other.delete().forPath(PLACE + "/" + member))
        .isInstanceOf(KeeperException.NoAuthException.class);
    withdraw(announcer);
    assertThat(members(other)).isEmpty();
  }
}
