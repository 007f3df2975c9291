package io.borealis.agent.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** What is said of a machine that lacks something. */
public class PrerequisitesTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void thisMachineHasAll() {
    assertThat(Prerequisites.ofThisMachine().missing(false)).isEmpty();
  }

  @Test
  public void eachMissingProgramIsNamedWithItsPackage() {
    assertThat(new Prerequisites(folder.getRoot().toString()).missing(false))
        .containsExactly(
            "The program setsid is not on the PATH; install the package util-linux.",
            "The program prlimit is not on the PATH; install the package util-linux.");
    assertThat(new Prerequisites(folder.getRoot().toString()).missing(true))
        .contains("The program setpriv is not on the PATH; install the package util-linux.");
  }

  @Test
  public void aSetsidThatDoesNotTellHowItsChildEndedIsRefused() throws Exception {
    program("setsid", "#!/bin/bash\nexit 0\n");
    program("prlimit", "#!/bin/bash\n");
    assertThat(new Prerequisites(folder.getRoot().toString()).missing(false))
        .singleElement()
        .asString()
        .contains("--fork --wait")
        .contains("package util-linux")
        .contains(folder.getRoot() + "/setsid");
  }

  private void program(String name, String content) throws Exception {
    Path file = folder.getRoot().toPath().resolve(name);
    Files.writeString(file, content);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
