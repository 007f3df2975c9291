package io.borealis.agent.updates;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.agent.updates.Protobuf.MalformedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a file of updates held when a former agent left it. Immutable.
 *
 * @param updates in the order of their coming
 * @param acknowledged those the scheduler has
 * @param corrupt why something in the middle could not be read; empty when all could
 */
public record RecoveredUpdates(
    Path file, ImmutableList<TaskUpdate> updates, ImmutableSet<UUID> acknowledged, String corrupt) {

  /** Whether there was a record that is none; what came after it is lost. */
  public boolean isCorrupt() {
    return !corrupt.isEmpty();
  }

  /**
   * Reads a file up to the last good record, and cuts off what comes after it.
   *
   * @throws IOException when it cannot be opened, read or cut
   */
  public static RecoveredUpdates recover(Path file) throws IOException {
    ImmutableList.Builder<TaskUpdate> updates = ImmutableList.builder();
    ImmutableSet.Builder<UUID> acknowledged = ImmutableSet.builder();
    String corrupt = "";
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      long good = 0;
      while (true) {
        ByteBuffer payload = payload(channel, good);
        if (payload == null) {
          break;
        }
        int length = payload.remaining();
        try {
          UpdateRecord record = UpdateCodec.record(payload);
          if (record instanceof UpdateRecord.Taken taken) {
            updates.add(taken.update());
          } else if (record instanceof UpdateRecord.Acknowledged ack) {
            acknowledged.add(ack.uuid());
          }
        } catch (MalformedException broken) {
          corrupt = "%s at byte %d: %s".formatted(file, good, broken.getMessage());
          break;
        }
        good += Integer.BYTES + length;
      }
      if (good < channel.size()) {
        var unused = channel.truncate(good);
        channel.force(true);
      }
    }
    return new RecoveredUpdates(file, updates.build(), acknowledged.build(), corrupt);
  }

  /** The message at the position; null when the file ends before it does. */
  private static @Nullable ByteBuffer payload(FileChannel channel, long position)
      throws IOException {
    long left = channel.size() - position - Integer.BYTES;
    if (left < 0) {
      return null;
    }
    ByteBuffer word = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    fill(channel, word, position);
    long length = Integer.toUnsignedLong(word.getInt());
    // A length that cannot be true asks for no memory.
    if (length > left || length > Integer.MAX_VALUE) {
      return null;
    }
    ByteBuffer payload = ByteBuffer.allocate((int) length);
    fill(channel, payload, position + Integer.BYTES);
    return payload;
  }

  private static void fill(FileChannel channel, ByteBuffer buffer, long position)
      throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new IOException("the file became shorter while it was read");
      }
    }
    buffer.flip();
  }
}
