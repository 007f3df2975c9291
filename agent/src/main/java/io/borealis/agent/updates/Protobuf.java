package io.borealis.agent.updates;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The little of the protobuf encoding that updates need. */
final class Protobuf {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH = 2;
  private static final int GROUP = 3;
  private static final int GROUP_END = 4;
  private static final int FIXED32 = 5;
  private static final int DEEPEST = 100;

  private Protobuf() {}

  /** The bytes are no message. Immutable. */
  static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1;

    MalformedException(String message) {
      super(message);
    }
  }

  /** Writes one message. For one thread. */
  static final class Writer {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Writer number(int field, int value) {
      varint(((long) field << 3) | VARINT);
      varint(value);
      return this;
    }

    Writer decimal(int field, double value) {
      varint(((long) field << 3) | FIXED64);
      out.writeBytes(
          ByteBuffer.allocate(Double.BYTES)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putDouble(value)
              .array());
      return this;
    }

    Writer bytes(int field, byte[] value) {
      varint(((long) field << 3) | LENGTH);
      varint(value.length);
      out.writeBytes(value);
      return this;
    }

    Writer text(int field, String value) {
      return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    byte[] toByteArray() {
      return out.toByteArray();
    }

    private void varint(long value) {
      long rest = value;
      while ((rest & ~0x7fL) != 0) {
        out.write((int) (rest & 0x7f) | 0x80);
        rest >>>= 7;
      }
      out.write((int) rest);
    }
  }

  /** Reads the fields of one message, in their order. For one thread. */
  static final class Reader {
    private final ByteBuffer in;
    private int field;
    private int wire;

    Reader(ByteBuffer message) {
      this.in = message.slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Goes to the next field; the value of the one before must have been read or skipped. */
    boolean next() throws MalformedException {
      if (!in.hasRemaining()) {
        return false;
      }
      long tag = varint();
      field = (int) (tag >>> 3);
      wire = (int) (tag & 7);
      if (tag >>> 32 != 0 || field == 0) {
        throw new MalformedException("no field has the tag " + tag);
      }
      return true;
    }

    /** The number of the field, or -1 when its value is not of the kind that this one has. */
    int numberField() {
      return wire == VARINT ? field : -1;
    }

    /** Likewise for decimals. */
    int decimalField() {
      return wire == FIXED64 ? field : -1;
    }

    /** Likewise for texts, bytes and messages. */
    int bytesField() {
      return wire == LENGTH ? field : -1;
    }

    long number() throws MalformedException {
      return varint();
    }

    double decimal() throws MalformedException {
      need(Double.BYTES);
      return in.getDouble();
    }

    ByteBuffer bytes() throws MalformedException {
      long length = varint();
      if (length < 0 || length > in.remaining()) {
        throw new MalformedException("a field goes beyond the end");
      }
      ByteBuffer bytes = in.slice(in.position(), (int) length);
      in.position(in.position() + (int) length);
      return bytes;
    }

    String text() throws MalformedException {
      return StandardCharsets.UTF_8.decode(bytes()).toString();
    }

    void skip() throws MalformedException {
      skip(wire, field, 0);
    }

    private void skip(int kind, int of, int depth) throws MalformedException {
      switch (kind) {
        case VARINT -> varint();
        case FIXED64 -> need(Double.BYTES).position(in.position() + Double.BYTES);
        case LENGTH -> bytes();
        case GROUP -> skipGroup(of, depth + 1);
        case FIXED32 -> need(Float.BYTES).position(in.position() + Float.BYTES);
        default -> throw new MalformedException("a field has the kind " + kind);
      }
    }

    private void skipGroup(int of, int depth) throws MalformedException {
      while (depth < DEEPEST) {
        long tag = varint();
        int inner = (int) (tag >>> 3);
        int kind = (int) (tag & 7);
        if (kind == GROUP_END && inner == of) {
          return;
        }
        skip(kind, inner, depth);
      }
      throw new MalformedException("groups are nested too deeply");
    }

    private ByteBuffer need(int count) throws MalformedException {
      if (in.remaining() < count) {
        throw new MalformedException("a field goes beyond the end");
      }
      return in;
    }

    private long varint() throws MalformedException {
      long value = 0;
      for (int shift = 0; shift < Long.SIZE; shift += 7) {
        byte next = need(1).get();
        value |= (long) (next & 0x7f) << shift;
        if (next >= 0) {
          return value;
        }
      }
      throw new MalformedException("a number has too many bytes");
    }
  }
}
