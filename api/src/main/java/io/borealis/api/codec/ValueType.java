package io.borealis.api.codec;

import java.util.function.Supplier;

/** The type of a field or element. Immutable. */
public sealed interface ValueType {
  /** Types of Thrift itself. */
  enum Scalar implements ValueType {
    BOOL,
    I16,
    I32,
    I64,
    DOUBLE,
    STRING,
    BINARY
  }

  /** An enum; a 32-bit number on the wire. */
  record EnumOf(EnumType<?> type) implements ValueType {}

  /** A struct or union; looked up late, since structs may be initialised in any order. */
  record StructOf(String name, Supplier<StructType<?>> type) implements ValueType {}

  /** A list. */
  record ListOf(ValueType element) implements ValueType {}

  /** A set. */
  record SetOf(ValueType element) implements ValueType {}

  /** A map. */
  record MapOf(ValueType key, ValueType value) implements ValueType {}
}
