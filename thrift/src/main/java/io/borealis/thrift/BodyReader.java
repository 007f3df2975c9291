package io.borealis.thrift;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.io.Content;

/**
 * Reads a whole body without parking a thread, up to a limit. Its steps follow each other, on
 * whatever thread the content arrives.
 */
final class BodyReader implements Runnable {
  /** A declared length is only believed up to here; beyond, room is made as the body arrives. */
  private static final int MAX_EXPECTED_BYTES = 64 * 1024;

  private final Content.Source source;
  private final int limit;
  private final ByteArrayOutputStream body;
  private final CompletableFuture<byte[]> result = new CompletableFuture<>();

  private BodyReader(Content.Source source, int limit, int expected) {
    this.source = source;
    this.limit = limit;
    this.body = new ByteArrayOutputStream(expected);
  }

  /**
   * Starts to read.
   *
   * @param limit the most bytes to take
   * @param expected the length the client declared, 0 if it declared none
   * @return the body; fails with {@link TooLargeException} or {@link FailedException}
   */
  static CompletableFuture<byte[]> read(Content.Source source, int limit, long expected) {
    BodyReader reader = new BodyReader(source, limit, (int) Math.min(MAX_EXPECTED_BYTES, expected));
    reader.run();
    return reader.result;
  }

  @Override
  public void run() {
    while (true) {
      Content.Chunk chunk = source.read();
      if (chunk == null) {
        source.demand(this);
        return;
      }
      if (Content.Chunk.isFailure(chunk)) {
        if (!chunk.isLast()) {
          source.fail(chunk.getFailure());
        }
        result.completeExceptionally(new FailedException(chunk.getFailure()));
        return;
      }
      boolean last = chunk.isLast();
      boolean fits = chunk.remaining() <= limit - body.size();
      if (fits) {
        byte[] bytes = new byte[chunk.remaining()];
        chunk.get(bytes, 0, bytes.length);
        body.write(bytes, 0, bytes.length);
      }
      chunk.release();
      if (!fits) {
        result.completeExceptionally(new TooLargeException());
        return;
      }
      if (last) {
        result.complete(body.toByteArray());
        return;
      }
    }
  }

  /** The body is longer than allowed. */
  static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1;

    private TooLargeException() {
      super("Body too large");
    }
  }

  /** The body did not arrive whole; the cause says why. */
  static final class FailedException extends IOException {
    private static final long serialVersionUID = 1;

    private FailedException(Throwable cause) {
      super(cause);
    }
  }
}
