package io.borealis.agent.updates;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Opens files that updates are appended to. Thread-safe; each file is for one thread. */
@FunctionalInterface
public interface UpdateFiles {
  /** Files on disk. */
  UpdateFiles ON_DISK = OnDisk::open;

  /**
   * Opens a file for appending; it and its folders are made if need be, and durable.
   *
   * @throws IOException when that cannot be
   */
  Appended open(Path path) throws IOException;

  /** One open file. */
  interface Appended extends Closeable {
    /** How long it is, in bytes. */
    long size() throws IOException;

    /** Writes some of what remains in the buffer, at the end. */
    int write(ByteBuffer bytes) throws IOException;

    /** Makes durable what was written. */
    void force() throws IOException;

    /** Drops what lies beyond the length. */
    void truncate(long length) throws IOException;
  }

  /** Appends to a file on disk. */
  record OnDisk(FileChannel channel) implements Appended {
    private static Appended open(Path path) throws IOException {
      boolean made = !Files.exists(path);
      Path folder = path.toAbsolutePath().getParent();
      if (folder == null) {
        throw new IOException(path + " is no file");
      }
      Files.createDirectories(folder);
      FileChannel channel =
          FileChannel.open(
              path,
              Set.of(
                  StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--")));
      if (made) {
        try (FileChannel entries = FileChannel.open(folder, StandardOpenOption.READ)) {
          entries.force(true);
        } catch (IOException failure) {
          channel.close();
          throw failure;
        }
      }
      return new OnDisk(channel);
    }

    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      return channel.write(bytes);
    }

    @Override
    public void force() throws IOException {
      channel.force(false);
    }

    @Override
    public void truncate(long length) throws IOException {
      var unused = channel.truncate(length);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
