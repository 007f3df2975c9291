package io.borealis.api.codec;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a field at run time. Immutable.
 *
 * @param <T> the struct or union it belongs to
 * @param id id on the wire
 * @param name name in the IDL
 * @param type its type
 * @param requiredness whether it may be absent
 * @param getter its value; null if absent
 */
public record FieldInfo<T>(
    int id,
    String name,
    ValueType type,
    Requiredness requiredness,
    Function<T, @Nullable Object> getter) {

  /** Whether a field may be absent, in the terms of the IDL. */
  public enum Requiredness {
    /** Written whenever there is a value, never demanded. */
    DEFAULT,
    /** May be absent. */
    OPTIONAL,
    /** Must be there. */
    REQUIRED
  }
}
