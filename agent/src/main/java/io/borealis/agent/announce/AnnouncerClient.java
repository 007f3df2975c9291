package io.borealis.agent.announce;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.curator.framework.AuthInfo;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.ACLProvider;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.data.ACL;

/** Makes the client over which tasks are announced. Stateless. */
public final class AnnouncerClient {
  private static final Duration CONNECTION_TIMEOUT = Duration.ofSeconds(10);
  private static final int RETRY_MS = 500;

  private AnnouncerClient() {}

  /**
   * A client, not started. It looks for the ensemble as long as it lives. Whoever ends the agent
   * should leave it open: tasks then stay announced until the next agent process takes over, or
   * until the session expires.
   *
   * @param ensemble as {@code host:port,…}
   */
  public static CuratorFramework of(
      String ensemble, Duration sessionTimeout, Optional<AnnouncerAuth> auth) {
    CuratorFrameworkFactory.Builder builder =
        CuratorFrameworkFactory.builder()
            .connectString(ensemble)
            .sessionTimeoutMs(Math.toIntExact(sessionTimeout.toMillis()))
            .connectionTimeoutMs(Math.toIntExact(CONNECTION_TIMEOUT.toMillis()))
            // Announcers try again themselves, and are told of a connection that is back.
            .retryPolicy(new RetryOneTime(RETRY_MS));
    auth.ifPresent(
        its -> {
          builder.authorization(
              its.credentials().stream()
                  .map(one -> new AuthInfo(one.scheme(), one.bytes()))
                  .collect(ImmutableList.toImmutableList()));
          if (!its.acl().isEmpty()) {
            builder.aclProvider(new Fixed(its.acl()));
          }
        });
    return builder.build();
  }

  /** The same permissions for all nodes. */
  private record Fixed(ImmutableList<ACL> acl) implements ACLProvider {
    @Override
    public List<ACL> getDefaultAcl() {
      return acl;
    }

    @Override
    public List<ACL> getAclForPath(String path) {
      return acl;
    }
  }
}
