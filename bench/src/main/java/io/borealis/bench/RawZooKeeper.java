package io.borealis.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;

/** The other side of many ratios: nodes made one after the other, by nothing but ZooKeeper. */
final class RawZooKeeper implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(60);
  private static final int SESSION_MS = 10_000;

  private final ZooKeeper client;
  private int made;

  private RawZooKeeper(ZooKeeper client) {
    this.client = client;
  }

  /** A client, connected. */
  static RawZooKeeper connect(String servers) throws IOException, InterruptedException {
    CountDownLatch connected = new CountDownLatch(1);
    ZooKeeper client =
        new ZooKeeper(
            servers,
            SESSION_MS,
            event -> {
              if (event.getState() == KeeperState.SyncConnected) {
                connected.countDown();
              }
            });
    if (!connected.await(START.toSeconds(), TimeUnit.SECONDS)) {
      client.close();
      throw new IOException("ZooKeeper does not answer");
    }
    return new RawZooKeeper(client);
  }

  /** Makes one more node. */
  void create(byte[] data) throws KeeperException, InterruptedException {
    String unused =
        client.create("/raw" + made++, data, ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
  }

  /** Makes nodes one after the other for a while; how many in a second. */
  double createsPerSecond(byte[] data, Duration duration)
      throws KeeperException, InterruptedException {
    int before = made;
    long start = System.nanoTime();
    while (System.nanoTime() - start < duration.toNanos()) {
      create(data);
    }
    return (made - before) * 1e9 / (System.nanoTime() - start);
  }

  @Override
  public void close() {
    try {
      client.close();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
