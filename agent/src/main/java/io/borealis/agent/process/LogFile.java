package io.borealis.agent.process;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A log that is put aside when it has grown, if it is asked to. A chunk that cannot be written, as
 * on a full disk, is dropped: a command must not die for its log. One thread.
 */
final class LogFile {
  /** The most that is written at once, in bytes. */
  static final int CHUNK = 64 << 10;

  private final Path file;
  private final OpenOption whenOpened;
  private final long rotateBytes;
  private final int backups;
  private @Nullable OutputStream out;
  private long size;

  private LogFile(Path file, OpenOption whenOpened, long rotateBytes, int backups) {
    this.file = file;
    this.whenOpened = whenOpened;
    this.rotateBytes = rotateBytes;
    this.backups = backups;
    reopen();
  }

  /** Goes on after what is in the file, without limit. */
  static LogFile appending(Path file) {
    return new LogFile(file, StandardOpenOption.APPEND, Long.MAX_VALUE, 0);
  }

  /**
   * Begins with an empty file.
   *
   * @param rotateBytes from this size on the file becomes number 1
   * @param backups the highest number that is kept, at least 1
   */
  static LogFile rotating(Path file, long rotateBytes, int backups) {
    return new LogFile(file, StandardOpenOption.TRUNCATE_EXISTING, rotateBytes, backups);
  }

  void write(byte[] chunk, int length) {
    if (out == null) {
      reopen();
    }
    if (out == null) {
      return;
    }
    try {
      out.write(chunk, 0, length);
      size += length;
    } catch (IOException e) {
      // Dropped.
      return;
    }
    if (size >= rotateBytes) {
      rotate(out);
    }
  }

  private void rotate(OutputStream full) {
    try {
      full.close();
      for (int number = backups - 1; number >= 1; number--) {
        move(backup(number), backup(number + 1));
      }
      move(file, backup(1));
    } catch (IOException e) {
      // The file begins anew all the same, else it would grow without limit.
      out = null;
    }
    reopen();
  }

  private Path backup(int number) {
    return file.resolveSibling(file.getFileName() + "." + number);
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    } catch (NoSuchFileException e) {
      // Not that many yet, or somebody removed it.
      return;
    }
  }

  private void reopen() {
    size = 0;
    try {
      out =
          Files.newOutputStream(
              file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, whenOpened);
    } catch (IOException e) {
      out = null;
    }
  }
}
