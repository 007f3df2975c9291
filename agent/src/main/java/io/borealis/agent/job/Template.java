package io.borealis.agent.job;

import com.google.common.collect.ImmutableList;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds references in texts. One stands in double braces, without further braces in between; with
 * an ampersand behind the opening ones it is a text that only looks like one. Pure.
 */
final class Template {
  /** What every text with a reference contains. */
  static final String OPEN = "{{";

  private static final Pattern BRACES = Pattern.compile("\\{\\{(&?+)([^{}]++)\\}\\}");

  private Template() {}

  /** What is to stand in the place of a reference; null leaves it. */
  interface Replacement {
    @Nullable String of(Reference reference) throws InvalidTaskException;
  }

  /**
   * The text with every reference replaced once, or null if none was.
   *
   * @throws InvalidTaskException if something in braces is no reference
   */
  static @Nullable String replace(String text, Place place, Replacement replacement)
      throws InvalidTaskException {
    if (!text.contains(OPEN)) {
      return null;
    }
    Matcher braces = BRACES.matcher(text);
    StringBuilder replaced = new StringBuilder();
    int copied = 0;
    boolean any = false;
    while (braces.find()) {
      Optional<Reference> reference = reference(braces, place);
      String value = reference.isPresent() ? replacement.of(reference.get()) : null;
      if (value != null) {
        replaced.append(text, copied, braces.start()).append(value);
        copied = braces.end();
        any = true;
      }
    }
    return any ? replaced.append(text, copied, text.length()).toString() : null;
  }

  /** The references of a text. */
  static ImmutableList<Reference> references(String text, Place place) throws InvalidTaskException {
    ImmutableList.Builder<Reference> references = ImmutableList.builder();
    if (text.contains(OPEN)) {
      Matcher braces = BRACES.matcher(text);
      while (braces.find()) {
        reference(braces, place).ifPresent(references::add);
      }
    }
    return references.build();
  }

  /** The text with what only looks like a reference as it shall look. */
  static String unescape(String text) {
    return text.contains(OPEN)
        ? BRACES
            .matcher(text)
            .replaceAll(
                braces ->
                    Matcher.quoteReplacement(
                        braces.group(1).isEmpty() ? braces.group() : OPEN + braces.group(2) + "}}"))
        : text;
  }

  private static Optional<Reference> reference(MatchResult braces, Place place)
      throws InvalidTaskException {
    if (!braces.group(1).isEmpty()) {
      return Optional.empty();
    }
    Optional<Reference> reference = Reference.parse(braces.group(2));
    if (reference.isEmpty()) {
      throw place.invalid(
          Place.quoted(braces.group())
              + " is no reference; as a text it has to begin with '{{&' instead of '{{'");
    }
    return reference;
  }
}
