package io.borealis.agent;

import io.borealis.agent.announce.AnnouncerAuth;
import io.borealis.agent.announce.AnnouncerClient;
import io.borealis.config.AgentSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.BoundedExponentialBackoffRetry;

/** Makes the clients by which an agent looks for the leader and announces tasks. Stateless. */
final class ZooKeeperClients {
  private static final Duration MOST_CONNECTING = Duration.ofSeconds(10);
  private static final int FIRST_RETRY_MS = 200;
  private static final int LONGEST_RETRY_MS = 5_000;
  private static final int RETRIES = 5;

  private ZooKeeperClients() {}

  /** For the leader; to be started. */
  static CuratorFramework leader(AgentSettings.Leader settings) {
    CuratorFrameworkFactory.Builder builder =
        builder(settings.connect(), settings.sessionTimeout());
    settings
        .credentials()
        .ifPresent(
            credentials ->
                builder.authorization("digest", credentials.getBytes(StandardCharsets.UTF_8)));
    return builder.build();
  }

  /**
   * For announcements; to be started.
   *
   * @throws AgentException when the file with credentials cannot be used
   */
  static CuratorFramework announcer(
      String ensemble, Duration sessionTimeout, AgentSettings.Announcer settings) {
    return AnnouncerClient.of(
        ensemble, sessionTimeout, settings.authFile().map(ZooKeeperClients::auth));
  }

  private static AnnouncerAuth auth(Path file) {
    try {
      return AnnouncerAuth.read(file);
    } catch (IOException wrong) {
      throw new AgentException("--announcer-zookeeper-auth-config: " + wrong.getMessage(), wrong);
    }
  }

  private static CuratorFrameworkFactory.Builder builder(String ensemble, Duration session) {
    int sessionMs = Math.toIntExact(session.toMillis());
    return CuratorFrameworkFactory.builder()
        .connectString(ensemble)
        .sessionTimeoutMs(sessionMs)
        .connectionTimeoutMs(Math.min(sessionMs, Math.toIntExact(MOST_CONNECTING.toMillis())))
        .retryPolicy(new BoundedExponentialBackoffRetry(FIRST_RETRY_MS, LONGEST_RETRY_MS, RETRIES));
  }
}
