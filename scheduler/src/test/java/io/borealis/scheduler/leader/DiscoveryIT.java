package io.borealis.scheduler.leader;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.borealis.scheduler.journal.EmbeddedZooKeeper;
import io.borealis.thrift.MemberEntry;
import io.borealis.thrift.MemberEntry.Endpoint;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.jspecify.annotations.Nullable;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** The leader's entry on a real server. */
public class DiscoveryIT {
  private static final String PATH = "/aurora/scheduler";
  private static final String FENCE = "/epoch";
  private static final MemberEntry OURS = MemberEntry.alive(new Endpoint("10.1.2.3", 8081), "http");

  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private EmbeddedZooKeeper server;
  private CuratorFramework curator;
  private Discovery discovery;

  @Before
  public void start() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    server =
        EmbeddedZooKeeper.start(
            new EmbeddedZooKeeper.Settings(
                folder.newFolder("zk").toPath(),
                "127.0.0.1",
                port,
                Duration.ofMillis(500),
                0,
                Map.of()),
            () -> {});
    curator = CuratorFrameworkFactory.newClient(server.connectString(), new RetryOneTime(100));
    curator.start();
    curator.create().forPath(FENCE, new byte[0]);
    discovery = new Discovery(curator, PATH, Runnable::run);
    discovery.start();
  }

  @After
  public void stop() throws Exception {
    discovery.close();
    curator.close();
    server.close();
  }

  private String advertise(@Nullable String known) {
    return discovery.advertise(OURS, known, FENCE, 0).toCompletableFuture().join();
  }

  private String foreign() throws Exception {
    return curator
        .create()
        .creatingParentsIfNeeded()
        .withMode(CreateMode.EPHEMERAL_SEQUENTIAL)
        .forPath(PATH + "/member_", "other".getBytes(UTF_8));
  }

  private List<String> entriesAfter(String... created) throws Exception {
    assertThat(entries()).contains(created);
    return entries();
  }

  private List<String> entries() throws Exception {
    return curator.getChildren().forPath(PATH).stream().map(child -> PATH + "/" + child).toList();
  }

  @Test
  public void theEntryIsWrittenToTheByteUnderThePrefixClientsLookFor() throws Exception {
    String path = advertise(null);
    assertThat(path).matches(PATH + "/member_\\d{10}");
    assertThat(new String(curator.getData().forPath(path), UTF_8))
        .isEqualTo(
            "{\"serviceEndpoint\":{\"host\":\"10.1.2.3\",\"port\":8081},"
                + "\"additionalEndpoints\":{\"http\":{\"host\":\"10.1.2.3\",\"port\":8081}},"
                + "\"status\":\"ALIVE\"}");
    assertThat(curator.checkExists().forPath(path).getEphemeralOwner()).isNotZero();
  }

  @Test
  public void allOthersAreRemovedAndOneThatIsThereStays() throws Exception {
    assertThat(entriesAfter(foreign(), foreign())).hasSize(2);
    String ours = advertise(null);
    assertThat(entries()).containsExactly(ours);
    assertThat(entriesAfter(foreign())).hasSize(2);
    assertThat(advertise(ours)).isEqualTo(ours);
    assertThat(entries()).containsExactly(ours);
  }

  @Test
  public void oneThatSomebodyRemovedIsWrittenAgain() throws Exception {
    String ours = advertise(null);
    curator.delete().forPath(ours);
    String again = advertise(ours);
    assertThat(again).isNotEqualTo(ours);
    assertThat(entries()).containsExactly(again);
  }

  @Test
  public void whoseFenceWasMovedChangesNothing() throws Exception {
    String other = foreign();
    curator.setData().forPath(FENCE, new byte[] {1});
    assertThatThrownBy(() -> advertise(null))
        .hasCauseInstanceOf(KeeperException.BadVersionException.class);
    assertThat(entries()).containsExactly(other);
  }

  @Test
  public void candidatesAreLeftAlone() throws Exception {
    curator.create().creatingParentsIfNeeded().forPath(PATH + "/_c_1-lock-0000000000");
    String ours = advertise(null);
    assertThat(entries()).containsExactlyInAnyOrder(ours, PATH + "/_c_1-lock-0000000000");
  }
}
