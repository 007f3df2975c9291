package io.borealis.scheduler.cron;

import com.google.common.base.CharMatcher;
import com.google.common.base.Joiner;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import java.text.ParseException;
import java.time.Month;
import java.util.Date;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.TimeZone;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.quartz.CronExpression;

/**
 * A schedule of five fields (RPC rules, section 11.1). Two that match the same minutes are equal,
 * however they are written. Immutable.
 */
public final class CronSchedule {
  private static final CharMatcher BLANK = CharMatcher.anyOf(" \t\n\u000b\f\r");
  private static final Splitter FIELDS = Splitter.on(BLANK).omitEmptyStrings();

  /** Longer texts are no schedules; every schedule can be written in far less. */
  private static final int MAX_LENGTH = 4096;

  private final ImmutableMap<CronField, Long> fields;

  /** For each month its days. */
  private final ImmutableList<Long> days;

  private final CronExpression arithmetic;

  private CronSchedule(ImmutableMap<CronField, Long> fields) {
    this.fields = fields;
    this.days = daysOf(values(CronField.DAY_OF_MONTH), values(CronField.MONTH));
    this.arithmetic = arithmeticOf(this);
  }

  /**
   * Reads a schedule.
   *
   * @throws IllegalArgumentException {@code Invalid cron schedule: …} when it is none
   */
  public static CronSchedule parse(String text) {
    if (text.length() <= MAX_LENGTH && BLANK.trimFrom(text).equals(text)) {
      List<String> parts = FIELDS.splitToList(text);
      if (parts.size() == CronField.values().length) {
        try {
          Iterator<String> next = parts.iterator();
          EnumMap<CronField, Long> values = new EnumMap<>(CronField.class);
          for (CronField field : CronField.values()) {
            values.put(field, field.read(next.next()));
          }
          CronSchedule schedule = new CronSchedule(Maps.immutableEnumMap(values));
          if (schedule.isFull(CronField.DAY_OF_MONTH) || schedule.isFull(CronField.DAY_OF_WEEK)) {
            return schedule;
          }
        } catch (IllegalArgumentException invalid) {
          throw invalid(text, invalid);
        }
      }
    }
    throw invalid(text, null);
  }

  private static IllegalArgumentException invalid(String text, @Nullable Exception cause) {
    return new IllegalArgumentException("Invalid cron schedule: " + text, cause);
  }

  private static ImmutableList<Long> daysOf(long ofMonth, long months) {
    ImmutableList.Builder<Long> days = ImmutableList.builder();
    for (Month month : Month.values()) {
      boolean there = (months >>> month.getValue() & 1) != 0;
      days.add(there ? ofMonth & ((2L << month.maxLength()) - 1) : 0L);
    }
    return days.build();
  }

  /** The library counts the days of the week from 1 and wants a question mark for one kind. */
  private static CronExpression arithmeticOf(CronSchedule schedule) {
    boolean byWeek = !schedule.isFull(CronField.DAY_OF_WEEK);
    String text =
        Joiner.on(' ')
            .join(
                "0",
                schedule.list(CronField.MINUTE, 0),
                schedule.list(CronField.HOUR, 0),
                byWeek ? "?" : schedule.list(CronField.DAY_OF_MONTH, 0),
                schedule.list(CronField.MONTH, 0),
                byWeek ? schedule.list(CronField.DAY_OF_WEEK, 1) : "?");
    try {
      CronExpression expression = new CronExpression(text);
      expression.setTimeZone(TimeZone.getTimeZone("UTC"));
      return expression;
    } catch (ParseException unexpected) {
      throw new IllegalStateException("Not understood: " + text, unexpected);
    }
  }

  private String list(CronField field, int offset) {
    return isFull(field)
        ? "*"
        : field
            .values(values(field))
            .mapToObj(value -> Long.toString(value + offset))
            .collect(Collectors.joining(","));
  }

  private long values(CronField field) {
    Long values = fields.get(field);
    return values == null ? 0 : values;
  }

  private boolean isFull(CronField field) {
    return values(field) == field.all();
  }

  /** Whether it matches at least one day of some year. */
  public boolean everFires() {
    return days.stream().anyMatch(month -> month != 0);
  }

  /** Whether it matches in every hour of a day, so that it counts hours and not times of day. */
  boolean isHourly() {
    return isFull(CronField.HOUR);
  }

  /**
   * The first matching minute after a local time, both as if the clocks of the place showed UTC, in
   * ms; null when there is none.
   */
  @SuppressWarnings("JavaUtilDate") // The library knows no other.
  @Nullable Long nextLocal(long localMs) {
    Date next = everFires() ? arithmetic.getTimeAfter(new Date(localMs)) : null;
    return next == null ? null : next.getTime();
  }

  /** What is matched: minutes, hours, days of each month, days of the week. */
  private ImmutableList<Object> matched() {
    return ImmutableList.of(
        values(CronField.MINUTE), values(CronField.HOUR), days, values(CronField.DAY_OF_WEEK));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof CronSchedule schedule && matched().equals(schedule.matched());
  }

  @Override
  public int hashCode() {
    return matched().hashCode();
  }

  /** The canonical text: each field {@code *} or sorted values and ranges. */
  @Override
  public String toString() {
    ImmutableList.Builder<String> parts = ImmutableList.builder();
    for (CronField field : CronField.values()) {
      parts.add(field.write(values(field)));
    }
    return Joiner.on(' ').join(parts.build());
  }
}
