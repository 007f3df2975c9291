package io.borealis.api;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.codec.Bytes;
import io.borealis.api.codec.StructType;
import io.borealis.api.codec.ValueType;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Fills structs with random values, every field of them. For one thread. */
final class RandomValues {
  private final Random random;

  RandomValues(long seed) {
    this.random = new Random(seed);
  }

  /** A struct with every field set; a union with the given member. */
  <T> T struct(StructType<T> type, int member) {
    @Nullable Object[] values = new Object[type.fields().size()];
    for (int i = 0; i < values.length; i++) {
      if (type.kind() == StructType.Kind.STRUCT || i == member % values.length) {
        values[i] = value(type.fields().get(i).type());
      }
    }
    return type.create(values);
  }

  private Object value(ValueType type) {
    if (type instanceof ValueType.EnumOf of) {
      return of.type().constants().get(random.nextInt(of.type().constants().size()));
    } else if (type instanceof ValueType.StructOf of) {
      return struct(of.type().get(), random.nextInt(100));
    } else if (type instanceof ValueType.ListOf list) {
      return ImmutableList.of(value(list.element()), value(list.element()));
    } else if (type instanceof ValueType.SetOf set) {
      return ImmutableSet.builder().add(value(set.element())).add(value(set.element())).build();
    } else if (type instanceof ValueType.MapOf map) {
      return ImmutableMap.of(value(map.key()), value(map.value()));
    }
    return switch ((ValueType.Scalar) type) {
      case BOOL -> random.nextBoolean();
      case I16 -> (short) random.nextInt();
      case I32 -> random.nextInt();
      case I64 -> random.nextLong();
      case DOUBLE -> random.nextGaussian();
      case STRING -> string();
      case BINARY -> binary();
    };
  }

  private String string() {
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(12);
    for (int i = 0; i < length; i++) {
      text.appendCodePoint(
          random.nextInt(5) == 0 ? 0x1F600 + random.nextInt(50) : 1 + random.nextInt(0x2FF));
    }
    return text.toString();
  }

  private Bytes binary() {
    byte[] bytes = new byte[random.nextInt(20)];
    random.nextBytes(bytes);
    return Bytes.copyOf(bytes);
  }
}
