package io.borealis.scheduler.cron;

import com.google.common.base.Ascii;
import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The kinds of fields of a schedule and how they are read and written (RPC rules, section 11.1). A
 * field's values are the bits of a long. Stateless.
 */
enum CronField {
  MINUTE(0, 59, ImmutableList.of()),
  HOUR(0, 23, ImmutableList.of()),
  DAY_OF_MONTH(1, 31, ImmutableList.of()),
  MONTH(
      1,
      12,
      ImmutableList.of(
          "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")),
  DAY_OF_WEEK(0, 6, ImmutableList.of("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"));

  private static final Splitter ITEMS = Splitter.on(',').omitEmptyStrings();
  private static final CharMatcher DIGITS = CharMatcher.inRange('0', '9');

  private final int first;
  private final int last;
  private final ImmutableList<String> names;

  CronField(int first, int last, ImmutableList<String> names) {
    this.first = first;
    this.last = last;
    this.names = names;
  }

  /** Every value. */
  long all() {
    return bits(first, last, 1);
  }

  /**
   * The values the text stands for.
   *
   * @throws IllegalArgumentException when it is no such field
   */
  long read(String text) {
    long values = 0;
    for (String item : ITEMS.split(text)) {
      values |= item(named(item));
    }
    require(values != 0);
    return values;
  }

  /** Names are replaced wherever they are, so that they work in ranges and steps too. */
  private String named(String item) {
    String text = Ascii.toUpperCase(item);
    for (int i = 0; i < names.size(); i++) {
      text = text.replace(names.get(i), Integer.toString(first + i));
    }
    return text;
  }

  private long item(String item) {
    int slash = item.indexOf('/');
    String range = slash < 0 ? item : item.substring(0, slash);
    int dash = range.indexOf('-');
    int step = slash < 0 ? 1 : number(item.substring(slash + 1));
    require(step > 0);
    if (range.equals("*")) {
      return bits(first, last, step);
    } else if (dash < 0) {
      require(slash < 0);
      int value = value(range);
      return bits(value, value, 1);
    }
    int from = value(range.substring(0, dash));
    int to = value(range.substring(dash + 1));
    // A step is held against the end of the range itself.
    require(from <= to && (slash < 0 || step < to));
    return bits(from, to, step);
  }

  private int value(String text) {
    int value = number(text);
    require(value >= first && value <= last);
    return value;
  }

  private static int number(String text) {
    require(!text.isEmpty() && DIGITS.matchesAllOf(text));
    return Integer.parseInt(text);
  }

  private static void require(boolean valid) {
    if (!valid) {
      throw new IllegalArgumentException("Not a field of a schedule");
    }
  }

  private static long bits(int from, int to, int step) {
    long bits = 0;
    for (long value = from; value <= to; value += step) {
      bits |= 1L << value;
    }
    return bits;
  }

  /** The canonical text: {@code *}, or values and ranges in order. */
  String write(long values) {
    if (values == all()) {
      return "*";
    }
    List<String> parts = new ArrayList<>();
    int from = first;
    while (from <= last) {
      if (has(values, from)) {
        int to = from;
        while (has(values, to + 1)) {
          to++;
        }
        parts.add(from == to ? Integer.toString(from) : from + "-" + to);
        from = to;
      }
      from++;
    }
    return String.join(",", parts);
  }

  /** The values one by one. */
  LongStream values(long values) {
    return LongStream.rangeClosed(first, last).filter(value -> has(values, (int) value));
  }

  private static boolean has(long values, int value) {
    return (values >>> value & 1) != 0;
  }
}
