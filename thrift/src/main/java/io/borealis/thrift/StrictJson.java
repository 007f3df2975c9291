package io.borealis.thrift;

import org.apache.thrift.TException;
import org.apache.thrift.protocol.TJSONProtocol;
import org.apache.thrift.protocol.TProtocol;
import org.apache.thrift.protocol.TProtocolException;
import org.apache.thrift.protocol.TProtocolFactory;
import org.apache.thrift.transport.TTransport;

/**
 * Thrift's JSON, but a number that does not fit its type is refused: the library cuts it off, and
 * the number that is left names something else. For one thread.
 */
final class StrictJson extends TJSONProtocol {
  private static final long serialVersionUID = 1;

  private StrictJson(TTransport transport) {
    super(transport);
  }

  @Override
  public byte readByte() throws TException {
    return (byte) inRange(Byte.MIN_VALUE, Byte.MAX_VALUE);
  }

  @Override
  public short readI16() throws TException {
    return (short) inRange(Short.MIN_VALUE, Short.MAX_VALUE);
  }

  @Override
  public int readI32() throws TException {
    return (int) inRange(Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  private long inRange(long min, long max) throws TException {
    long number = readI64();
    if (number < min || number > max) {
      throw new TProtocolException(
          TProtocolException.INVALID_DATA,
          "%d is not between %d and %d".formatted(number, min, max));
    }
    return number;
  }

  /** Makes protocols. Immutable. */
  static final class Factory implements TProtocolFactory {
    private static final long serialVersionUID = 1;

    @Override
    public TProtocol getProtocol(TTransport transport) {
      return new StrictJson(transport);
    }
  }
}
