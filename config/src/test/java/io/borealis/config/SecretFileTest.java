package io.borealis.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public class SecretFileTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private Path file(String text, String mode) throws Exception {
    Path file = folder.getRoot().toPath().resolve("secret");
    Files.deleteIfExists(file);
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    return file;
  }

  private static DaemonSettings.Agents read(Path file) {
    return DaemonSettings.of(
            Command.UP,
            SettingsReader.read(Command.UP, List.of("--agent-secret-file=" + file), Map.of()))
        .agents();
  }

  @Test
  public void theSecretIsTheTextOfTheFile() throws Exception {
    assertThat(read(file("0123456789abcdef\n", "rw-------")).secret()).contains("0123456789abcdef");
    assertThat(read(file("0123456789abcdef", "rw-r-----")).secret()).contains("0123456789abcdef");
  }

  @Test
  public void aFileThatEverybodyCanReadIsRefused() throws Exception {
    Path file = file("0123456789abcdef", "rw-r--r--");
    assertThatThrownBy(() -> read(file))
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            "--agent-secret-file: " + file + " can be read by everybody; its mode should be 600");
  }

  @Test
  public void soIsASecretThatIsNone() throws Exception {
    for (String text :
        List.of("", "short", "with a blank in it", "1234567\u00e9", "x".repeat(1025))) {
      Path file = file(text, "rw-------");
      assertThatThrownBy(() -> read(file))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("must hold 8 to 1024 characters");
    }
  }

  @Test
  public void andAFileThatIsNotThere() {
    Path nowhere = folder.getRoot().toPath().resolve("nowhere");
    assertThatThrownBy(() -> read(nowhere))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(nowhere + " cannot be read");
  }
}
