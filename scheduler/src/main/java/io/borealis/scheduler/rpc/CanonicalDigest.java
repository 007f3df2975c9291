package io.borealis.scheduler.rpc;

import com.google.common.hash.HashCode;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import io.borealis.api.codec.Bytes;
import io.borealis.api.codec.FieldInfo;
import io.borealis.api.codec.StructType;
import io.borealis.api.codec.ValueType;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A digest of a value: equal for equal values, whatever the order of their sets and maps. A field
 * that is not set does not count, so a later release with more fields finds the same digest.
 * Stateless; pure.
 */
final class CanonicalDigest {
  private CanonicalDigest() {}

  static <T> HashCode of(StructType<T> type, T value) {
    Hasher hasher = hasher();
    for (FieldInfo<T> field : type.fields()) {
      Object member = field.getter().apply(value);
      if (member != null && !isEmpty(member)) {
        hasher.putInt(field.id()).putBytes(of(field.type(), member).asBytes());
      }
    }
    return hasher.hash();
  }

  private static Hasher hasher() {
    return Hashing.sha256().newHasher();
  }

  private static boolean isEmpty(Object value) {
    return (value instanceof Collection<?> elements && elements.isEmpty())
        || (value instanceof Map<?, ?> map && map.isEmpty());
  }

  private static HashCode of(ValueType type, Object value) {
    if (type instanceof ValueType.Scalar scalar) {
      return ofScalar(scalar, value);
    } else if (type instanceof ValueType.EnumOf) {
      return hasher().putString(((Enum<?>) value).name(), StandardCharsets.UTF_8).hash();
    } else if (type instanceof ValueType.StructOf struct) {
      return ofAny(struct.type().get(), value);
    } else if (type instanceof ValueType.ListOf list) {
      return all(((Collection<?>) value).stream().map(each -> of(list.element(), each)));
    } else if (type instanceof ValueType.SetOf set) {
      return sorted(((Collection<?>) value).stream().map(each -> of(set.element(), each)));
    }
    ValueType.MapOf map = (ValueType.MapOf) type;
    return sorted(
        ((Map<?, ?>) value)
            .entrySet().stream()
                .map(
                    entry ->
                        all(
                            Stream.of(
                                of(map.key(), entry.getKey()),
                                of(map.value(), entry.getValue())))));
  }

  private static HashCode ofScalar(ValueType.Scalar type, Object value) {
    Hasher hasher = hasher();
    return switch (type) {
      case BOOL -> hasher.putBoolean((Boolean) value).hash();
      case I16, I32, I64 -> hasher.putLong(((Number) value).longValue()).hash();
      case DOUBLE -> hasher.putDouble((Double) value).hash();
      case STRING -> hasher.putString((String) value, StandardCharsets.UTF_8).hash();
      case BINARY -> hasher.putBytes(((Bytes) value).toByteArray()).hash();
    };
  }

  /** The type is the one the value was declared with. */
  @SuppressWarnings("unchecked")
  private static <T> HashCode ofAny(StructType<T> type, Object value) {
    return of(type, (T) value);
  }

  private static HashCode sorted(Stream<HashCode> digests) {
    return all(digests.sorted(Comparator.comparing(HashCode::toString)));
  }

  private static HashCode all(Stream<HashCode> digests) {
    Hasher hasher = hasher();
    digests.forEachOrdered(digest -> hasher.putBytes(digest.asBytes()));
    return hasher.hash();
  }
}
