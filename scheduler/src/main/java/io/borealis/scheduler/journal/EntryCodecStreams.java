package io.borealis.scheduler.journal;

import io.borealis.api.codec.StructType;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.thrift.TConfiguration;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.transport.TEndpointTransport;
import org.apache.thrift.transport.TIOStreamTransport;
import org.apache.thrift.transport.TTransportException;

/**
 * Values in Thrift's binary protocol to and from streams, for what is too large to be held as
 * bytes. Stateless.
 */
public final class EntryCodecStreams {
  private static final int LARGEST = Integer.MAX_VALUE;
  private static final int DEEPEST = 64;

  private EntryCodecStreams() {}

  /**
   * Writes a value.
   *
   * @throws IOException when the stream fails, or the value has a part that cannot be written
   */
  public static <T> void write(StructType<T> type, T value, OutputStream out) throws IOException {
    try {
      TConfiguration limits = new TConfiguration(LARGEST, LARGEST, DEEPEST);
      type.write(new TBinaryProtocol(new TIOStreamTransport(limits, out)), value);
    } catch (TException failure) {
      if (failure.getCause() instanceof IOException io) {
        throw io;
      }
      throw new IOException(failure.getMessage(), failure);
    }
  }

  /** Reads a value that takes up all of the stream and not a byte more. */
  static <T> T read(StructType<T> type, InputStream in, long length, EntryCodecInput.Texts texts)
      throws IOException, CorruptJournalException {
    EntryCodecSource source;
    try {
      source = new EntryCodecSource(in, length);
    } catch (TTransportException impossible) {
      throw new IllegalStateException("There is no transport", impossible);
    }
    T value;
    try {
      value = type.read(new EntryCodecInput(source, texts));
    } catch (TException | RuntimeException broken) {
      if (broken.getCause() instanceof IOException io) {
        throw io;
      }
      throw new CorruptJournalException(
          "at byte %d of %d: %s".formatted(source.position, length, broken.getMessage()), broken);
    }
    if (source.position != length) {
      throw new CorruptJournalException(
          "it ends at byte %d, but %d more follow"
              .formatted(source.position, length - source.position));
    }
    return value;
  }

  /** A stream of known length: no size inside it can be larger than what is left. */
  private static final class EntryCodecSource extends TEndpointTransport {
    private final InputStream in;
    private final long length;
    private long position;

    EntryCodecSource(InputStream in, long length) throws TTransportException {
      super(new TConfiguration(LARGEST, LARGEST, DEEPEST));
      this.in = in;
      this.length = length;
    }

    @Override
    public int read(byte[] to, int offset, int count) throws TTransportException {
      try {
        int read = in.read(to, offset, count);
        if (read < 0) {
          throw new TTransportException(TTransportException.END_OF_FILE, "it ends too soon");
        }
        position += read;
        return read;
      } catch (IOException failure) {
        throw new TTransportException(TTransportException.UNKNOWN, failure);
      }
    }

    @Override
    public void checkReadBytesAvailable(long count) throws TTransportException {
      if (count < 0 || count > length - position) {
        throw new TTransportException(
            TTransportException.END_OF_FILE,
            "it names a size of %d, which is more than is left".formatted(count));
      }
    }

    @Override
    public void write(byte[] from, int offset, int count) throws TTransportException {
      throw new TTransportException("Only for reading");
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void open() {}

    @Override
    public void close() {}
  }
}
