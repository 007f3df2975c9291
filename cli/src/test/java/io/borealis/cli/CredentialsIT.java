package io.borealis.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.borealis.cli.Cluster.Member;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.junit.Test;

/** Who may do what in ZooKeeper when schedulers have credentials, on real servers. */
public class CredentialsIT {
  private static final Duration SOON = Duration.ofSeconds(40);
  private static final String ROOT = "/secured";
  private static final String[] SETTINGS = {
    "--journal-root=" + ROOT, "--zk-digest-credentials=borealis:secret"
  };

  @Test
  public void anonymousClientsFindTheLeaderAndChangeNothingAndOthersAreRefused() throws Exception {
    Ensemble ensemble = Ensemble.shared();
    ZooKeeper anonymous = new ZooKeeper(ensemble.endpoints(), 5_000, event -> {});
    try (Cluster cluster = new Cluster(ensemble, "secured", SETTINGS)) {
      Member leader = cluster.start(1);
      Calls.createRunning(leader.wire(), "hello", 1);

      String member =
          anonymous.getChildren(cluster.serverset(), false).stream()
              .filter(child -> child.startsWith("member_"))
              .findFirst()
              .orElseThrow();
      byte[] entry = anonymous.getData(cluster.serverset() + "/" + member, false, null);
      assertThat(new String(entry, StandardCharsets.UTF_8))
          .isEqualTo(
              ("{\"serviceEndpoint\":{\"host\":\"127.0.0.1\",\"port\":%1$d},\"additionalEndpoints\":"
                      + "{\"http\":{\"host\":\"127.0.0.1\",\"port\":%1$d}},\"status\":\"ALIVE\"}")
                  .formatted(leader.port()));

      List<String> ours = new ArrayList<>(below(anonymous, ROOT));
      ours.addAll(below(anonymous, cluster.serverset()));
      assertThat(ours).hasSizeGreaterThan(8);
      for (String path : ours) {
        assertThatThrownBy(() -> anonymous.setData(path, new byte[0], -1))
            .as(path)
            .isInstanceOf(KeeperException.NoAuthException.class);
        if (!path.startsWith(cluster.serverset() + "/")) {
          assertThatThrownBy(
                  () ->
                      anonymous.create(
                          path + "/x",
                          new byte[0],
                          ZooDefs.Ids.OPEN_ACL_UNSAFE,
                          CreateMode.PERSISTENT))
              .as(path)
              .isInstanceOf(KeeperException.NoAuthException.class);
        }
        if (!path.equals(ROOT) && !path.equals(cluster.serverset())) {
          assertThatThrownBy(() -> anonymous.delete(path, -1))
              .as(path)
              .isInstanceOf(KeeperException.NoAuthException.class);
        }
      }

      try (Cluster wrong =
              new Cluster(
                  ensemble,
                  "secured",
                  "--journal-root=" + ROOT,
                  "--zk-digest-credentials=borealis:guess");
          Cluster none = new Cluster(ensemble, "secured", "--journal-root=" + ROOT)) {
        refused(wrong.start().daemon(), "with these ZooKeeper credentials");
        refused(none.start().daemon(), "without ZooKeeper credentials");
      }
      assertThat(leader.leads()).isTrue();
    } finally {
      anonymous.close();
    }
  }

  private static void refused(Daemon daemon, String why) {
    assertThat(daemon.awaitExit(SOON)).isEqualTo(1);
    assertThat(String.join("\n", daemon.output()))
        .contains(ROOT, why, "--zk-digest-credentials")
        .doesNotContain("guess");
  }

  private static List<String> below(ZooKeeper client, String path) throws Exception {
    List<String> paths = new ArrayList<>(List.of(path));
    for (String child : client.getChildren(path, false)) {
      paths.addAll(below(client, path + "/" + child));
    }
    return paths;
  }
}
