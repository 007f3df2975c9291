package io.borealis.scheduler;

import io.borealis.config.DaemonSettings;
import io.borealis.scheduler.journal.Ownership;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.ACLProvider;
import org.apache.curator.framework.state.SessionConnectionStateErrorPolicy;
import org.apache.curator.retry.BoundedExponentialBackoffRetry;
import org.apache.zookeeper.data.ACL;

/** The Curator client for election and discovery. Thread-safe. */
record ZooKeeperClient(CuratorFramework curator) implements AutoCloseable {
  private static final int CONNECTION_TIMEOUT_MS = 10_000;

  static ZooKeeperClient of(DaemonSettings.ZooKeeper settings) {
    int sessionTimeoutMs = Math.toIntExact(settings.sessionTimeout().toMillis());
    CuratorFrameworkFactory.Builder builder =
        CuratorFrameworkFactory.builder()
            .connectString(settings.connect())
            .sessionTimeoutMs(sessionTimeoutMs)
            .connectionTimeoutMs(Math.min(CONNECTION_TIMEOUT_MS, sessionTimeoutMs))
            // A leader goes on after a short loss of connection: the journal fences it again.
            .connectionStateErrorPolicy(new SessionConnectionStateErrorPolicy())
            .retryPolicy(new BoundedExponentialBackoffRetry(200, 5_000, 5));
    settings
        .credentials()
        .ifPresent(
            credentials ->
                builder
                    .authorization("digest", credentials.getBytes(StandardCharsets.UTF_8))
                    .aclProvider(new OwnerWritesAllRead()));
    return new ZooKeeperClient(builder.build());
  }

  void start() {
    curator.start();
  }

  @Override
  public void close() {
    curator.close();
  }

  /** The same for every path. */
  private static final class OwnerWritesAllRead implements ACLProvider {
    @Override
    public List<ACL> getDefaultAcl() {
      return Ownership.ownerWritesAllRead();
    }

    @Override
    public List<ACL> getAclForPath(String path) {
      return getDefaultAcl();
    }
  }
}
