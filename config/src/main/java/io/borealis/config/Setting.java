package io.borealis.config;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One setting and everything that is known of it. Immutable.
 *
 * @param name the flag without its dashes, and the key in a file
 * @param parser how its text is read
 * @param defaultText what applies when nothing is said; null for nothing
 * @param rule what values are allowed, as a sentence
 * @param allowed the rule
 * @param description what it does, in one line
 * @param aliases Aurora's names for it, without the dash
 * @param commands where it applies
 */
public record Setting<T>(
    String name,
    Parser<T> parser,
    @Nullable String defaultText,
    String rule,
    Predicate<T> allowed,
    String description,
    ImmutableList<String> aliases,
    ImmutableSet<Command> commands) {

  /** The flag. */
  public String flag() {
    return "--" + name;
  }

  /** The environment variable. */
  public String variable() {
    return "BOREALIS_" + name.toUpperCase(Locale.ROOT).replace('-', '_');
  }

  /**
   * Reads a text.
   *
   * @param source where it came from, for the message
   * @throws ConfigException when it cannot be used
   */
  public T read(String text, String source) {
    T value;
    try {
      value = parser.parse(text.strip());
    } catch (MachineText.WrongPart wrong) {
      throw new ConfigException(
          "%s: '%s' (%s) is not %s: %s"
              .formatted(flag(), text, source, parser.what(), wrong.getMessage()));
    } catch (IllegalArgumentException | ArithmeticException unreadable) {
      throw new ConfigException(
          "%s: '%s' (%s) is not %s".formatted(flag(), text, source, parser.what()));
    }
    if (!allowed.test(value)) {
      throw new ConfigException("%s: '%s' (%s) %s".formatted(flag(), text, source, rule));
    }
    return value;
  }
}
