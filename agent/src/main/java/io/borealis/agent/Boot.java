package io.borealis.agent;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Which start of the machine, or of the container, processes belong to: none of an earlier one can
 * live. Immutable.
 *
 * @param id differs from start to start
 */
record Boot(String id) {
  private static final int START_TIME = 19;

  /**
   * The present one.
   *
   * @param proc the tree of processes
   */
  static Optional<Boot> current(Path proc) {
    try {
      String kernel = Files.readString(proc.resolve("sys/kernel/random/boot_id"), UTF_8).strip();
      // The kernel of a container goes on when the container is started again.
      String first = Files.readString(proc.resolve("1/stat"), UTF_8);
      String started = first.substring(first.lastIndexOf(')') + 2).split(" ", -1)[START_TIME];
      return Optional.of(new Boot(kernel + " " + started));
    } catch (IOException | IndexOutOfBoundsException unknown) {
      return Optional.empty();
    }
  }

  /** What was written down; empty if nothing was. */
  static Optional<Boot> read(Path file) throws IOException {
    try {
      return Optional.of(new Boot(Files.readString(file, UTF_8).strip()));
    } catch (NoSuchFileException none) {
      return Optional.empty();
    }
  }

  /** Writes it down; it is on the disk when this returns. */
  void write(Path file) throws IOException {
    Durable.write(file, (id + "\n").getBytes(UTF_8));
  }
}
