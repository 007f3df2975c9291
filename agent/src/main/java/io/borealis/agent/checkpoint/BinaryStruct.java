package io.borealis.agent.checkpoint;

import io.borealis.agent.checkpoint.CheckpointException.Kind;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads structs of Thrift's binary protocol field by field: a field that is not expected is skipped
 * by the type on the wire. No size is believed beyond the bytes that are there. Confined to one
 * thread.
 */
final class BinaryStruct {
  static final byte BOOL = 2;
  static final byte BYTE = 3;
  static final byte DOUBLE = 4;
  static final byte I16 = 6;
  static final byte I32 = 8;
  static final byte I64 = 10;
  static final byte STRING = 11;
  static final byte STRUCT = 12;
  static final byte MAP = 13;
  static final byte SET = 14;
  static final byte LIST = 15;

  private static final byte STOP = 0;

  /** How deep values that nobody asks for may be nested. */
  private static final int MAX_DEPTH = 500;

  private final ByteBuffer in;
  private byte fieldType;
  private short fieldId;

  /** Reads from the position of a buffer, big endian. */
  BinaryStruct(ByteBuffer in) {
    this.in = in;
  }

  /** Goes to the next field of the struct it is in; false at its end. */
  boolean nextField() throws CheckpointException {
    fieldType = i8();
    if (fieldType == STOP) {
      return false;
    }
    need(Short.BYTES);
    fieldId = in.getShort();
    return true;
  }

  /** Whether the field has that id, and that type on the wire. */
  boolean isField(int id, byte type) {
    return fieldId == id && fieldType == type;
  }

  /** Passes over the value of the field. */
  void skipField() throws CheckpointException {
    skip(fieldType, 0);
  }

  int i32() throws CheckpointException {
    need(Integer.BYTES);
    return in.getInt();
  }

  long i64() throws CheckpointException {
    need(Long.BYTES);
    return in.getLong();
  }

  double real() throws CheckpointException {
    need(Double.BYTES);
    return in.getDouble();
  }

  /** A text, which must be UTF-8. */
  String string() throws CheckpointException {
    int length = size();
    need(length);
    ByteBuffer bytes = in.slice(in.position(), length);
    in.position(in.position() + length);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw undecodable("a text is not UTF-8");
    }
  }

  /** The number of entries of a map, whose types must be these unless it is empty. */
  int mapSize(byte keyType, byte valueType) throws CheckpointException {
    byte actualKey = i8();
    byte actualValue = i8();
    int size = size();
    if (size > 0 && (actualKey != keyType || actualValue != valueType)) {
      throw undecodable("a map has the wrong types");
    }
    return size;
  }

  private byte i8() throws CheckpointException {
    need(Byte.BYTES);
    return in.get();
  }

  private int size() throws CheckpointException {
    int size = i32();
    if (size < 0) {
      throw undecodable("a size is negative");
    }
    return size;
  }

  private void skip(byte type, int depth) throws CheckpointException {
    if (depth > MAX_DEPTH) {
      throw undecodable("values are nested too deep");
    }
    switch (type) {
      case BOOL, BYTE -> skipBytes(1);
      case I16 -> skipBytes(2);
      case I32 -> skipBytes(4);
      case DOUBLE, I64 -> skipBytes(8);
      case STRING -> skipBytes(size());
      case STRUCT -> skipStruct(depth);
      case MAP -> {
        byte key = i8();
        byte value = i8();
        int size = size();
        for (int i = 0; i < size; i++) {
          skip(key, depth + 1);
          skip(value, depth + 1);
        }
      }
      case SET, LIST -> {
        byte element = i8();
        int size = size();
        for (int i = 0; i < size; i++) {
          skip(element, depth + 1);
        }
      }
      default -> throw undecodable("there is no wire type " + type);
    }
  }

  private void skipStruct(int depth) throws CheckpointException {
    for (byte type = i8(); type != STOP; type = i8()) {
      skipBytes(Short.BYTES);
      skip(type, depth + 1);
    }
  }

  private void skipBytes(int count) throws CheckpointException {
    need(count);
    in.position(in.position() + count);
  }

  private void need(int count) throws CheckpointException {
    if (in.remaining() < count) {
      throw new CheckpointException(Kind.PREMATURE_END, "A frame ends in the middle of its record");
    }
  }

  private static CheckpointException undecodable(String problem) {
    return new CheckpointException(Kind.UNDECODABLE_FRAME, "A frame is no record: " + problem);
  }

  /** Writes structs field by field; fields that are null are left out. Confined to one thread. */
  static final class Writer {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    void field(byte type, int id) {
      out.write(type);
      out.write(id >>> 8);
      out.write(id);
    }

    void i32(int id, @Nullable Integer value) {
      if (value != null) {
        field(I32, id);
        i32(value);
      }
    }

    void i64(int id, @Nullable Long value) {
      if (value != null) {
        field(I64, id);
        i64(value);
      }
    }

    void real(int id, @Nullable Double value) {
      if (value != null) {
        field(DOUBLE, id);
        i64(Double.doubleToRawLongBits(value));
      }
    }

    void string(int id, @Nullable String value) {
      if (value != null) {
        field(STRING, id);
        string(value);
      }
    }

    void mapSize(byte keyType, byte valueType, int size) {
      out.write(keyType);
      out.write(valueType);
      i32(size);
    }

    void i32(int value) {
      out.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(value).array());
    }

    void i64(long value) {
      out.writeBytes(ByteBuffer.allocate(Long.BYTES).putLong(value).array());
    }

    void string(String value) {
      byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
      i32(bytes.length);
      out.writeBytes(bytes);
    }

    void stop() {
      out.write(STOP);
    }

    byte[] toByteArray() {
      return out.toByteArray();
    }
  }
}
