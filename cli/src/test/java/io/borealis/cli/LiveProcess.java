package io.borealis.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A process of this machine as {@code /proc} shows it. Immutable.
 *
 * @param session the process that leads its session
 * @param words its command line
 * @param environment its variables, as name=value
 */
record LiveProcess(long pid, long session, List<String> words, List<String> environment) {
  /** All that can be seen, without those that are dead but not yet waited for. */
  static List<LiveProcess> all() {
    List<LiveProcess> all = new ArrayList<>();
    try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
      for (Path entry : (Iterable<Path>) entries::iterator) {
        String name = entry.getFileName().toString();
        if (Character.isDigit(name.charAt(0))) {
          of(Long.parseLong(name)).ifPresent(all::add);
        }
      }
    } catch (IOException failure) {
      throw new AssertionError("/proc", failure);
    }
    return all;
  }

  /**
   * What belongs to tasks that have something in a folder: commands, what waits for them, what they
   * started. Daemons do not, although they have the folder among their flags.
   */
  static List<LiveProcess> ofTasksIn(Path folder) {
    return all().stream()
        .filter(p -> !p.words().contains("io.borealis.cli.Main") && p.mentions(folder.toString()))
        .toList();
  }

  /** Kills what belongs to tasks that have something in a folder, and waits until it is gone. */
  static void killTasksIn(Path folder) {
    boolean unused =
        Await.until(
            "all in " + folder + " are dead",
            Duration.ofSeconds(20),
            () -> {
              List<LiveProcess> left = ofTasksIn(folder);
              left.forEach(
                  process ->
                      ProcessHandle.of(process.pid()).ifPresent(ProcessHandle::destroyForcibly));
              return left.isEmpty();
            });
  }

  /** One of them; empty when it has ended. */
  static Optional<LiveProcess> of(long pid) {
    Path entry = Path.of("/proc", Long.toString(pid));
    try {
      String stat = Files.readString(entry.resolve("stat"), StandardCharsets.ISO_8859_1);
      // The name of the program may hold anything, and ends with the last parenthesis.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      List<String> words = words(entry.resolve("cmdline"));
      return fields[0].equals("Z") || words.isEmpty()
          ? Optional.empty()
          : Optional.of(
              new LiveProcess(
                  pid, Long.parseLong(fields[3]), words, words(entry.resolve("environ"))));
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  private static List<String> words(Path file) throws IOException {
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    return text.isEmpty() ? List.of() : List.of(text.split("\0"));
  }

  /** Whether a text is in its command line or its environment. */
  boolean mentions(String text) {
    return Stream.concat(words.stream(), environment.stream()).anyMatch(w -> w.contains(text));
  }

  void kill() {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
  }
}
