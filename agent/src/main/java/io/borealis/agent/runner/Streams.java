package io.borealis.agent.runner;

import io.borealis.agent.checkpoint.Checkpoint;
import io.borealis.agent.checkpoint.CheckpointException;
import io.borealis.agent.checkpoint.CheckpointReader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads streams whose writers are dead, of which the last record may be cut. Thread-safe. */
final class Streams {
  private static final Logger log = LoggerFactory.getLogger(Streams.class);

  /** Larger than any record of ours: more than this is no cut record but damage. */
  private static final long LARGEST_RECORD = 1 << 20;

  private Streams() {}

  /** A stream has more behind its last whole record than a writer can have left there. */
  static final class DamagedException extends IOException {
    private static final long serialVersionUID = 1;

    DamagedException(String message) {
      super(message);
    }
  }

  /** Takes one record. */
  @FunctionalInterface
  interface Taker {
    /**
     * @throws CheckpointException if it does not follow from those before
     */
    void take(Checkpoint record) throws CheckpointException;
  }

  /**
   * Gives all records of a stream, and cuts a half record off its end: whoever wrote it died over
   * it or found the disk full, and never acted on it. A stream that does not exist is empty.
   *
   * @throws CheckpointException if a record is damaged, or does not follow
   * @throws DamagedException if more than a record is missing
   */
  static void mend(Path stream, Taker taker) throws IOException, CheckpointException {
    if (!Files.exists(stream)) {
      return;
    }
    long whole;
    long size;
    try (CheckpointReader reader = CheckpointReader.open(stream)) {
      for (Checkpoint record = reader.tryNext(); record != null; record = reader.tryNext()) {
        taker.take(record);
      }
      whole = reader.position();
      size = reader.size();
    }
    if (size == whole) {
      return;
    }
    if (size - whole > LARGEST_RECORD) {
      throw new DamagedException(
          "Stream %s is damaged at byte %d of %d".formatted(stream, whole, size));
    }
    log.warn("Cutting half a record of {} bytes off {}", size - whole, stream);
    try (FileChannel channel = FileChannel.open(stream, StandardOpenOption.WRITE)) {
      channel.truncate(whole);
      channel.force(true);
    }
  }
}
