package io.borealis.agent.process;

import io.borealis.runtime.SystemRuntimes;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A program of its own that stands between a command and its logs. It reads {@code stdout} of the
 * command from descriptor 0 and {@code stderr} from descriptor 3, and ends when nobody can write to
 * them any more. Has no more than it needs on its class path: the JDK and the runtime. Single use.
 */
public final class LogRotator {
  private LogRotator() {}

  /**
   * Copies until both pipes are at their end.
   *
   * @param args bytes to rotate at or 0, number of backups, directory of the logs, directory of the
   *     console or nothing
   */
  public static void main(String[] args) throws IOException {
    long rotateBytes = Long.parseLong(args[0]);
    int backups = Integer.parseInt(args[1]);
    Path logs = Path.of(args[2]);
    Files.createDirectories(logs);
    try (SystemRuntimes runtimes = new SystemRuntimes((name, error) -> error.printStackTrace())) {
      CompletableFuture<Void> errors = new CompletableFuture<>();
      runtimes
          .newLoop("stderr", errors::completeExceptionally)
          .execute(
              () -> {
                copy("/dev/fd/3", "stderr", args[3], logs, rotateBytes, backups);
                errors.complete(null);
              });
      copy("/dev/fd/0", "stdout", args[3], logs, rotateBytes, backups);
      errors.join();
    }
  }

  private static void copy(
      String from, String name, String console, Path logs, long rotateBytes, int backups) {
    List<LogFile> files = new ArrayList<>();
    if (!console.isEmpty()) {
      files.add(LogFile.appending(Path.of(console, name)));
    }
    Path file = logs.resolve(name);
    files.add(
        rotateBytes > 0 ? LogFile.rotating(file, rotateBytes, backups) : LogFile.appending(file));
    try (InputStream in = new FileInputStream(from)) {
      copy(in, files);
    } catch (IOException e) {
      // Reading a pipe does not fail while it is open.
      throw new IllegalStateException(e);
    }
  }

  static void copy(InputStream in, List<LogFile> files) throws IOException {
    byte[] chunk = new byte[LogFile.CHUNK];
    for (int length = in.read(chunk); length >= 0; length = in.read(chunk)) {
      for (LogFile file : files) {
        file.write(chunk, length);
      }
    }
  }
}
