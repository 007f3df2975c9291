package io.borealis.agent.announce;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.server.auth.DigestAuthenticationProvider;

/**
 * Who the announcer is for ZooKeeper, and who may do what with what it makes. Immutable.
 *
 * @param acl empty for anybody and anything
 */
public record AnnouncerAuth(ImmutableList<Credential> credentials, ImmutableList<ACL> acl) {
  private static final ImmutableMap<String, Integer> PERMISSIONS =
      ImmutableMap.of(
          "read", Perms.READ,
          "write", Perms.WRITE,
          "create", Perms.CREATE,
          "delete", Perms.DELETE,
          "admin", Perms.ADMIN);

  /**
   * Something that proves who one is.
   *
   * @param text of scheme digest: user and password, with a colon between
   */
  public record Credential(String scheme, String text) {
    byte[] bytes() {
      return text.getBytes(UTF_8);
    }

    @Override
    public String toString() {
      return scheme + ":…";
    }
  }

  /**
   * Reads a file of JSON: lists {@code auth} of scheme and credential, and {@code acl} of scheme,
   * credential and permissions.
   *
   * @throws IOException with a sentence for the operator when it cannot be read or says something
   *     else
   */
  public static AnnouncerAuth read(Path file) throws IOException {
    JsonNode root;
    try {
      root = new ObjectMapper().readTree(Files.readString(file));
    } catch (IOException failure) {
      throw new IOException("%s cannot be read: %s".formatted(file, failure.getMessage()), failure);
    }
    ImmutableList.Builder<Credential> credentials = ImmutableList.builder();
    for (JsonNode one : list(file, root, "auth")) {
      credentials.add(credential(file, one));
    }
    ImmutableList.Builder<ACL> acl = ImmutableList.builder();
    for (JsonNode one : list(file, root, "acl")) {
      Credential credential = credential(file, one);
      acl.add(new ACL(permissions(file, one), id(file, credential)));
    }
    return new AnnouncerAuth(credentials.build(), acl.build());
  }

  private static JsonNode list(Path file, JsonNode root, String name) throws IOException {
    JsonNode list = root.path(name);
    if (!root.isObject() || !(list.isArray() || list.isMissingNode())) {
      throw new IOException("%s: '%s' is not a list".formatted(file, name));
    }
    return list;
  }

  private static Credential credential(Path file, JsonNode node) throws IOException {
    JsonNode scheme = node.path("scheme");
    JsonNode text = node.path("credential");
    if (!scheme.isTextual() || !text.isTextual()) {
      throw new IOException("%s: each entry needs a scheme and a credential".formatted(file));
    }
    return new Credential(scheme.asText(), text.asText());
  }

  private static Id id(Path file, Credential credential) throws IOException {
    if (!credential.scheme().equals("digest")) {
      return new Id(credential.scheme(), credential.text());
    }
    try {
      return new Id("digest", DigestAuthenticationProvider.generateDigest(credential.text()));
    } catch (NoSuchAlgorithmException failure) {
      throw new IOException("%s: there are no digests in this Java".formatted(file), failure);
    }
  }

  private static int permissions(Path file, JsonNode node) throws IOException {
    int all = 0;
    for (Map.Entry<String, Integer> one : PERMISSIONS.entrySet()) {
      if (node.path("permissions").path(one.getKey()).asBoolean(false)) {
        all |= one.getValue();
      }
    }
    if (all == 0) {
      throw new IOException("%s: each entry of 'acl' needs permissions".formatted(file));
    }
    return all;
  }
}
