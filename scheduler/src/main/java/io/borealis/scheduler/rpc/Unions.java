package io.borealis.scheduler.rpc;

import io.borealis.api.codec.FieldInfo;
import io.borealis.api.codec.StructType;
import io.borealis.api.codec.ValueType;
import java.util.Collection;

/**
 * Finds unions of which no member is set, or one that only a later release knows. They cannot be
 * written, so they must not get into State. Pure functions.
 */
final class Unions {
  private Unions() {}

  /**
   * Refuses the value if there is such a union anywhere in it.
   *
   * @param path what the value is called in the refusal
   */
  static <T> void requireKnown(StructType<T> type, T value, String path) {
    boolean empty = true;
    for (FieldInfo<T> field : type.fields()) {
      Object member = field.getter().apply(value);
      if (member != null) {
        empty = false;
        requireWithin(field.type(), member, path, field.name());
      }
    }
    if (empty && type.kind() == StructType.Kind.UNION) {
      throw Refusal.invalid(path + " must have a member that this scheduler knows.");
    }
  }

  private static void requireWithin(ValueType type, Object value, String path, String name) {
    if (type instanceof ValueType.StructOf struct) {
      requireAny(struct.type().get(), value, path + "." + name);
    } else if (type instanceof ValueType.SetOf set && set.element() instanceof ValueType.StructOf) {
      ((Collection<?>) value).forEach(each -> requireWithin(set.element(), each, path, name));
    } else if (type instanceof ValueType.ListOf list
        && list.element() instanceof ValueType.StructOf) {
      ((Collection<?>) value).forEach(each -> requireWithin(list.element(), each, path, name));
    }
  }

  /** The value is of the type it was declared with. */
  @SuppressWarnings("unchecked")
  private static <T> void requireAny(StructType<T> type, Object value, String path) {
    requireKnown(type, (T) value, path);
  }
}
