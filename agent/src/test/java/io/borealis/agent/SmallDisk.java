package io.borealis.agent;

import io.borealis.agent.updates.UpdateFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Files on a disk that takes only so much. For one thread. */
final class SmallDisk implements UpdateFiles {
  /** How many more bytes the disk takes. */
  long room = Long.MAX_VALUE;

  @Override
  public Appended open(Path path) throws IOException {
    Appended real = UpdateFiles.ON_DISK.open(path);
    return new Appended() {
      @Override
      public long size() throws IOException {
        return real.size();
      }

      @Override
      public int write(ByteBuffer bytes) throws IOException {
        if (room == 0) {
          throw new IOException("No space left on device");
        }
        ByteBuffer part = bytes.slice();
        part.limit((int) Math.min(part.remaining(), room));
        int count = real.write(part);
        bytes.position(bytes.position() + count);
        room -= count;
        return count;
      }

      @Override
      public void force() throws IOException {
        real.force();
      }

      @Override
      public void truncate(long length) throws IOException {
        real.truncate(length);
      }

      @Override
      public void close() throws IOException {
        real.close();
      }
    };
  }
}
