package io.borealis.agent.observer;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A part of a file. Immutable.
 *
 * @param start the first byte
 * @param length how many; 0 for a range that lies behind the end
 */
record ByteRange(long start, long length) {
  private static final Pattern HEADER = Pattern.compile("bytes=\\s*(\\d*)\\s*-\\s*(\\d*)\\s*");
  private static final int MAX_DIGITS = 18;

  /**
   * What a {@code Range} header asks for of a file; empty if it asks for nothing that is understood
   * here, such as several ranges: the whole file is then a right answer.
   */
  static Optional<ByteRange> parse(@Nullable String header, long size) {
    Matcher range = HEADER.matcher(header == null ? "" : header.trim());
    if (!range.matches() || (range.group(1).isEmpty() && range.group(2).isEmpty())) {
      return Optional.empty();
    }
    if (range.group(1).isEmpty()) {
      long count = Math.min(number(range.group(2)), size);
      return Optional.of(new ByteRange(size - count, count));
    }
    long first = number(range.group(1));
    long last = range.group(2).isEmpty() ? Long.MAX_VALUE : number(range.group(2));
    if (last < first) {
      return Optional.empty();
    }
    return Optional.of(
        new ByteRange(first, first >= size ? 0 : Math.min(last, size - 1) - first + 1));
  }

  private static long number(String digits) {
    return digits.length() > MAX_DIGITS ? Long.MAX_VALUE : Long.parseLong(digits);
  }
}
