package io.borealis.api.codec;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TField;
import org.apache.thrift.protocol.TList;
import org.apache.thrift.protocol.TMap;
import org.apache.thrift.protocol.TProtocol;
import org.apache.thrift.protocol.TProtocolException;
import org.apache.thrift.protocol.TSet;
import org.apache.thrift.protocol.TStruct;
import org.apache.thrift.transport.TTransportException;
import org.jspecify.annotations.Nullable;

/** The rules of reading and writing that all generated codecs share. */
public final class Wire {
  /** How deep values that are not known may be nested. */
  public static final int MAX_DEPTH = 64;

  /** A declared size is only believed up to here; beyond, room is made as elements arrive. */
  private static final int MAX_EXPECTED_SIZE = 1024;

  /** How many elements of a set may share a hash code; by chance it is a handful. */
  private static final int MAX_EQUAL_HASHES = 200;

  private Wire() {}

  /** Refuses a field whose type on the wire is not the declared one. */
  public static void check(TStruct struct, TField declared, TField actual)
      throws TProtocolException {
    if (declared.type != actual.type) {
      throw new TProtocolException(
          TProtocolException.INVALID_DATA,
          "%s.%s has wire type %d, not %d"
              .formatted(struct.name, declared.name, actual.type, declared.type));
    }
  }

  /** Refuses a second member of a union. */
  public static void checkFirst(TStruct union, @Nullable Object before) throws TProtocolException {
    if (before != null) {
      throw new TProtocolException(
          TProtocolException.INVALID_DATA, "%s has more than one member".formatted(union.name));
    }
  }

  /** What a union without a known member meets when it is written. */
  public static TProtocolException unwritable(TStruct union, int fieldId) {
    return new TProtocolException(
        TProtocolException.INVALID_DATA,
        "%s has no member that could be written, its field id is %d"
            .formatted(union.name, fieldId));
  }

  /** Skips a value that is not known. */
  public static void skip(TProtocol in, byte type) throws TException {
    try {
      in.skip(type, MAX_DEPTH);
    } catch (TProtocolException | TTransportException known) {
      throw known;
    } catch (TException tooDeep) {
      throw new TProtocolException(TProtocolException.DEPTH_LIMIT, tooDeep.getMessage(), tooDeep);
    }
  }

  /** Reads binary data. */
  public static Bytes readBytes(TProtocol in) throws TException {
    return Bytes.copyOf(in.readBinary());
  }

  /** Reads a list. */
  public static <E> ImmutableList<E> readList(
      TProtocol in, byte elementType, StructType.Reader<E> element) throws TException {
    TList header = in.readListBegin();
    checkElements("list", header.elemType, elementType, header.size);
    ImmutableList.Builder<E> list = ImmutableList.builderWithExpectedSize(expected(header.size));
    for (int i = 0; i < header.size; i++) {
      list.add(element.read(in));
    }
    in.readListEnd();
    return list.build();
  }

  /** Reads a set; what occurs twice counts once. */
  public static <E> ImmutableSet<E> readSet(
      TProtocol in, byte elementType, StructType.Reader<E> element) throws TException {
    TSet header = in.readSetBegin();
    checkElements("set", header.elemType, elementType, header.size);
    List<E> elements = new ArrayList<>(expected(header.size));
    for (int i = 0; i < header.size; i++) {
      elements.add(element.read(in));
    }
    in.readSetEnd();
    return setOf(elements);
  }

  /**
   * A set of these elements.
   *
   * @throws TProtocolException when so many share a hash code that somebody must have meant it: to
   *     tell them apart would take time by the square of their number
   */
  public static <E> ImmutableSet<E> setOf(List<E> elements) throws TProtocolException {
    if (elements.size() > MAX_EQUAL_HASHES) {
      int[] hashes = elements.stream().mapToInt(Object::hashCode).sorted().toArray();
      for (int i = MAX_EQUAL_HASHES; i < hashes.length; i++) {
        if (hashes[i] == hashes[i - MAX_EQUAL_HASHES]) {
          throw new TProtocolException(
              TProtocolException.SIZE_LIMIT,
              "a set has more than %d elements with one hash code".formatted(MAX_EQUAL_HASHES));
        }
      }
    }
    return ImmutableSet.copyOf(elements);
  }

  /** Reads a map; of a key that occurs twice the last value counts. */
  public static <K, V> ImmutableMap<K, V> readMap(
      TProtocol in,
      byte keyType,
      byte valueType,
      StructType.Reader<K> key,
      StructType.Reader<V> value)
      throws TException {
    TMap header = in.readMapBegin();
    checkElements("map", header.keyType, keyType, header.size);
    checkElements("map", header.valueType, valueType, header.size);
    Map<K, V> map = new LinkedHashMap<>();
    for (int i = 0; i < header.size; i++) {
      map.put(key.read(in), value.read(in));
    }
    in.readMapEnd();
    return ImmutableMap.copyOf(map);
  }

  /** Writes a list. */
  public static <E> void writeList(
      TProtocol out, byte elementType, ImmutableList<E> list, ElementWriter<E> element)
      throws TException {
    out.writeListBegin(new TList(elementType, list.size()));
    for (E value : list) {
      element.write(out, value);
    }
    out.writeListEnd();
  }

  /** Writes a set. */
  public static <E> void writeSet(
      TProtocol out, byte elementType, ImmutableSet<E> set, ElementWriter<E> element)
      throws TException {
    out.writeSetBegin(new TSet(elementType, set.size()));
    for (E value : set) {
      element.write(out, value);
    }
    out.writeSetEnd();
  }

  /** Writes a map. */
  public static <K, V> void writeMap(
      TProtocol out,
      byte keyType,
      byte valueType,
      ImmutableMap<K, V> map,
      ElementWriter<K> key,
      ElementWriter<V> value)
      throws TException {
    out.writeMapBegin(new TMap(keyType, valueType, map.size()));
    for (Map.Entry<K, V> entry : map.entrySet()) {
      key.write(out, entry.getKey());
      value.write(out, entry.getValue());
    }
    out.writeMapEnd();
  }

  /** An empty container may come with any element type: some protocols then write none. */
  private static void checkElements(String container, byte actual, byte declared, int size)
      throws TProtocolException {
    if (size < 0) {
      throw new TProtocolException(
          TProtocolException.NEGATIVE_SIZE, "%s of size %d".formatted(container, size));
    }
    if (size > 0 && actual != declared) {
      throw new TProtocolException(
          TProtocolException.INVALID_DATA,
          "elements of a %s have wire type %d, not %d".formatted(container, actual, declared));
    }
  }

  private static int expected(int size) {
    return Math.min(size, MAX_EXPECTED_SIZE);
  }

  /** Writes an element of a collection. */
  @FunctionalInterface
  public interface ElementWriter<E> {
    /** Writes it. */
    void write(TProtocol out, E value) throws TException;
  }
}
