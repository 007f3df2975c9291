package io.borealis.agent.process;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives commands their signals back, since they inherit what is blocked and ignored: Java blocks
 * SIGQUIT in its threads, and a shell that starts an agent in the background, or nohup, has it
 * ignore others, which no command of a shell could undo. Stateless.
 */
public final class CleanSignals {
  private static final Logger LOG = LoggerFactory.getLogger(CleanSignals.class);
  private static final ImmutableList<String> WORDS = ImmutableList.of("env", "--default-signal");
  private static final long PATIENCE_SECONDS = 10;

  private CleanSignals() {}

  /**
   * What to put before a command; nothing where {@code env} cannot do it, as before coreutils 8.31.
   * Tries it, which takes some ms.
   */
  public static ImmutableList<String> words() {
    try {
      Process process =
          new ProcessBuilder(
                  ImmutableList.<String>builder().addAll(WORDS).add("/bin/bash", "-c", "").build())
              .redirectOutput(Redirect.DISCARD)
              .redirectError(Redirect.DISCARD)
              .start();
      process.getOutputStream().close();
      if (process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0) {
        return WORDS;
      }
      process.destroyForcibly();
    } catch (IOException e) {
      LOG.debug("env cannot be run", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    LOG.warn(
        "Commands have SIGQUIT blocked, and ignore what this agent does: env knows no"
            + " --default-signal (coreutils 8.31 does)");
    return ImmutableList.of();
  }
}
