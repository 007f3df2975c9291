package io.borealis.bench;

import com.google.common.base.Splitter;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A Java process with this one's class path, with everything it prints. It ends when it is closed
 * or this process ends. Thread-safe.
 */
final class Child implements AutoCloseable {
  private static final double TICKS_PER_SECOND = 100;
  private static final int UTIME = 11;
  private static final Splitter BLANKS = Splitter.on(' ');

  private final String name;
  private final Process process;
  private final Thread hook;
  private final List<String> output = new ArrayList<>();

  private Child(String name, Process process) {
    this.name = name;
    this.process = process;
    this.hook = new Thread(process::destroyForcibly, "end of " + name);
  }

  /** Starts {@code borealis <args>}, as {@code bin/borealis} does. */
  static Child borealis(String... args) throws IOException {
    return start("io.borealis.cli.Main", args);
  }

  /** Starts the main method of a class. */
  static Child start(String mainClass, String... args) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:+ExitOnOutOfMemoryError");
    // Tests have a configuration of their own, which may be on the same class path.
    command.add("-Dlogback.configurationFile=logback.xml");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(mainClass);
    command.addAll(List.of(args));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    Child child = new Child(mainClass + " " + String.join(" ", args), process);
    Runtime.getRuntime().addShutdownHook(child.hook);
    Thread reader = new Thread(child::read, "output of " + child.name);
    reader.setDaemon(true);
    reader.start();
    return child;
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        add(line);
      }
    } catch (IOException closed) {
      add("(output closed)");
    }
  }

  private void add(String line) {
    synchronized (output) {
      output.add(line);
      output.notifyAll();
    }
  }

  /** Waits until a line contains the text, and returns that line. */
  String awaitLine(String text, Duration limit) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    synchronized (output) {
      while (true) {
        String found = find(text);
        if (found != null) {
          return found;
        }
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (left <= 0 || !process.isAlive()) {
          throw new IllegalStateException(
              name + " did not print '" + text + "' but:\n" + String.join("\n", output));
        }
        output.wait(Math.min(left, 100));
      }
    }
  }

  /** The newest line that contains the text; null when there is none. */
  @Nullable String find(String text) {
    synchronized (output) {
      for (int i = output.size() - 1; i >= 0; i--) {
        if (output.get(i).contains(text)) {
          return output.get(i);
        }
      }
      return null;
    }
  }

  /** CPU seconds used so far, by all its threads; exact to a hundredth. */
  double cpuSeconds() throws IOException {
    String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
    // The name in parentheses may hold blanks; what follows it does not.
    List<String> fields = BLANKS.splitToList(stat.substring(stat.lastIndexOf(')') + 2));
    return (Long.parseLong(fields.get(UTIME)) + Long.parseLong(fields.get(UTIME + 1)))
        / TICKS_PER_SECOND;
  }

  /** Asks it to end. */
  void terminate() {
    process.destroy();
  }

  /** Ends it at once. */
  void kill() {
    process.destroyForcibly();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    try {
      boolean unused = Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException ending) {
      return;
    }
  }
}
