package io.borealis.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** The file with credentials for announcements, in the form of Aurora's executor. */
public class ZooKeeperClientsTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private Path file(String json) throws Exception {
    return Files.writeString(folder.newFile().toPath(), json);
  }

  @Test
  public void credentialsAndPermissionsAreRead() throws Exception {
    ZooKeeperClients.Access access =
        ZooKeeperClients.access(
            file(
                """
                {"auth": [{"scheme": "digest", "credential": "user:password"}],
                 "acl": [
                   {"scheme": "digest", "credential": "user:password",
                    "permissions": {"read": true, "write": true, "create": true,
                                    "delete": true, "admin": true}},
                   {"scheme": "world", "credential": "anyone", "permissions": {"read": true}}]}
                """));
    assertThat(access.credentials()).hasSize(1);
    assertThat(access.credentials().get(0).getScheme()).isEqualTo("digest");
    assertThat(new String(access.credentials().get(0).getAuth(), StandardCharsets.UTF_8))
        .isEqualTo("user:password");
    // The digest is that which ZooKeeper's own tool prints.
    assertThat(access.permissions())
        .containsExactly(
            new ACL(Perms.ALL, new Id("digest", "user:tpUq/4Pn5A64fVZyQ0gOJ8ZWqkY=")),
            new ACL(Perms.READ, new Id("world", "anyone")));
  }

  @Test
  public void withoutPermissionsAnybodyMay() throws Exception {
    assertThat(ZooKeeperClients.access(file("{}")).permissions()).isEmpty();
  }

  @Test
  public void whatIsMissingIsNamed() throws Exception {
    Path file = file("{\"auth\": [{\"scheme\": \"digest\"}]}");
    assertThatThrownBy(() -> ZooKeeperClients.access(file))
        .isInstanceOf(AgentException.class)
        .hasMessage(
            "--announcer-zookeeper-auth-config: %s lacks 'credential' in {\"scheme\":\"digest\"}",
            file);
    assertThatThrownBy(() -> ZooKeeperClients.access(file.resolveSibling("absent")))
        .hasMessageContaining("cannot be read");
  }
}
