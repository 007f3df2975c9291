package io.borealis.api.codec;

import java.util.Arrays;
import java.util.IdentityHashMap;
import org.apache.thrift.TConfiguration;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TProtocol;
import org.apache.thrift.protocol.TProtocolFactory;
import org.apache.thrift.protocol.TStruct;
import org.apache.thrift.transport.TEndpointTransport;
import org.apache.thrift.transport.TTransportException;

/**
 * Collects what is written in memory. Of one type of struct, an object that occurs again is not
 * encoded again: its bytes are copied. A thousand tasks of a job carry one configuration between
 * them, and that is most of what is written of them. For one thread.
 */
public final class OutputBuffer extends TEndpointTransport {
  private final TProtocolFactory protocols;
  private final StructType<?> repeated;
  private final IdentityHashMap<Object, byte[]> bodies = new IdentityHashMap<>(4);
  private byte[] bytes;
  private int length;

  /**
   * An empty buffer.
   *
   * @param size bytes to make room for at first
   * @param protocols makes the protocols that write to it
   * @param repeated the type of which the same object occurs often
   */
  public OutputBuffer(int size, TProtocolFactory protocols, StructType<?> repeated)
      throws TTransportException {
    super(TConfiguration.DEFAULT);
    this.bytes = new byte[size];
    this.protocols = protocols;
    this.repeated = repeated;
  }

  /** A protocol that writes to this. */
  public TProtocol protocol() {
    return protocols.getProtocol(this);
  }

  /** What was written so far, as a copy. */
  public byte[] toByteArray() {
    return Arrays.copyOf(bytes, length);
  }

  @Override
  public void write(byte[] from, int offset, int count) {
    if (bytes.length - length < count) {
      bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(length, count), bytes.length * 2));
    }
    System.arraycopy(from, offset, bytes, length, count);
    length += count;
  }

  /** Whether values of the type are to be written by {@link #writeRepeated}. */
  boolean repeats(StructType<?> type) {
    return type == repeated;
  }

  /** Writes a struct in the protocol of this buffer, from memory if it was written before. */
  <T> void writeRepeated(TStruct struct, T value, StructType.Writer<T> writer, TProtocol out)
      throws TException {
    byte[] body = bodies.get(value);
    if (body == null) {
      body = body(struct, value, writer);
      bodies.put(value, body);
    }
    // The protocol notes that there is a struct here, and writes what stands around one.
    out.writeStructBegin(struct);
    write(body, 0, body.length);
    out.writeStructEnd();
  }

  /** The bytes between the begin and the end of a struct, which do not depend on where it is. */
  private <T> byte[] body(TStruct struct, T value, StructType.Writer<T> writer) throws TException {
    OutputBuffer empty = new OutputBuffer(16, protocols, repeated);
    TProtocol around = empty.protocol();
    around.writeStructBegin(struct);
    int begin = empty.length;
    around.writeStructEnd();
    int end = empty.length - begin;
    OutputBuffer alone = new OutputBuffer(1024, protocols, repeated);
    writer.write(value, alone.protocol());
    return Arrays.copyOfRange(alone.bytes, begin, alone.length - end);
  }

  @Override
  public int read(byte[] to, int offset, int count) throws TTransportException {
    throw new TTransportException("Only for writing");
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
