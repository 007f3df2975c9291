package io.borealis.scheduler.journal;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** Deflated bytes behind their length, which is four bytes. Stateless. */
final class Deflation {
  private Deflation() {}

  static byte[] deflate(byte[] plain) {
    Deflater deflater = new Deflater(Deflater.BEST_SPEED);
    try {
      deflater.setInput(plain);
      deflater.finish();
      ByteArrayOutputStream out = new ByteArrayOutputStream(plain.length / 2 + 16);
      out.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(plain.length).array());
      byte[] buffer = new byte[Math.min(plain.length + 64, 64 * 1024)];
      while (!deflater.finished()) {
        out.write(buffer, 0, deflater.deflate(buffer));
      }
      return out.toByteArray();
    } finally {
      deflater.end();
    }
  }

  static byte[] inflate(byte[] bytes) throws CorruptJournalException {
    if (bytes.length < Integer.BYTES) {
      throw new CorruptJournalException("It is too short");
    }
    int length = ByteBuffer.wrap(bytes).getInt();
    // Deflate never does better than about 1 to 1032: a longer length is a lie.
    if (length < 0 || length > 1100L * bytes.length) {
      throw new CorruptJournalException("Its length cannot be " + length);
    }
    byte[] plain = new byte[length];
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(bytes, Integer.BYTES, bytes.length - Integer.BYTES);
      int at = 0;
      while (at < length) {
        int read = inflater.inflate(plain, at, length - at);
        if (read == 0) {
          throw new CorruptJournalException("It ends after " + at + " of " + length + " bytes");
        }
        at += read;
      }
      return plain;
    } catch (DataFormatException broken) {
      throw new CorruptJournalException("Cannot be inflated: " + broken.getMessage(), broken);
    } finally {
      inflater.end();
    }
  }
}
