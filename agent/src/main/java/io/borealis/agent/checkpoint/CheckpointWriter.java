package io.borealis.agent.checkpoint;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Appends records to a stream, each durable before the next. Confined to one thread at a time. */
public final class CheckpointWriter implements Closeable {
  private final FileChannel file;

  /** The size to cut the file to before anything else is written; negative if it is whole. */
  private long whole = -1;

  private CheckpointWriter(FileChannel file) {
    this.file = file;
  }

  /** Opens a stream at its end; it and the folders above it are made if they do not exist. */
  public static CheckpointWriter open(Path path) throws IOException {
    Path folder = path.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    return new CheckpointWriter(
        FileChannel.open(
            path, StandardOpenOption.WRITE, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
  }

  /**
   * Appends one record in one piece, and returns when it is durable.
   *
   * @throws IOException when it is not, as on a full disk; nothing of it is then in the stream once
   *     the next one is, and it may be tried again
   */
  public void append(Checkpoint record) throws IOException {
    ByteBuffer frame = ByteBuffer.wrap(Frames.encode(record));
    if (whole >= 0) {
      file.truncate(whole);
      whole = -1;
    }
    long before = file.size();
    try {
      while (frame.hasRemaining()) {
        file.write(frame);
      }
      file.force(true);
    } catch (IOException e) {
      whole = before;
      cut(e);
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  /** Takes away the half of a record at once if it can. */
  private void cut(IOException cause) {
    try {
      file.truncate(whole);
      whole = -1;
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }
}
