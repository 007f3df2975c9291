package io.borealis.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A real Borealis process, started as {@code bin/borealis} starts it, with everything it prints. A
 * folder named by the system property {@code borealis.it.logs} keeps what was printed. Thread-safe.
 */
final class Daemon implements AutoCloseable {
  private final String name;
  private final Process process;
  private final @Nullable Path log;
  private final List<String> output = new ArrayList<>();

  private Daemon(String name, Process process) {
    this.name = name;
    this.process = process;
    this.log = log(name, process);
  }

  private static @Nullable Path log(String name, Process process) {
    String folder = System.getProperty("borealis.it.logs", "");
    return folder.isEmpty()
        ? null
        : Path.of(folder, name.replace(' ', '-') + "-" + process.pid() + ".log");
  }

  /** Starts {@code borealis <args>}. */
  static Daemon start(String name, String... args) {
    return start(name, List.of(), args);
  }

  /**
   * Starts {@code borealis <args>} behind other commands.
   *
   * @param wrapper what to put in front, such as {@code prlimit --fsize=…}
   */
  static Daemon start(String name, List<String> wrapper, String... args) {
    List<String> command = new ArrayList<>(wrapper);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx512m");
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-Dlogback.configurationFile=logback.xml");
    command.add("-cp");
    command.add(jars());
    command.add("io.borealis.cli.Main");
    command.addAll(List.of(args));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      Daemon daemon = new Daemon(name, process);
      Thread reader = new Thread(daemon::read, "output of " + name);
      reader.setDaemon(true);
      reader.start();
      return daemon;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** What {@code bin/borealis} puts on the class path, without what only tests have. */
  private static String jars() {
    Path jars = Path.of("target", "lib").toAbsolutePath();
    if (!Files.exists(jars.resolve(".complete"))) {
      throw new AssertionError("no jars in " + jars + ": run 'mvnw verify', or bin/borealis once");
    }
    return jars.resolve("*").toString();
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        synchronized (output) {
          output.add(line);
          output.notifyAll();
        }
        if (log != null) {
          Files.writeString(log, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
      }
    } catch (IOException closed) {
      synchronized (output) {
        output.add("(output closed)");
        output.notifyAll();
      }
    }
  }

  /** Everything printed so far. */
  List<String> output() {
    synchronized (output) {
      return List.copyOf(output);
    }
  }

  /** Waits until a line contains the text, and returns that line. */
  String awaitLine(String text, Duration limit) {
    return awaitLine(line -> line.contains(text), text, limit);
  }

  private String awaitLine(Predicate<String> wanted, String what, Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    synchronized (output) {
      int from = 0;
      while (true) {
        for (; from < output.size(); from++) {
          if (wanted.test(output.get(from))) {
            return output.get(from);
          }
        }
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (left <= 0 || (!process.isAlive() && left < limit.toMillis() - 2000)) {
          throw new AssertionError(
              name + " did not print '" + what + "' but:\n" + String.join("\n", output));
        }
        try {
          output.wait(Math.min(left, 200));
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
          throw new AssertionError("interrupted", interrupted);
        }
      }
    }
  }

  /** Its process id. */
  long pid() {
    return process.pid();
  }

  /** Whether it runs. */
  boolean isAlive() {
    return process.isAlive();
  }

  /** Sends a signal, such as {@code STOP}, {@code CONT}, {@code KILL} or {@code TERM}. */
  void signal(String signal) {
    try {
      int exit =
          new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
              .inheritIO()
              .start()
              .waitFor();
      if (exit != 0) {
        throw new AssertionError("kill -" + signal + " of " + name + " failed");
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", interrupted);
    }
  }

  /** Kills it at once and waits for it to be gone. */
  void kill() {
    signal("KILL");
    var unused = awaitExit(Duration.ofSeconds(10));
  }

  /** Waits for the end and returns the exit code. */
  int awaitExit(Duration limit) {
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError(name + " did not exit but:\n" + String.join("\n", output()));
      }
      return process.exitValue();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", interrupted);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
