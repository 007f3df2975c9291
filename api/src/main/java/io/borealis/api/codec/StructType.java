package io.borealis.api.codec;

import com.google.common.collect.ImmutableList;
import java.util.function.Function;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TProtocol;
import org.apache.thrift.protocol.TProtocolException;
import org.apache.thrift.protocol.TStruct;
import org.jspecify.annotations.Nullable;

/** What is known of a struct or union at run time, and its codec. Immutable. */
public final class StructType<T> {
  private final String name;
  private final TStruct struct;
  private final Kind kind;
  private final ImmutableList<FieldInfo<T>> fields;
  private final Reader<T> reader;
  private final Writer<T> writer;
  private final Function<@Nullable Object[], T> creator;

  /** For generated code. */
  public StructType(
      String name,
      Kind kind,
      ImmutableList<FieldInfo<T>> fields,
      Reader<T> reader,
      Writer<T> writer,
      Function<@Nullable Object[], T> creator) {
    this.name = name;
    this.struct = new TStruct(name);
    this.kind = kind;
    this.fields = fields;
    this.reader = reader;
    this.writer = writer;
    this.creator = creator;
  }

  /** The name on the wire. */
  public String name() {
    return name;
  }

  /** Whether all fields may be set or just one. */
  public Kind kind() {
    return kind;
  }

  /** The fields in the order of the IDL. */
  public ImmutableList<FieldInfo<T>> fields() {
    return fields;
  }

  /**
   * Reads a value. Fields that are not known are skipped.
   *
   * @throws org.apache.thrift.protocol.TProtocolException when a field has the wrong type, a
   *     declared size cannot be true or the nesting is too deep
   */
  public T read(TProtocol in) throws TException {
    try {
      return reader.read(in);
    } catch (IndexOutOfBoundsException | NegativeArraySizeException lie) {
      // Thrift's binary protocol trusts a negative length of a text.
      throw new TProtocolException(
          TProtocolException.NEGATIVE_SIZE,
          "%s declares a size that cannot be".formatted(name),
          lie);
    }
  }

  /** Writes a value. */
  public void write(TProtocol out, T value) throws TException {
    if (out.getTransport() instanceof OutputBuffer buffer && buffer.repeats(this)) {
      buffer.writeRepeated(this, value, out);
    } else {
      writer.write(value, out);
    }
  }

  /** Writes a value, whatever the buffer it goes to remembers. */
  void writeFields(TProtocol out, T value) throws TException {
    writer.write(value, out);
  }

  /** What protocols are told of it. */
  TStruct struct() {
    return struct;
  }

  /**
   * Makes a value of one value per field, in their order; null stands for an absent one. Enums are
   * given as constants, collections as Guava's immutable ones.
   */
  public T create(@Nullable Object[] values) {
    return creator.apply(values);
  }

  @Override
  public String toString() {
    return name;
  }

  /** The two kinds of structs. */
  public enum Kind {
    /** Any fields may be set. */
    STRUCT,
    /** One field is set. */
    UNION
  }

  /** Reads a value from the wire. */
  @FunctionalInterface
  public interface Reader<T> {
    /** Reads it. */
    T read(TProtocol in) throws TException;
  }

  /** Writes a value to the wire. */
  @FunctionalInterface
  public interface Writer<T> {
    /** Writes it. */
    void write(T value, TProtocol out) throws TException;
  }
}
