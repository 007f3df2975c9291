package io.borealis.agent.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The few things that are done with the files of cgroups. Stateless, so thread-safe. */
class CgroupFiles {
  /** Makes a cgroup and those above it; one that exists is left as it is. */
  void make(Path cgroup) throws IOException {
    Files.createDirectories(cgroup);
  }

  /** The content of a file, without blanks at its ends. */
  String read(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.US_ASCII).strip();
  }

  /** Writes a file the kernel has made, in one piece. */
  void write(Path file, String value) throws IOException {
    Files.write(file, value.getBytes(StandardCharsets.US_ASCII), StandardOpenOption.WRITE);
  }

  /**
   * Removes a cgroup; one that is not there is as good.
   *
   * @throws IOException while something is in it
   */
  void remove(Path cgroup) throws IOException {
    try {
      Files.delete(cgroup);
    } catch (NoSuchFileException e) {
      // Removed before.
      return;
    }
  }
}
