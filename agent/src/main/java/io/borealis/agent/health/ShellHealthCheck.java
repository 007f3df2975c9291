package io.borealis.agent.health;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.borealis.runtime.EventLoop;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a command, which ends with 0 when the task is healthy. For the loop it was made for; one
 * attempt at a time.
 */
public final class ShellHealthCheck implements HealthCheck {
  private static final Logger LOG = LoggerFactory.getLogger(ShellHealthCheck.class);
  private static final Duration LOOK_AT_OUTPUT = Duration.ofMillis(100);
  static final int MAX_OUTPUT = 1 << 20;
  private static final int TOLD_OUTPUT = 4096;

  private final EventLoop loop;
  private final Executor io;
  private final Shell shell;
  private final String command;
  private final Duration timeout;

  /**
   * How commands are run. Immutable.
   *
   * @param prefix words before the command that change who runs it; each has to become the next by
   *     exec
   * @param directory where it runs
   * @param output a file of the agent, which takes what it writes
   * @param inherit whether the command sees the agent's environment below its own
   */
  public record Shell(
      ImmutableList<String> prefix,
      Path directory,
      Path output,
      boolean inherit,
      ImmutableMap<String, String> environment) {
    private ProcessBuilder builder(String command) {
      ImmutableList<String> words =
          ImmutableList.<String>builder()
              // Leads a group of its own, which can be killed as a whole.
              .add("setsid")
              .addAll(prefix)
              .add("/bin/bash", "-c", command)
              .build();
      ProcessBuilder builder =
          new ProcessBuilder(words)
              .directory(directory.toFile())
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile());
      if (!inherit) {
        builder.environment().clear();
      }
      builder.environment().putAll(environment);
      return builder;
    }
  }

  /**
   * @param io starts processes and reads files
   */
  public ShellHealthCheck(
      EventLoop loop, Executor io, Shell shell, String command, Duration timeout) {
    this.loop = loop;
    this.io = io;
    this.shell = shell;
    this.command = command;
    this.timeout = timeout;
  }

  @Override
  public CompletionStage<CheckResult> check() {
    Attempt attempt = new Attempt();
    io.execute(attempt::start);
    return attempt.result;
  }

  /** One run of the command. Confined to the loop but for {@link #start}. */
  private final class Attempt {
    final CompletableFuture<CheckResult> result = new CompletableFuture<>();
    EventLoop.@Nullable Timer timer;
    @Nullable Process process;

    void start() {
      try {
        // A former attempt may have left somebody behind who still writes to its file.
        Files.deleteIfExists(shell.output());
        Process started = shell.builder(command).start();
        loop.execute(() -> started(started));
      } catch (IOException failure) {
        result.complete(CheckResult.unhealthy("OSError: " + failure.getMessage()));
      }
    }

    void started(Process started) {
      process = started;
      // What waits for a thread has not begun, and does not fail for it.
      timer = loop.schedule(timeout, () -> giveUp("Health check timed out."));
      var unused = started.onExit().thenRunAsync(() -> ended(started), loop);
      look();
    }

    /** Watches what the command writes, which nothing else bounds. */
    void look() {
      if (isOver()) {
        return;
      }
      if (shell.output().toFile().length() > MAX_OUTPUT) {
        giveUp("Health check wrote more than " + MAX_OUTPUT + " bytes.");
      } else {
        var unused = loop.schedule(LOOK_AT_OUTPUT, this::look);
      }
    }

    private boolean isOver() {
      return result.isDone() || process == null || !process.isAlive();
    }

    void ended(Process ended) {
      cancelTimer();
      if (ended.exitValue() == 0) {
        result.complete(CheckResult.healthy());
      } else if (!result.isDone()) {
        io.execute(
            () ->
                result.complete(
                    CheckResult.unhealthy(
                        "Command '%s' returned non-zero exit status %d with output '%s'"
                            .formatted(command, ended.exitValue(), output()))));
      }
    }

    private String output() {
      try (InputStream in = Files.newInputStream(shell.output())) {
        return new String(in.readNBytes(TOLD_OUTPUT), UTF_8);
      } catch (IOException failure) {
        LOG.warn("The output of a health check cannot be read", failure);
        return "";
      }
    }

    /** What has ended in time is judged by how it ended, even if that is read late. */
    void giveUp(String reason) {
      if (process != null && !isOver()) {
        kill(process);
        result.complete(CheckResult.unhealthy(reason));
      }
    }

    private void cancelTimer() {
      if (timer != null) {
        timer.cancel();
      }
    }

    private void kill(Process running) {
      io.execute(
          () -> {
            try {
              new ProcessBuilder("/bin/bash", "-c", "kill -KILL -- -$0", "" + running.pid())
                  .redirectErrorStream(true)
                  .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                  .start();
            } catch (IOException failure) {
              LOG.warn("A health check that hangs cannot be killed", failure);
              running.destroyForcibly();
            }
          });
    }
  }
}
