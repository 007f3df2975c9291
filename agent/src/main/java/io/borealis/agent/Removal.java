package io.borealis.agent;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes folders in which tasks did as they pleased. That is left to programs that need neither a
 * path nor a stack for the depth of a tree, and follow no links, whoever lays them meanwhile.
 * Stateless; blocks for as long as it takes.
 */
final class Removal {
  private static final Logger LOG = LoggerFactory.getLogger(Removal.class);
  private static final int TOLD_BYTES = 500;

  private Removal() {}

  /**
   * Deletes a folder and all in it; one that is not there is deleted already.
   *
   * @throws IOException if something is left
   */
  static void of(Path folder) throws IOException {
    if (isGone(folder) || run(folder, "rm", "-rf").isEmpty()) {
      return;
    }
    // A folder without rights keeps even its owner from what is in it.
    String unused = run(folder, "chmod", "-R", "u+rwx");
    String problem = run(folder, "rm", "-rf");
    if (!isGone(folder)) {
      throw new IOException(problem);
    }
  }

  private static boolean isGone(Path folder) {
    return Files.notExists(folder, LinkOption.NOFOLLOW_LINKS);
  }

  /** What it complained of; empty if all went well. */
  private static String run(Path folder, String... words) throws IOException {
    Process process =
        new ProcessBuilder(
                ImmutableList.<String>builder()
                    .add(words)
                    .add("--", folder.toAbsolutePath().toString())
                    .build())
            .redirectErrorStream(true)
            .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
            .start();
    try (var said = process.getInputStream()) {
      String begin = new String(said.readNBytes(TOLD_BYTES), StandardCharsets.UTF_8).strip();
      long unused = said.transferTo(java.io.OutputStream.nullOutputStream());
      int code = process.waitFor();
      LOG.debug("{} {}: {} {}", words[0], folder, code, begin);
      return code == 0 ? "" : words[0] + " ended with " + code + ": " + begin;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted", e);
    }
  }
}
