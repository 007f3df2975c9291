package io.borealis.agent.job;

import com.google.common.base.Ascii;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.regex.Pattern;

/** Turns a scalar that was given into one of the type that is wanted. Pure. */
final class Coercion {
  /** Short enough that no exponent can make it large. */
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d{1,40}(\\.\\d{0,40})?|\\.\\d{1,40})([eE][+-]?\\d{1,3})?");

  private Coercion() {}

  /**
   * The same value in the wanted type.
   *
   * @throws InvalidTaskException if it cannot be had
   */
  static Value.Scalar coerce(Type.Leaf type, Value.Scalar given, Path path)
      throws InvalidTaskException {
    if (type instanceof Type.OneOf allowed) {
      if (given instanceof Value.Text text && allowed.values().contains(text.text())) {
        return given;
      }
      throw path.invalid("must be one of " + allowed.values() + ", not " + shown(given));
    }
    return switch ((Type.Scalar) type) {
      case STRING -> text(given, path);
      case INTEGER -> integer(given, path);
      case FLOAT -> real(given, path);
      case BOOLEAN -> flag(given, path);
    };
  }

  private static Value.Scalar text(Value.Scalar given, Path path) throws InvalidTaskException {
    if (given instanceof Value.Flag) {
      throw path.invalid("must be a text or a number, not " + shown(given));
    }
    return new Value.Text(given.asText());
  }

  private static Value.Scalar integer(Value.Scalar given, Path path) throws InvalidTaskException {
    if (given instanceof Value.Int) {
      return given;
    }
    BigInteger whole = number(given, "a whole number", path).toBigInteger();
    if (whole.bitLength() > 63) {
      throw path.invalid("is out of range: " + shown(given));
    }
    return new Value.Int(whole.longValue());
  }

  private static Value.Scalar real(Value.Scalar given, Path path) throws InvalidTaskException {
    double number = number(given, "a number", path).doubleValue();
    if (Double.isInfinite(number)) {
      throw path.invalid("is out of range: " + shown(given));
    }
    return new Value.Real(number);
  }

  private static Value.Scalar flag(Value.Scalar given, Path path) throws InvalidTaskException {
    if (given instanceof Value.Int number) {
      return new Value.Flag(number.number() != 0);
    }
    if (given instanceof Value.Real number) {
      return new Value.Flag(number.number() != 0);
    }
    return switch (Ascii.toLowerCase(given.asText())) {
      case "true", "1" -> new Value.Flag(true);
      case "false", "0" -> new Value.Flag(false);
      default -> throw path.invalid("must be true or false, not " + shown(given));
    };
  }

  private static BigDecimal number(Value.Scalar given, String what, Path path)
      throws InvalidTaskException {
    if (given instanceof Value.Real real) {
      return BigDecimal.valueOf(real.number());
    }
    String text = given.asText().strip();
    if (given instanceof Value.Flag || !NUMBER.matcher(text).matches()) {
      throw path.invalid("must be " + what + ", not " + shown(given));
    }
    return new BigDecimal(text);
  }

  private static String shown(Value.Scalar given) {
    return given instanceof Value.Text ? Path.quoted(given.asText()) : given.asText();
  }
}
