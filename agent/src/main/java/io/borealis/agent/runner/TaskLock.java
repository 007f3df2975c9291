package io.borealis.agent.runner;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Keeps a second runner away from a task, in this process and in others, until it is closed or the
 * process ends. Thread-safe.
 *
 * <p>It is a file of its own: Linux gives such a lock up as soon as the process closes any handle
 * of the locked file, and the stream is read by others in this process.
 */
final class TaskLock implements Closeable {
  private final FileChannel channel;

  private TaskLock(FileChannel channel) {
    this.channel = channel;
  }

  /** Takes the lock without waiting; empty if somebody has it. The folder must exist. */
  static Optional<TaskLock> take(Path folder) throws IOException {
    Files.createDirectories(folder);
    FileChannel channel =
        FileChannel.open(
            folder.resolve("runner.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return Optional.of(new TaskLock(channel));
      }
    } catch (OverlappingFileLockException sameProcess) {
      // Another runner of this process has it.
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
    channel.close();
    return Optional.empty();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
