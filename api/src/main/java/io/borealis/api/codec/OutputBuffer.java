package io.borealis.api.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import org.apache.thrift.TConfiguration;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TProtocol;
import org.apache.thrift.protocol.TProtocolFactory;
import org.apache.thrift.transport.TEndpointTransport;
import org.apache.thrift.transport.TTransportException;

/**
 * Collects what is written in memory, in parts, so that what has been written is copied once and no
 * more, however much it becomes. Of one type of struct, an object that occurs again is not encoded
 * again: its bytes are copied. A thousand tasks of a job carry one configuration between them, and
 * that is most of what is written of them. For one thread.
 */
public final class OutputBuffer extends TEndpointTransport {
  private static final VarHandle SHORTS = view(short[].class);
  private static final VarHandle INTS = view(int[].class);
  private static final VarHandle LONGS = view(long[].class);

  /** Parts grow to this size; larger arrays cost the collector more than the copying is worth. */
  private static final int USUAL_PART = 256 * 1024;

  private final TProtocolFactory protocols;
  private final StructType<?> repeated;
  private final IdentityHashMap<Object, byte[]> bodies = new IdentityHashMap<>(4);
  private final List<Part> full = new ArrayList<>();
  private int fullLength;
  private byte[] bytes;
  private int used;

  /** Bytes that nothing is added to any more. */
  private static final class Part {
    final byte[] bytes;
    final int length;

    Part(byte[] bytes, int length) {
      this.bytes = bytes;
      this.length = length;
    }
  }

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

  private static VarHandle view(Class<?> array) {
    return MethodHandles.byteArrayViewVarHandle(array, ByteOrder.BIG_ENDIAN);
  }

  /** A protocol that writes to this. */
  public TProtocol protocol() {
    return protocols.getProtocol(this);
  }

  /** What was written so far, as a copy. */
  public byte[] toByteArray() {
    byte[] all = new byte[size()];
    int at = 0;
    for (Part part : full) {
      System.arraycopy(part.bytes, 0, all, at, part.length);
      at += part.length;
    }
    System.arraycopy(bytes, 0, all, at, used);
    return all;
  }

  private int size() {
    return Math.addExact(fullLength, used);
  }

  @Override
  public void write(byte[] from, int offset, int count) {
    int at = room(count);
    System.arraycopy(from, offset, bytes, at, count);
  }

  void putByte(byte value) {
    int at = room(Byte.BYTES);
    bytes[at] = value;
  }

  /** The head of a field in the binary protocol. */
  void putFieldHeader(byte type, short id) {
    int at = room(Byte.BYTES + Short.BYTES);
    bytes[at] = type;
    SHORTS.set(bytes, at + 1, id);
  }

  void putInt(int value) {
    int at = room(Integer.BYTES);
    INTS.set(bytes, at, value);
  }

  void putLong(long value) {
    int at = room(Long.BYTES);
    LONGS.set(bytes, at, value);
  }

  /** Makes room for so many bytes at the end, in one part, and tells where in it that is. */
  private int room(int count) {
    if (bytes.length - used < count) {
      fullLength = size();
      full.add(new Part(bytes, used));
      bytes = new byte[Math.max(count, Math.min(Math.max(fullLength, 16), USUAL_PART))];
      used = 0;
    }
    int at = used;
    used += count;
    return at;
  }

  /** Whether values of the type are to be written by {@link #writeRepeated}. */
  boolean repeats(StructType<?> type) {
    return type == repeated;
  }

  /** Writes a struct in the protocol of this buffer, from memory if it was written before. */
  <T> void writeRepeated(StructType<T> type, T value, TProtocol out) throws TException {
    byte[] body = body(type, value);
    // The protocol notes that there is a struct here, and writes what stands around one.
    out.writeStructBegin(type.struct());
    write(body, 0, body.length);
    out.writeStructEnd();
  }

  /**
   * The bytes between the begin and the end of a struct of the repeated type, which do not depend
   * on where it is; they are remembered for when it is written. In the binary protocol they are all
   * there is of it. Not to be changed.
   */
  public <T> byte[] body(StructType<T> type, T value) throws TException {
    byte[] known = bodies.get(value);
    if (known != null) {
      return known;
    }
    OutputBuffer alone = new OutputBuffer(1024, protocols, repeated);
    TProtocol out = alone.protocol();
    // What stands around the struct comes first, alone, so that it can be left out.
    out.writeStructBegin(type.struct());
    int begin = alone.size();
    out.writeStructEnd();
    int around = alone.size();
    type.writeFields(alone.protocol(), value);
    byte[] all = alone.toByteArray();
    byte[] body = Arrays.copyOfRange(all, around + begin, all.length - (around - begin));
    bodies.put(value, body);
    return body;
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
