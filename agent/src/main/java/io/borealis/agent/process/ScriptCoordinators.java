package io.borealis.agent.process;

import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hashing;
import com.google.common.io.Resources;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** Coordinators made of the bash script {@code coordinator.sh}. Immutable, so thread-safe. */
final class ScriptCoordinators implements Coordinators {
  /** Linux takes no argument above 128 KiB. */
  private static final int PIECE = 64 << 10;

  private static final String DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

  private final Path script;
  private final ImmutableList<String> cleanSignals;

  private ScriptCoordinators(Path script, ImmutableList<String> cleanSignals) {
    this.script = script;
    this.cleanSignals = cleanSignals;
  }

  /** Puts the script where it can be run from. Its name changes with its content. */
  static ScriptCoordinators in(Path workDirectory) throws LaunchException {
    try {
      byte[] content =
          Resources.toByteArray(Resources.getResource(ScriptCoordinators.class, "coordinator.sh"));
      String digest = Hashing.sha256().hashBytes(content).toString().substring(0, 12);
      Path script = workDirectory.toAbsolutePath().resolve("coordinator-" + digest + ".sh");
      if (!Files.exists(script)) {
        Files.createDirectories(script.getParent());
        Path part = Files.createTempFile(script.getParent(), "coordinator", ".part");
        Files.write(part, content);
        Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("rw-r--r--"));
        Files.move(part, script, StandardCopyOption.ATOMIC_MOVE);
      }
      return new ScriptCoordinators(script, CleanSignals.words());
    } catch (IOException e) {
      throw new LaunchException(
          "The script of coordinators cannot be put into " + workDirectory + ": " + e, e);
    }
  }

  @Override
  public StartedCoordinator start(Launch launch) throws LaunchException {
    try {
      if (!launch.asAccount()) {
        // As another account the directories are made with its rights, not with ours.
        Files.createDirectories(launch.logDirectory());
      } else if (launch.logs().needsConsole()) {
        giveConsole(launch.consoleDirectory(), launch.account());
      }
      List<String> words = new ArrayList<>(cleanSignals);
      words.addAll(List.of("setsid", "/bin/bash", "-p", script.toString(), "coordinate"));
      words.addAll(arguments(launch));
      ProcessBuilder builder =
          new ProcessBuilder(words)
              .redirectOutput(Redirect.DISCARD)
              .redirectError(Redirect.DISCARD);
      environment(builder.environment(), launch);
      return new Started(builder.start(), launch.stream());
    } catch (IOException e) {
      throw new LaunchException(
          "Process '" + launch.process() + "' cannot be started: " + e.getMessage(), e);
    }
  }

  /** The directory is ours, so an account can write there only into files it is given. */
  private static void giveConsole(Path directory, Account account) throws IOException {
    for (String name : List.of("stdout", "stderr")) {
      Path file = directory.resolve(name);
      if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      }
      Files.setAttribute(file, "unix:gid", account.gid(), LinkOption.NOFOLLOW_LINKS);
      Files.setAttribute(file, "unix:uid", account.uid(), LinkOption.NOFOLLOW_LINKS);
    }
  }

  private static void environment(Map<String, String> environment, Launch launch) {
    String path = environment.getOrDefault("PATH", DEFAULT_PATH);
    if (!launch.preserveEnvironment()) {
      environment.clear();
    }
    // Bash takes options of its own from these.
    environment.keySet().removeAll(List.of("SHELLOPTS", "BASHOPTS"));
    environment.put("PATH", path);
    // By this all that belongs to a task is found.
    environment.put("HOME", launch.sandbox().toAbsolutePath().toString());
  }

  /** What the script reads, see there. */
  private static ImmutableList<String> arguments(Launch launch) {
    Arguments arguments = new Arguments();
    arguments.add("process", launch.process());
    arguments.add("seq", Long.toString(launch.forkedSeq()));
    arguments.add("stream", launch.stream());
    arguments.add("sandbox", launch.sandbox());
    arguments.add("user", launch.account().name());
    LogPlan logs = launch.logs();
    if (logs.needsRotator()) {
      LogCommand.of(logs, launch.logDirectory(), launch.consoleDirectory())
          .forEach(word -> arguments.add("rotator", word));
    } else if (logs.destination() == LogPlan.Destination.NONE) {
      arguments.add("out", "/dev/null");
      arguments.add("err", "/dev/null");
    } else {
      Path directory =
          logs.destination() == LogPlan.Destination.CONSOLE
              ? launch.consoleDirectory()
              : launch.logDirectory();
      arguments.add("directory", directory);
      arguments.add("out", directory.resolve("stdout"));
      arguments.add("err", directory.resolve("stderr"));
    }
    launch.cgroupFiles().forEach(file -> arguments.add("cgroup", file));
    launch
        .maxProcesses()
        .ifPresent(
            limit ->
                List.of("prlimit", "--nproc=" + limit, "--pid")
                    .forEach(word -> arguments.add("limit", word)));
    if (launch.asAccount()) {
      Account account = launch.account();
      arguments.add("uid", Integer.toString(account.uid()));
      account.become().forEach(word -> arguments.add("become", word));
    }
    String command = Arguments.escape(launch.commandLine());
    // A piece must not end within an escape, and none of them is longer than four.
    pieces(command).forEach(piece -> arguments.addEscaped("command", piece));
    return arguments.words();
  }

  private static ImmutableList<String> pieces(String escaped) {
    ImmutableList.Builder<String> pieces = ImmutableList.builder();
    int start = 0;
    while (start < escaped.length()) {
      int end = Math.min(escaped.length(), start + PIECE);
      if (end < escaped.length()) {
        end = escapeStart(escaped, start, end);
      }
      pieces.add(escaped.substring(start, end));
      start = end;
    }
    return pieces.build();
  }

  /** The end itself, or where the escape begins that reaches over it. */
  private static int escapeStart(String escaped, int start, int end) {
    int at = start;
    while (true) {
      int next = escaped.charAt(at) != '\\' ? at + 1 : at + (escaped.charAt(at + 1) == 'x' ? 4 : 2);
      if (next > end) {
        return at;
      }
      at = next;
    }
  }

  /** Words of the form key=value in which any value is plain ASCII. */
  private static final class Arguments {
    private final ImmutableList.Builder<String> words = ImmutableList.builder();

    void add(String key, Path value) {
      add(key, value.toAbsolutePath().toString());
    }

    void add(String key, String value) {
      addEscaped(key, escape(value));
    }

    void addEscaped(String key, String value) {
      words.add(key + "=" + value);
    }

    ImmutableList<String> words() {
      return words.build();
    }

    static String escape(String value) {
      StringBuilder escaped = new StringBuilder();
      for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
        if (b == '\\') {
          escaped.append("\\\\");
        } else if (b >= ' ' && b < 0x7f) {
          escaped.append((char) b);
        } else {
          escaped.append(String.format("\\x%02x", b & 0xff));
        }
      }
      return escaped.toString();
    }
  }

  private record Started(Process process, Path stream) implements StartedCoordinator {
    @Override
    public int pid() {
      return (int) process.pid();
    }

    @Override
    public void go() throws IOException {
      String word = "go " + Files.size(stream) + "\n";
      try (var in = process.getOutputStream()) {
        in.write(word.getBytes(StandardCharsets.US_ASCII));
        in.flush();
      }
    }

    @Override
    public void abandon() {
      try {
        process.getOutputStream().close();
      } catch (IOException e) {
        // It is gone already.
        return;
      }
    }

    @Override
    public CompletionStage<Void> exited() {
      return process.onExit().thenApply(exited -> null);
    }
  }
}
