package io.borealis.scheduler.backup;

import io.borealis.api.storage.Snapshot;
import io.borealis.scheduler.journal.CorruptJournalException;
import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.journal.EntryCodecStreams;
import io.borealis.scheduler.store.Snapshots;
import io.borealis.scheduler.store.State;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * The file form of backups: one plain Snapshot struct, as Aurora reads it, whose last field is a
 * checksum of all that comes before it. Aurora's own have none. Stateless.
 */
final class BackupCodec {
  /** The form this release writes, and the newest it reads. */
  static final int FORMAT = 1;

  private static final int BUFFER = 256 * 1024;
  private static final byte I64 = 10;
  private static final short CHECKSUM_ID = 1099;
  private static final byte STOP = 0;

  /** The head of the field, its value and the end of the struct. */
  private static final int SEAL = 1 + Short.BYTES + Long.BYTES + 1;

  private BackupCodec() {}

  /** Writes a State piece by piece; the stream is flushed and stays open. */
  static void write(State state, String cluster, OutputStream out) throws IOException {
    Snapshot snapshot =
        Snapshots.of(state).toBuilder().backupFormat(FORMAT).backupCluster(cluster).build();
    OutputStream buffered = new BufferedOutputStream(out, BUFFER);
    Checked checked = new Checked(buffered);
    EntryCodecStreams.write(Snapshot.TYPE, snapshot, checked);
    buffered.write(
        ByteBuffer.allocate(SEAL)
            .put(I64)
            .putShort(CHECKSUM_ID)
            .putLong(checked.checksum())
            .put(STOP)
            .array());
    buffered.flush();
  }

  /**
   * Reads a backup of ours or of Aurora, whole or not at all.
   *
   * @throws CorruptJournalException when it is damaged, not whole or no backup; says what and where
   */
  static Snapshot read(Path file, EntryCodec codec) throws IOException, CorruptJournalException {
    long length = Files.size(file);
    boolean sealed = checkSeal(file, length);
    Snapshot snapshot;
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER)) {
      snapshot = codec.read(Snapshot.TYPE, in, length);
    }
    Integer format = snapshot.backupFormat();
    if (format != null && (format < 1 || format > FORMAT)) {
      throw new CorruptJournalException(
          "its format is %d, this release reads up to %d".formatted(format, FORMAT));
    } else if (format != null && !sealed) {
      throw new CorruptJournalException("its checksum is missing at byte " + (length - SEAL));
    }
    return snapshot;
  }

  /** Whether the file ends with a checksum, which then is the right one. */
  private static boolean checkSeal(Path file, long length)
      throws IOException, CorruptJournalException {
    if (length <= SEAL) {
      return false;
    }
    CRC32C crc = new CRC32C();
    ByteBuffer seal;
    try (InputStream in = Files.newInputStream(file)) {
      byte[] buffer = new byte[BUFFER];
      long left = length - SEAL;
      while (left > 0) {
        int read = in.read(buffer, 0, (int) Math.min(left, buffer.length));
        if (read < 0) {
          throw new CorruptJournalException("it became shorter while it was read");
        }
        crc.update(buffer, 0, read);
        left -= read;
      }
      seal = ByteBuffer.wrap(in.readNBytes(SEAL));
    }
    if (seal.remaining() != SEAL
        || seal.get() != I64
        || seal.getShort() != CHECKSUM_ID
        || seal.get(SEAL - 1) != STOP) {
      return false;
    }
    long said = seal.getLong();
    if (said != crc.getValue()) {
      throw new CorruptJournalException(
          "its checksum is %08x, its content gives %08x".formatted(said, crc.getValue()));
    }
    return true;
  }

  /** Takes the checksum of what passes and keeps the last byte back: the end of the struct. */
  private static final class Checked extends OutputStream {
    private final OutputStream out;
    private final CRC32C crc = new CRC32C();
    private int kept = -1;

    Checked(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int value) throws IOException {
      pass();
      kept = value & 0xff;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (length > 0) {
        pass();
        crc.update(bytes, offset, length - 1);
        out.write(bytes, offset, length - 1);
        kept = bytes[offset + length - 1] & 0xff;
      }
    }

    private void pass() throws IOException {
      if (kept >= 0) {
        crc.update(kept);
        out.write(kept);
      }
    }

    long checksum() {
      return crc.getValue();
    }
  }
}
