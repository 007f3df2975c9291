package io.borealis.scheduler.cron;

import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** A schedule made from a seed, with what it means by its making. */
record RandomSchedule(
    String text,
    Set<Integer> minutes,
    Set<Integer> hours,
    Set<Integer> days,
    Set<Integer> months,
    Set<Integer> weekdays) {
  static RandomSchedule of(long seed) {
    Random random = new Random(seed);
    List<String> texts = new ArrayList<>();
    Set<Integer> minutes = field(random, 0, 59, 4, texts);
    Set<Integer> hours = field(random, 0, 23, 3, texts);
    int restricted = random.nextInt(4);
    Set<Integer> days = restricted == 0 ? field(random, 1, 31, 9, texts) : all(1, 31, texts);
    Set<Integer> months = field(random, 1, 12, 2, texts);
    Set<Integer> weekdays = restricted == 1 ? field(random, 0, 6, 9, texts) : all(0, 6, texts);
    return new RandomSchedule(String.join(" ", texts), minutes, hours, days, months, weekdays);
  }

  private static Set<Integer> all(int first, int last, List<String> texts) {
    Set<Integer> values = new TreeSet<>();
    add(values, first, last, 1);
    texts.add("*");
    return values;
  }

  /** Every so-manieth field is a full one. */
  private static Set<Integer> field(
      Random random, int first, int last, int full, List<String> texts) {
    if (random.nextInt(full) == 0) {
      return all(first, last, texts);
    }
    Set<Integer> values = new TreeSet<>();
    List<String> items = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      int from = first + random.nextInt(last - first + 1);
      int to = from + random.nextInt(last - from + 1);
      switch (random.nextInt(5)) {
        case 0 -> {
          int step = 1 + random.nextInt(last + 9);
          items.add("*/" + step);
          add(values, first, last, step);
        }
        case 1 -> {
          items.add(from + "-" + to);
          add(values, from, to, 1);
        }
        case 2 -> {
          int step = to < 2 ? 0 : 1 + random.nextInt(to - 1);
          items.add(from + "-" + to + (step == 0 ? "" : "/" + step));
          add(values, from, to, Math.max(1, step));
        }
        default -> {
          items.add(Integer.toString(from));
          values.add(from);
        }
      }
    }
    texts.add(String.join(",", items));
    return values;
  }

  private static void add(Set<Integer> values, int from, int to, int step) {
    for (int value = from; value <= to; value += step) {
      values.add(value);
    }
  }

  boolean matches(LocalDateTime time) {
    return minutes.contains(time.getMinute())
        && hours.contains(time.getHour())
        && days.contains(time.getDayOfMonth())
        && months.contains(time.getMonthValue())
        && weekdays.contains(time.getDayOfWeek().getValue() % 7);
  }
}
