package io.borealis.scheduler.cron;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import org.jspecify.annotations.Nullable;

/**
 * The instants a schedule matches in a time zone. When clocks are changed, a schedule of every hour
 * goes on with the clock: it fires in both passes of a repeated hour and not in one that is left
 * out. Any other fires each of its times of day once: in the first pass, or as soon as clocks have
 * jumped over it. Thread-safe.
 */
public final class CronTimetable {
  private final CronSchedule schedule;
  private final ZoneRules rules;

  /** The last answer, which also answers for every instant before the next one. */
  private volatile @Nullable Answer last;

  private record Answer(long afterMs, @Nullable Long next) {
    boolean answers(long otherMs) {
      return otherMs >= afterMs && (next == null || otherMs < next);
    }
  }

  CronTimetable(CronSchedule schedule, ZoneId zone) {
    this.schedule = schedule;
    this.rules = zone.getRules();
  }

  /** The schedule. */
  public CronSchedule cronSchedule() {
    return schedule;
  }

  /** The first matched instant after this one, in ms; null when there is none. */
  public @Nullable Long next(long afterMs) {
    Answer known = last;
    if (known == null || !known.answers(afterMs)) {
      known = new Answer(afterMs, schedule.isHourly() ? nextHourly(afterMs) : nextDaily(afterMs));
      last = known;
    }
    return known.next;
  }

  /** The last matched instant after {@code afterMs} and up to {@code untilMs}; null for none. */
  public @Nullable Long newest(long afterMs, long untilMs) {
    Long next = next(afterMs);
    if (next == null || next > untilMs) {
      return null;
    }
    long newest = next;
    Long following = next(newest);
    if (following == null || following > untilMs) {
      return newest;
    }
    long from = following;
    newest = following;
    long to = untilMs;
    // Whether something follows within the time gets false once and stays so.
    while (from < to) {
      long middle = from + (to - from) / 2;
      Long found = next(middle);
      if (found != null && found <= untilMs) {
        newest = found;
        from = found;
      } else {
        to = middle;
      }
    }
    return newest;
  }

  /** Looks into one stretch of time after the other in which the clocks are not changed. */
  private @Nullable Long nextHourly(long afterMs) {
    Instant start = Instant.ofEpochMilli(afterMs);
    ZoneOffset offset = rules.getOffset(start);
    long local = afterMs + millis(offset);
    while (true) {
      Long next = schedule.nextLocal(local);
      if (next == null) {
        return null;
      }
      ZoneOffsetTransition change = rules.nextTransition(start);
      if (change == null || next - millis(offset) < change.getInstant().toEpochMilli()) {
        return next - millis(offset);
      }
      start = change.getInstant();
      offset = change.getOffsetAfter();
      local = start.toEpochMilli() + millis(offset) - 1;
    }
  }

  private @Nullable Long nextDaily(long afterMs) {
    Long local =
        schedule.nextLocal(afterMs + millis(rules.getOffset(Instant.ofEpochMilli(afterMs))));
    // What is repeated has been fired in the first pass.
    while (local != null && instantOf(local) <= afterMs) {
      local = schedule.nextLocal(local);
    }
    return local == null ? null : instantOf(local);
  }

  /** When clocks first show that time, or when they have jumped over it. */
  private long instantOf(long localMs) {
    LocalDateTime local =
        LocalDateTime.ofEpochSecond(Math.floorDiv(localMs, 1000), 0, ZoneOffset.UTC);
    ZoneOffsetTransition change = rules.getTransition(local);
    if (change != null && change.isGap()) {
      return change.toEpochSecond() * 1000;
    }
    return localMs - millis(change != null ? change.getOffsetBefore() : rules.getOffset(local));
  }

  private static long millis(ZoneOffset offset) {
    return offset.getTotalSeconds() * 1000L;
  }
}
