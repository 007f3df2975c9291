package io.borealis.api.codec;

import com.google.common.collect.ImmutableList;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TProtocol;
import org.apache.thrift.protocol.TProtocolException;
import org.jspecify.annotations.Nullable;

/**
 * What is known of an enum at run time. Immutable.
 *
 * @param <E> the enum
 * @param name name in the IDL
 * @param type the Java class
 * @param finder the constant for a number, null if there is none
 * @param number the number of a constant
 */
public record EnumType<E extends Enum<E>>(
    String name, Class<E> type, IntFunction<@Nullable E> finder, ToIntFunction<E> number) {

  /** All constants in the order of the IDL. */
  public ImmutableList<E> constants() {
    return ImmutableList.copyOf(type.getEnumConstants());
  }

  /** The constant for a number on the wire; null if there is none. */
  public @Nullable E find(int value) {
    return finder.apply(value);
  }

  /** The number of one of the constants. */
  public int numberOf(Object constant) {
    return number.applyAsInt(type.cast(constant));
  }

  /** Reads a constant where there must be one, as in a collection. */
  public E read(TProtocol in) throws TException {
    int value = in.readI32();
    @Nullable E constant = find(value);
    if (constant == null) {
      throw new TProtocolException(
          TProtocolException.INVALID_DATA, "%d is not a %s".formatted(value, name));
    }
    return constant;
  }
}
