package io.borealis.scheduler.journal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * What one entry node holds: a header with a checksum over all of it, and the payload or a chunk of
 * it. Immutable as long as nobody writes to the array.
 *
 * @param kind what it carries
 * @param epoch the epoch of the leader that made it
 * @param codec how the payload is encoded
 * @param chunk number of this chunk, from 0
 * @param chunks number of chunks of the payload
 * @param first first transaction in the payload
 * @param last last transaction in the payload
 */
@SuppressWarnings("ArrayRecordComponent") // Handed over, never compared.
record Frame(
    Kind kind, long epoch, int codec, int chunk, int chunks, long first, long last, byte[] data) {
  /** The format leaders of this release write, and the newest they read. */
  static final int FORMAT = 1;

  private static final int MAGIC = 0xB0EA1150;
  private static final int HEADER = 4 + 4 + 4 + 1 + 8 + 1 + 4 + 4 + 8 + 8;
  private static final int CHECKED_FROM = 12;

  /** What an entry carries. */
  enum Kind {
    /** Transactions. */
    BATCH(0),
    /** The mark a new leader sets; it voids an incomplete group of chunks before it. */
    TAKEOVER(1);

    private final int number;

    Kind(int number) {
      this.number = number;
    }

    static Kind of(int number) throws CorruptJournalException {
      for (Kind kind : values()) {
        if (kind.number == number) {
          return kind;
        }
      }
      throw new CorruptJournalException("its kind is " + number + ", which is not known");
    }
  }

  /** The payload in frames small enough to be read back. */
  static List<Frame> of(EntryPayload payload, long epoch, int maxNodeBytes) {
    int size = maxNodeBytes - HEADER;
    byte[] bytes = payload.bytes();
    int chunks = Math.max(1, (bytes.length + size - 1) / size);
    List<Frame> frames = new ArrayList<>(chunks);
    for (int i = 0; i < chunks; i++) {
      byte[] data =
          chunks == 1
              ? bytes
              : Arrays.copyOfRange(bytes, i * size, Math.min(bytes.length, (i + 1) * size));
      frames.add(
          new Frame(
              Kind.BATCH,
              epoch,
              payload.codec(),
              i,
              chunks,
              payload.firstTransaction(),
              payload.lastTransaction(),
              data));
    }
    return frames;
  }

  static Frame takeover(String leaderId, long epoch) {
    return new Frame(
        Kind.TAKEOVER, epoch, 0, 0, 1, 0, 0, leaderId.getBytes(StandardCharsets.UTF_8));
  }

  byte[] encode() {
    ByteBuffer out = ByteBuffer.allocate(HEADER + data.length);
    out.putInt(MAGIC).putInt(FORMAT).putInt(0);
    out.put((byte) kind.number).putLong(epoch).put((byte) codec);
    out.putInt(chunk).putInt(chunks).putLong(first).putLong(last).put(data);
    out.putInt(8, checksum(out.array()));
    return out.array();
  }

  /** Reads a frame; whatever is wrong with it is said. */
  static Frame decode(byte[] bytes) throws CorruptJournalException {
    if (bytes.length < HEADER) {
      throw new CorruptJournalException("it has " + bytes.length + " bytes, less than a header");
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (in.getInt() != MAGIC) {
      throw new CorruptJournalException("it does not begin as an entry does");
    }
    int format = in.getInt();
    if (format > FORMAT || format < 1) {
      throw new CorruptJournalException(
          "it has format " + format + ", this release reads up to " + FORMAT);
    }
    int checksum = in.getInt();
    if (checksum != checksum(bytes)) {
      throw new CorruptJournalException(
          "its checksum is %08x, its content gives %08x".formatted(checksum, checksum(bytes)));
    }
    Kind kind = Kind.of(in.get());
    long epoch = in.getLong();
    int codec = in.get() & 0xff;
    int chunk = in.getInt();
    int chunks = in.getInt();
    long first = in.getLong();
    long last = in.getLong();
    if (chunk < 0 || chunk >= chunks) {
      throw new CorruptJournalException("it is chunk " + chunk + " of " + chunks);
    }
    byte[] data = Arrays.copyOfRange(bytes, HEADER, bytes.length);
    return new Frame(kind, epoch, codec, chunk, chunks, first, last, data);
  }

  private static int checksum(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, CHECKED_FROM, bytes.length - CHECKED_FROM);
    return (int) crc.getValue();
  }
}
