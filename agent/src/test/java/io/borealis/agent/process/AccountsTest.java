package io.borealis.agent.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Accounts in files like /etc/passwd. */
public class AccountsTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void anAccountIsReadFromTheFile() throws Exception {
    Path passwd = folder.newFile().toPath();
    Files.writeString(
        passwd, "broken\nwww-x:x:not:a:number:/:\nweb:x:4001:4002:W,,,:/srv/web:/bin/sh\n");
    assertThat(new Accounts(passwd).named("web"))
        .isEqualTo(new Account("web", 4001, 4002, Path.of("/srv/web")));
  }

  @Test
  public void anUnknownNameIsSaidClearly() {
    for (String name : new String[] {"no-such-role", "", "0", "a:b", "-x", "x\ny"}) {
      assertThatThrownBy(() -> Accounts.ofThisMachine().named(name))
          .as(name)
          .isInstanceOf(UnknownAccountException.class)
          .hasMessage("There is no account named '" + name + "' on this machine.");
    }
  }

  @Test
  public void theDirectoryServiceIsAskedWhenTheFileHasNone() throws Exception {
    // Without the file only the service can know root.
    Accounts accounts = new Accounts(folder.getRoot().toPath().resolve("absent"));
    assertThat(accounts.named("root").uid()).isZero();
  }

  @Test
  public void theOwnAccountHasANameOrANumber() {
    assertThat(Accounts.ofThisMachine().own().name()).isNotEmpty();
    assertThat(Accounts.ofThisMachine().own().uid()).isNotNegative();
  }
}
