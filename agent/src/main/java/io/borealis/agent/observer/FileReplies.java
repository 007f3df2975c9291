package io.borealis.agent.observer;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.borealis.agent.observer.SandboxFiles.OpenFile;
import io.borealis.thrift.HttpCall;
import io.borealis.thrift.HttpReply;
import io.borealis.thrift.HttpStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Answers that are made of a file, of which only a piece at a time is in memory. Thread-safe. */
final class FileReplies {
  /** The most that one answer in JSON, or one page, has of a file. */
  static final int MAX_CHUNK = 1 << 20;

  private static final int PIECE = 64 * 1024;

  private final Executor disk;

  FileReplies(Executor disk) {
    this.disk = disk;
  }

  /**
   * A file as it is, or the range the request names. Browsers are told to save it: what a task
   * wrote must not run as a page of the agent.
   *
   * @param file is closed when it was sent, or nobody wants it any more
   */
  HttpReply download(HttpCall call, OpenFile file, String name) throws IOException {
    Optional<ByteRange> asked = ByteRange.parse(call.header("Range"), file.size());
    if (asked.isPresent() && asked.get().length() == 0) {
      file.close();
      return HttpReply.text(416, "The file has %d bytes".formatted(file.size()))
          .with("Content-Range", "bytes */" + file.size());
    }
    ByteRange range = asked.orElse(new ByteRange(0, file.size()));
    HttpReply reply =
        HttpReply.streaming(
                asked.isPresent() ? 206 : 200,
                "application/octet-stream",
                http -> new Sender(file.channel(), range, http).start())
            .with("Content-Length", Long.toString(range.length()))
            .with("Accept-Ranges", "bytes")
            .with("X-Content-Type-Options", "nosniff")
            .with("Content-Disposition", "attachment; filename*=UTF-8''" + Html.segment(name));
    if (call.method().equals("HEAD")) {
      file.close();
    }
    return asked.isEmpty()
        ? reply
        : reply.with(
            "Content-Range",
            "bytes %d-%d/%d"
                .formatted(range.start(), range.start() + range.length() - 1, file.size()));
  }

  /**
   * A part of a file as text for a page. Without an offset only the size is told, as the offset to
   * begin with; without a length it goes up to the end, or as far as one answer goes.
   *
   * @return an empty object when a number is none
   */
  static ObjectNode chunk(OpenFile file, @Nullable String offset, @Nullable String length)
      throws IOException {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    long start;
    long count;
    try {
      start = offset == null ? -1 : Long.parseLong(offset);
      count = length == null ? -1 : Long.parseLong(length);
    } catch (NumberFormatException e) {
      return json;
    }
    if (start < -1 || count < -1) {
      return json;
    }
    if (start == -1) {
      return json.put("offset", file.size()).put("length", 0);
    }
    long left = Math.max(0, file.size() - start);
    byte[] bytes =
        read(file, start, Math.min(count == -1 ? left : Math.min(count, left), MAX_CHUNK));
    return json.put("offset", start)
        .put("length", bytes.length)
        .put("data", Html.text(new String(bytes, StandardCharsets.UTF_8)));
  }

  /** Up to that many bytes from there on; fewer if the file has become shorter. */
  static byte[] read(OpenFile file, long start, long count) throws IOException {
    if (count <= 0) {
      return new byte[0];
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(count, MAX_CHUNK));
    file.channel().position(start);
    while (bytes.hasRemaining() && file.channel().read(bytes) > 0) {
      // A channel gives what it has at hand.
    }
    byte[] read = new byte[bytes.flip().remaining()];
    bytes.get(read);
    return read;
  }

  /** Sends one range of one file; the next piece is read when the last one was taken. */
  private final class Sender {
    private final SeekableByteChannel file;
    private final HttpStream http;
    private final long start;
    private long left;

    private Sender(SeekableByteChannel file, ByteRange range, HttpStream http) {
      this.file = file;
      this.http = http;
      this.start = range.start();
      this.left = range.length();
    }

    private void start() {
      try {
        file.position(start);
        next();
      } catch (IOException e) {
        close();
        http.abort();
      }
    }

    private void next() {
      ByteBuffer piece = ByteBuffer.allocate((int) Math.min(left, PIECE));
      try {
        if (left > 0 && file.read(piece) <= 0) {
          throw new IOException("The file has become shorter");
        }
      } catch (IOException e) {
        // The length was told already; the client sees by the end of the connection that it is not
        // all.
        close();
        http.abort();
        return;
      }
      byte[] bytes = new byte[piece.flip().remaining()];
      piece.get(bytes);
      left -= bytes.length;
      boolean last = left == 0;
      CompletionStage<Void> taken = last ? http.end(bytes) : http.write(bytes);
      var unused =
          taken.whenComplete(
              (done, failure) -> {
                if (last || failure != null) {
                  close();
                } else {
                  disk.execute(this::next);
                }
              });
    }

    private void close() {
      try {
        file.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
