package io.borealis.scheduler.cron;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import io.borealis.api.JobConfiguration;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/** Timetables in the time zone of the cluster; those in use are kept. Thread-safe. */
public final class CronTimetables {
  private static final int KEPT = 20_000;

  private final ZoneId zone;
  private final Cache<String, CronTimetable> known =
      CacheBuilder.newBuilder().maximumSize(KEPT).build();

  public CronTimetables(ZoneId zone) {
    this.zone = zone;
  }

  /**
   * The timetable of a schedule.
   *
   * @throws IllegalArgumentException {@code Invalid cron schedule: …} when it is none
   */
  public CronTimetable of(String schedule) {
    CronTimetable timetable = known.getIfPresent(schedule);
    if (timetable == null) {
      timetable = new CronTimetable(CronSchedule.parse(schedule), zone);
      known.put(schedule, timetable);
    }
    return timetable;
  }

  /** The timetable of a stored job; null when its schedule is none. */
  public @Nullable CronTimetable find(JobConfiguration template) {
    try {
      return of(String.valueOf(template.cronSchedule()));
    } catch (IllegalArgumentException invalid) {
      return null;
    }
  }

  /** The next run of a stored job after this instant; null when there is none. */
  public @Nullable Long nextRunMs(JobConfiguration template, long afterMs) {
    CronTimetable timetable = find(template);
    return timetable == null ? null : timetable.next(afterMs);
  }
}
