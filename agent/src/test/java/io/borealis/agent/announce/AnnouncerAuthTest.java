package io.borealis.agent.announce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public class AnnouncerAuthTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private AnnouncerAuth read(String json) throws IOException {
    Path file = folder.getRoot().toPath().resolve("auth.json");
    Files.writeString(file, json);
    return AnnouncerAuth.read(file);
  }

  @Test
  public void passwordsOfPermissionsAreDigested() throws Exception {
    AnnouncerAuth auth =
        read(
            "{\"acl\": [{\"scheme\": \"digest\", \"credential\": \"me:secret\", \"permissions\":"
                + " {\"read\": true, \"delete\": true, \"write\": false}}]}");
    assertThat(auth.credentials()).isEmpty();
    ACL acl = auth.acl().get(0);
    assertThat(acl.getPerms()).isEqualTo(Perms.READ | Perms.DELETE);
    assertThat(acl.getId().getScheme()).isEqualTo("digest");
    assertThat(acl.getId().getId()).startsWith("me:").doesNotContain("secret");
  }

  @Test
  public void otherSchemesAreTakenAsTheyAre() throws Exception {
    AnnouncerAuth auth =
        read(
            "{\"acl\": [{\"scheme\": \"world\", \"credential\": \"anyone\", \"permissions\":"
                + " {\"read\": true}}]}");
    assertThat(auth.acl()).containsExactly(new ACL(Perms.READ, new Id("world", "anyone")));
  }

  @Test
  public void whatIsWrongIsSaidWithoutTheCredentials() {
    assertThatThrownBy(() -> read("[]")).hasMessageContaining("'auth' is not a list");
    assertThatThrownBy(() -> read("{\"auth\": {}}")).hasMessageContaining("'auth' is not a list");
    assertThatThrownBy(() -> read("{\"auth\": [{\"credential\": \"me:secret\"}]}"))
        .hasMessageContaining("needs a scheme")
        .hasMessageNotContaining("secret");
    assertThatThrownBy(
            () -> read("{\"acl\": [{\"scheme\": \"digest\", \"credential\": \"me:secret\"}]}"))
        .hasMessageContaining("needs permissions")
        .hasMessageNotContaining("secret");
    assertThatThrownBy(() -> AnnouncerAuth.read(Path.of("/nowhere/auth.json")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("/nowhere/auth.json cannot be read");
  }
}
