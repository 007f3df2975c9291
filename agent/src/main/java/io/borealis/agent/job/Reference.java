package io.borealis.agent.job;

import com.google.common.collect.ImmutableList;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The address of a value: names joined by dots, and indexes in brackets. Immutable.
 *
 * @param address as it was written
 */
record Reference(String address, ImmutableList<Part> parts) {
  /** A name or an index. */
  record Part(String text, boolean index) {}

  private static final Pattern PART =
      Pattern.compile("\\.([\\p{L}_][\\p{L}\\p{Nd}_]*+)|\\[([\\p{L}\\p{Nd}_\\-./]++)\\]");

  /** Reads an address; empty if it is none. */
  static Optional<Reference> parse(String address) {
    String rest = "." + address;
    Matcher part = PART.matcher(rest);
    ImmutableList.Builder<Part> parts = ImmutableList.builder();
    int at = 0;
    while (at < rest.length()) {
      if (!part.find() || part.start() != at) {
        return Optional.empty();
      }
      boolean index = part.group(2) != null;
      parts.add(new Part(index ? part.group(2) : part.group(1), index));
      at = part.end();
    }
    return Optional.of(new Reference(address, parts.build()));
  }

  /** Whether it begins with these names. */
  boolean isBelow(String... names) {
    if (parts.size() < names.length) {
      return false;
    }
    for (int i = 0; i < names.length; i++) {
      if (parts.get(i).index() || !parts.get(i).text().equals(names[i])) {
        return false;
      }
    }
    return true;
  }

  /** As it stands in a text. */
  @Override
  public String toString() {
    return "{{" + address + "}}";
  }
}
