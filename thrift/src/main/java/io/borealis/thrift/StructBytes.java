package io.borealis.thrift;

import io.borealis.api.TaskConfig;
import io.borealis.api.codec.BinaryOutput;
import io.borealis.api.codec.OutputBuffer;
import io.borealis.api.codec.StructType;
import org.apache.thrift.TConfiguration;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.transport.TMemoryInputTransport;

/** Single structs in the binary protocol, without a message envelope. Pure functions. */
public final class StructBytes {
  /** What a body of such bytes is called. */
  public static final String CONTENT_TYPE = "application/vnd.apache.thrift.binary";

  private static final int MAX_BYTES = 256 << 20;
  private static final int USUAL_SIZE = 512;

  private StructBytes() {}

  /**
   * The bytes of a struct.
   *
   * @throws IllegalArgumentException for a union without a known member
   */
  public static <T> byte[] write(StructType<T> type, T value) {
    try {
      OutputBuffer out = new OutputBuffer(USUAL_SIZE, BinaryOutput::of, TaskConfig.TYPE);
      type.write(out.protocol(), value);
      return out.toByteArray();
    } catch (TException unwritable) {
      throw new IllegalArgumentException(unwritable.getMessage(), unwritable);
    }
  }

  /**
   * The struct that the bytes are.
   *
   * @throws MalformedException when they are none of this type, are cut off, or go on behind it
   */
  public static <T> T read(StructType<T> type, byte[] bytes) throws MalformedException {
    try {
      TMemoryInputTransport in =
          new TMemoryInputTransport(new TConfiguration(MAX_BYTES, MAX_BYTES, 64), bytes);
      T value = type.read(new TBinaryProtocol(in, MAX_BYTES, MAX_BYTES, false, true));
      if (in.getBytesRemainingInBuffer() > 0) {
        throw new MalformedException(
            "%d bytes follow a %s".formatted(in.getBytesRemainingInBuffer(), type.name()), null);
      }
      return value;
    } catch (TException | RuntimeException malformed) {
      throw new MalformedException(
          "Not a %s: %s".formatted(type.name(), malformed.getMessage()), malformed);
    }
  }

  /** Bytes are not what they should be. */
  public static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1;

    private MalformedException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
