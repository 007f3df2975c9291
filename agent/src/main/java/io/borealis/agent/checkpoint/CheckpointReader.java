package io.borealis.agent.checkpoint;

import io.borealis.agent.checkpoint.CheckpointException.Kind;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of a stream one by one, from a file that may still grow. Confined to one thread
 * at a time.
 */
public final class CheckpointReader implements Closeable {
  private final FileChannel file;
  private long position;

  private CheckpointReader(FileChannel file) {
    this.file = file;
  }

  /**
   * Opens a stream at its beginning.
   *
   * @throws java.nio.file.NoSuchFileException when there is no such file
   */
  public static CheckpointReader open(Path path) throws IOException {
    return new CheckpointReader(FileChannel.open(path, StandardOpenOption.READ));
  }

  /** The next record; null at the end of the stream. */
  public @Nullable Checkpoint next() throws IOException, CheckpointException {
    ByteBuffer word = read(Frames.LENGTH_BYTES);
    if (word.limit() == 0) {
      return null;
    }
    if (word.limit() < Frames.LENGTH_BYTES) {
      throw cut("in the length of a record");
    }
    long length = Integer.toUnsignedLong(word.getInt());
    position += Frames.LENGTH_BYTES;
    if (length > Frames.MAX_PAYLOAD_BYTES) {
      throw new CheckpointException(
          Kind.RECORD_TOO_LARGE, "A record of %d bytes is announced".formatted(length));
    }
    // What a length claims is not believed before the file has as much.
    if (file.size() - position < length) {
      throw cut("in a record");
    }
    ByteBuffer payload = read((int) length);
    if (payload.limit() < length) {
      throw cut("in a record");
    }
    position += length;
    return Frames.decode(payload);
  }

  /**
   * The next record if it is there as a whole; null if not, and the position stays before it. So it
   * stays for ever before a frame that is too short for what is in it, which no writer writes.
   *
   * @throws CheckpointException when the stream cannot be read on here
   */
  public @Nullable Checkpoint tryNext() throws IOException, CheckpointException {
    long before = position;
    try {
      return next();
    } catch (CheckpointException e) {
      if (e.kind() != Kind.PREMATURE_END) {
        throw e;
      }
      position = before;
      return null;
    }
  }

  /** How far it has read, in bytes from the beginning. */
  public long position() {
    return position;
  }

  /** Goes on to read from somewhere else, in bytes from the beginning. */
  public void position(long value) {
    position = value;
  }

  /** The size of the file, in bytes. */
  public long size() throws IOException {
    return file.size();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  /** Up to that many bytes from the position, which stays. */
  private ByteBuffer read(int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    while (bytes.hasRemaining() && file.read(bytes, position + bytes.position()) > 0) {
      // The file gives what it has in as many parts as it likes.
    }
    return bytes.flip();
  }

  private static CheckpointException cut(String where) {
    return new CheckpointException(Kind.PREMATURE_END, "The stream ends " + where);
  }
}
