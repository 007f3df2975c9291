package io.borealis.config;

import com.google.common.base.CharMatcher;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;
import java.util.Set;

/** Reads the secret of agents and schedulers from the file that holds it. Stateless. */
final class SecretFile {
  private static final int LEAST = 8;
  private static final int MOST = 1024;

  private SecretFile() {}

  /**
   * The secret, without blanks and line breaks around it; empty when there is no file for it.
   *
   * @throws ConfigException when it cannot be used, or others than its owner and group can read it
   */
  static Optional<String> read(Parsed parsed) {
    Path file = parsed.find(Settings.AGENT_SECRET_FILE);
    return file == null ? Optional.empty() : Optional.of(read(file));
  }

  private static String read(Path file) {
    String secret;
    try {
      Set<PosixFilePermission> allowed = Files.getPosixFilePermissions(file);
      if (allowed.contains(PosixFilePermission.OTHERS_READ)) {
        throw wrong(file, "can be read by everybody; its mode should be 600");
      }
      secret = Files.readString(file, StandardCharsets.UTF_8).strip();
    } catch (IOException unreadable) {
      throw wrong(file, "cannot be read: " + unreadable);
    }
    if (secret.length() < LEAST
        || secret.length() > MOST
        || !CharMatcher.inRange('!', '~').matchesAllOf(secret)) {
      throw wrong(
          file, "must hold %d to %d characters of ASCII without blanks".formatted(LEAST, MOST));
    }
    return secret;
  }

  private static ConfigException wrong(Path file, String why) {
    return new ConfigException("%s: %s %s".formatted(Settings.AGENT_SECRET_FILE.flag(), file, why));
  }
}
