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
  static Value.Scalar coerce(Type.Leaf type, Value.Scalar given, Place place)
      throws InvalidTaskException {
    if (type instanceof Type.OneOf allowed) {
      if (given instanceof Value.Text text && allowed.values().contains(text.text())) {
        return given;
      }
      throw place.invalid("must be one of " + allowed.values() + ", not " + shown(given));
    }
    return switch ((Type.Scalar) type) {
      case STRING -> text(given, place);
      case INTEGER -> integer(given, place);
      case FLOAT -> real(given, place);
      case BOOLEAN -> flag(given, place);
    };
  }

  private static Value.Scalar text(Value.Scalar given, Place place) throws InvalidTaskException {
    if (given instanceof Value.Flag) {
      throw place.invalid("must be a text or a number, not " + shown(given));
    }
    return new Value.Text(given.asText());
  }

  private static Value.Scalar integer(Value.Scalar given, Place place) throws InvalidTaskException {
    if (given instanceof Value.Int) {
      return given;
    }
    BigInteger whole = number(given, "a whole number", place).toBigInteger();
    if (whole.bitLength() > 63) {
      throw place.invalid("is out of range: " + shown(given));
    }
    return new Value.Int(whole.longValue());
  }

  private static Value.Scalar real(Value.Scalar given, Place place) throws InvalidTaskException {
    double number = number(given, "a number", place).doubleValue();
    if (Double.isInfinite(number)) {
      throw place.invalid("is out of range: " + shown(given));
    }
    return new Value.Real(number);
  }

  private static Value.Scalar flag(Value.Scalar given, Place place) throws InvalidTaskException {
    if (given instanceof Value.Int number) {
      return new Value.Flag(number.number() != 0);
    }
    if (given instanceof Value.Real number) {
      return new Value.Flag(number.number() != 0);
    }
    return switch (Ascii.toLowerCase(given.asText())) {
      case "true", "1" -> new Value.Flag(true);
      case "false", "0" -> new Value.Flag(false);
      default -> throw place.invalid("must be true or false, not " + shown(given));
    };
  }

  private static BigDecimal number(Value.Scalar given, String what, Place place)
      throws InvalidTaskException {
    if (given instanceof Value.Real real) {
      return BigDecimal.valueOf(real.number());
    }
    String text = given.asText().strip();
    if (given instanceof Value.Flag || !NUMBER.matcher(text).matches()) {
      throw place.invalid("must be " + what + ", not " + shown(given));
    }
    return new BigDecimal(text);
  }

  private static String shown(Value.Scalar given) {
    return given instanceof Value.Text ? Place.quoted(given.asText()) : given.asText();
  }
}
