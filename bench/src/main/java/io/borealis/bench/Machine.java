package io.borealis.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the figures were measured on. Stateless. */
final class Machine {
  private Machine() {}

  /** One line for people. */
  static String describe() {
    return "%d processors (%s), %s memory, JDK %s, %s %s"
        .formatted(
            Runtime.getRuntime().availableProcessors(),
            line("/proc/cpuinfo", "model name", "unknown"),
            gib(line("/proc/meminfo", "MemTotal", "")),
            System.getProperty("java.runtime.version"),
            System.getProperty("os.name"),
            System.getProperty("os.version"));
  }

  private static String gib(String kib) {
    String digits = kib.replaceAll("\\D", "");
    return digits.isEmpty() ? "unknown" : "%.0f GiB".formatted(Long.parseLong(digits) / 1048576.0);
  }

  /** The value of the first line {@code key : value} of a file. */
  private static String line(String file, String key, String otherwise) {
    try {
      for (String line : Files.readAllLines(Path.of(file), StandardCharsets.UTF_8)) {
        if (line.startsWith(key)) {
          return line.substring(line.indexOf(':') + 1).strip();
        }
      }
    } catch (IOException notLinux) {
      return otherwise;
    }
    return otherwise;
  }
}
