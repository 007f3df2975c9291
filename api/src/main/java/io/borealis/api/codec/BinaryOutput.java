package io.borealis.api.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.protocol.TField;
import org.apache.thrift.transport.TTransport;

/**
 * Thrift's binary protocol, written straight into an {@link OutputBuffer}: the same bytes with a
 * step for each field and number instead of one for each part of it. For one thread.
 */
public final class BinaryOutput extends TBinaryProtocol {
  private final OutputBuffer buffer;

  private BinaryOutput(OutputBuffer buffer) {
    super(buffer, false, true);
    this.buffer = buffer;
  }

  /** A protocol on a transport that must be an {@link OutputBuffer}. */
  public static BinaryOutput of(TTransport transport) {
    return new BinaryOutput((OutputBuffer) transport);
  }

  @Override
  public void writeFieldBegin(TField field) {
    buffer.putFieldHeader(field.type, field.id);
  }

  @Override
  public void writeByte(byte value) {
    buffer.putByte(value);
  }

  @Override
  public void writeFieldStop() {
    buffer.putByte((byte) 0);
  }

  @Override
  public void writeI32(int value) {
    buffer.putInt(value);
  }

  @Override
  public void writeI64(long value) {
    buffer.putLong(value);
  }

  @Override
  public void writeString(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    buffer.putInt(bytes.length);
    buffer.write(bytes, 0, bytes.length);
  }
}
