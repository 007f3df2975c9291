package io.borealis.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableList;
import io.borealis.config.AgentSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.curator.framework.AuthInfo;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.ACLProvider;
import org.apache.curator.retry.BoundedExponentialBackoffRetry;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.server.auth.DigestAuthenticationProvider;

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
    CuratorFrameworkFactory.Builder builder = builder(ensemble, sessionTimeout);
    settings
        .authFile()
        .ifPresent(
            file -> {
              Access access = access(file);
              builder.authorization(access.credentials());
              if (!access.permissions().isEmpty()) {
                builder.aclProvider(new SameEverywhere(access.permissions()));
              }
            });
    return builder.build();
  }

  private static CuratorFrameworkFactory.Builder builder(String ensemble, Duration session) {
    int sessionMs = Math.toIntExact(session.toMillis());
    return CuratorFrameworkFactory.builder()
        .connectString(ensemble)
        .sessionTimeoutMs(sessionMs)
        .connectionTimeoutMs(Math.min(sessionMs, Math.toIntExact(MOST_CONNECTING.toMillis())))
        .retryPolicy(new BoundedExponentialBackoffRetry(FIRST_RETRY_MS, LONGEST_RETRY_MS, RETRIES));
  }

  /**
   * Who we are, and what others may do.
   *
   * @param permissions empty for anything
   */
  record Access(List<AuthInfo> credentials, ImmutableList<ACL> permissions) {}

  /**
   * Reads {@code {"auth": [{"scheme", "credential"}], "acl": [{"scheme", "credential",
   * "permissions": {"read", "write", "create", "delete", "admin"}}]}}.
   *
   * @throws AgentException naming what is wrong
   */
  static Access access(Path file) {
    JsonNode root;
    try {
      root = new ObjectMapper().readTree(file.toFile());
    } catch (IOException unreadable) {
      throw wrong(file, "cannot be read: " + unreadable.getMessage());
    }
    List<AuthInfo> credentials = new ArrayList<>();
    for (JsonNode auth : root.path("auth")) {
      credentials.add(
          new AuthInfo(
              text(file, auth, "scheme"),
              text(file, auth, "credential").getBytes(StandardCharsets.UTF_8)));
    }
    ImmutableList.Builder<ACL> permissions = ImmutableList.builder();
    for (JsonNode acl : root.path("acl")) {
      permissions.add(acl(file, acl));
    }
    return new Access(credentials, permissions.build());
  }

  private static ACL acl(Path file, JsonNode acl) {
    String scheme = text(file, acl, "scheme");
    String credential = text(file, acl, "credential");
    try {
      // The file has the password, permissions have what is made of it.
      String id =
          scheme.equals("digest")
              ? DigestAuthenticationProvider.generateDigest(credential)
              : credential;
      return new ACL(permissions(acl.path("permissions")), new Id(scheme, id));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static int permissions(JsonNode named) {
    return (named.path("read").asBoolean() ? ZooDefs.Perms.READ : 0)
        | (named.path("write").asBoolean() ? ZooDefs.Perms.WRITE : 0)
        | (named.path("create").asBoolean() ? ZooDefs.Perms.CREATE : 0)
        | (named.path("delete").asBoolean() ? ZooDefs.Perms.DELETE : 0)
        | (named.path("admin").asBoolean() ? ZooDefs.Perms.ADMIN : 0);
  }

  private static String text(Path file, JsonNode in, String key) {
    if (!in.path(key).isTextual()) {
      throw wrong(file, "lacks '%s' in %s".formatted(key, in));
    }
    return in.path(key).asText();
  }

  private static AgentException wrong(Path file, String why) {
    return new AgentException("--announcer-zookeeper-auth-config: " + file + " " + why);
  }

  private record SameEverywhere(ImmutableList<ACL> permissions) implements ACLProvider {
    @Override
    public List<ACL> getDefaultAcl() {
      return permissions;
    }

    @Override
    public List<ACL> getAclForPath(String path) {
      return permissions;
    }
  }
}
