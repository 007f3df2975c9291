package io.borealis.agent.runner;

import io.borealis.agent.checkpoint.Checkpoint;
import io.borealis.agent.checkpoint.CheckpointWriter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/** Where the records of a runner go. Confined to the loop of the runner. */
interface RecordSink extends Closeable {
  /**
   * Appends a record and returns when it is durable.
   *
   * @throws IOException if it is not; nothing of it is in the stream then, and it may be repeated
   */
  void append(Checkpoint record) throws IOException;

  /** Opens the sink that goes to a stream. */
  @FunctionalInterface
  interface Opener {
    RecordSink open(Path stream) throws IOException;
  }

  /** One that writes to the disk. */
  static RecordSink toFile(Path stream) throws IOException {
    CheckpointWriter writer = CheckpointWriter.open(stream);
    return new RecordSink() {
      @Override
      public void append(Checkpoint record) throws IOException {
        writer.append(record);
      }

      @Override
      public void close() throws IOException {
        writer.close();
      }
    };
  }
}
