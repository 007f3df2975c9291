package io.borealis.agent.runner;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.borealis.agent.checkpoint.CheckpointPaths;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;

/**
 * The file that says what a task is; where it lies says whether the task lives. Safe for any thread
 * as long as one runner owns the task.
 */
final class Description {
  private final CheckpointPaths paths;

  Description(CheckpointPaths paths) {
    this.paths = paths;
  }

  boolean isActive() {
    return Files.exists(paths.active());
  }

  boolean isFinished() {
    return Files.exists(paths.finished());
  }

  String readActive() throws IOException {
    return Files.readString(paths.active(), UTF_8);
  }

  /** Makes the task one that lives, unless it is; whole or not at all. */
  void activate(String json) throws IOException {
    if (isActive()) {
      return;
    }
    Files.createDirectories(paths.active().getParent());
    Path draft = paths.streams().resolve("task.draft");
    try (FileChannel channel =
        FileChannel.open(
            draft,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer bytes = UTF_8.encode(json);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(draft, paths.active(), StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Makes the task one that has ended.
   *
   * @param nowMs becomes the time of the file, in ms since the epoch
   * @throws NoSuchFileException if it does not live
   * @throws FileAlreadyExistsException if it has ended before
   */
  void finish(long nowMs) throws IOException {
    if (isFinished()) {
      throw new FileAlreadyExistsException(paths.finished().toString());
    }
    Files.createDirectories(paths.finished().getParent());
    Files.move(paths.active(), paths.finished(), StandardCopyOption.ATOMIC_MOVE);
    Files.setLastModifiedTime(paths.finished(), FileTime.fromMillis(nowMs));
  }
}
