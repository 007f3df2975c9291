package io.borealis.thrift;

import io.borealis.api.codec.StructType;
import java.nio.charset.StandardCharsets;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TSimpleJSONProtocol;
import org.apache.thrift.transport.TMemoryBuffer;

/**
 * Values of the API in Thrift's simple JSON, which is only written: objects by field names, enums
 * and booleans as numbers. Pure functions.
 */
public final class SimpleJson {
  private static final int USUAL_SIZE = 4096;

  private SimpleJson() {}

  /**
   * A value as the text of a JSON object. What is not set is left out.
   *
   * @throws IllegalArgumentException when a map in it has keys that JSON cannot have
   */
  public static <T> String write(StructType<T> type, T value) {
    try {
      TMemoryBuffer buffer = new TMemoryBuffer(USUAL_SIZE);
      type.write(new TSimpleJSONProtocol(buffer), value);
      return buffer.toString(StandardCharsets.UTF_8);
    } catch (TException e) {
      throw new IllegalArgumentException("A " + type + " has no form in simple JSON", e);
    }
  }
}
