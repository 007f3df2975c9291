package io.borealis.thrift;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** Gzip of whole bodies. Pure functions. */
final class Gzip {
  private static final int CHUNK = 8192;
  private static final int LEVEL = 3;

  private Gzip() {}

  static byte[] compress(byte[] body) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(body.length / 4 + 64);
    try (GZIPOutputStream gzip = new FastGzip(out)) {
      gzip.write(body);
    } catch (IOException impossible) {
      throw new IllegalStateException("Writing to memory failed", impossible);
    }
    return out.toByteArray();
  }

  /**
   * Inflates a body.
   *
   * @throws TooLargeException when more than {@code limit} bytes come out; nothing beyond is
   *     inflated
   * @throws IOException when it is not gzip
   */
  static byte[] inflate(byte[] body, int limit) throws IOException, TooLargeException {
    ByteArrayOutputStream out = new ByteArrayOutputStream(Math.min(limit, body.length * 2 + CHUNK));
    byte[] chunk = new byte[CHUNK];
    try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(body), CHUNK)) {
      for (int n = gzip.read(chunk); n >= 0; n = gzip.read(chunk)) {
        if (n > limit - out.size()) {
          throw new TooLargeException();
        }
        out.write(chunk, 0, n);
      }
    }
    return out.toByteArray();
  }

  /** Answers are compressed while somebody waits: the last few percent are not worth it. */
  private static final class FastGzip extends GZIPOutputStream {
    FastGzip(ByteArrayOutputStream out) throws IOException {
      super(out, CHUNK);
      def.setLevel(LEVEL);
    }
  }

  /** Too much came out. */
  static final class TooLargeException extends Exception {
    private static final long serialVersionUID = 1;

    private TooLargeException() {
      super("Body too large");
    }
  }
}
