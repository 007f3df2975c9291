package io.borealis.agent.job;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** A value of a configuration, of a shape that its {@link Type} allows. Immutable. */
sealed interface Value {
  /** A value without parts. */
  sealed interface Scalar extends Value {
    /** How it reads where a reference to it stands. */
    String asText();
  }

  /** A text; also a value of any other scalar type as long as references are in it. */
  record Text(String text) implements Scalar {
    @Override
    public String asText() {
      return text;
    }
  }

  record Int(long number) implements Scalar {
    @Override
    public String asText() {
      return Long.toString(number);
    }
  }

  /** A finite number. */
  record Real(double number) implements Scalar {
    @Override
    public String asText() {
      String plain = BigDecimal.valueOf(number).toPlainString();
      return plain.contains(".") ? plain : plain + ".0";
    }
  }

  record Flag(boolean on) implements Scalar {
    @Override
    public String asText() {
      return Boolean.toString(on);
    }
  }

  record Items(ImmutableList<Value> items) implements Value {}

  record Entries(ImmutableMap<String, Value> entries) implements Value {}

  /**
   * An object whose members are known.
   *
   * @param members those that are there, in the order of the type
   */
  record Struct(Type.Struct type, ImmutableMap<String, Value> members) implements Value {
    @Nullable Value member(String name) {
      return members.get(name);
    }
  }
}
