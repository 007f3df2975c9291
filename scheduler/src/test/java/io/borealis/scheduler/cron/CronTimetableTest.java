package io.borealis.scheduler.cron;

import static org.assertj.core.api.Assertions.assertThat;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.Test;

/** When schedules fire, held against another library and against a walk over every minute. */
public class CronTimetableTest {
  private static final CronParser OTHER =
      new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));

  private static CronTimetable timetable(String schedule, String zone) {
    return new CronTimetable(CronSchedule.parse(schedule), ZoneId.of(zone));
  }

  /** The next instants as the zone's clocks show them, with their offsets. */
  private static List<String> next(String schedule, String zone, String after, int count) {
    CronTimetable timetable = timetable(schedule, zone);
    List<String> shown = new ArrayList<>();
    long at =
        ZonedDateTime.of(LocalDateTime.parse(after), ZoneId.of(zone)).toInstant().toEpochMilli();
    for (int i = 0; i < count; i++) {
      at = timetable.next(at);
      String text = Instant.ofEpochMilli(at).atZone(ZoneId.of(zone)).toOffsetDateTime().toString();
      shown.add(text.substring(5));
    }
    return shown;
  }

  @Test
  public void anotherLibraryFindsTheSameInstants() {
    Random random = new Random(7);
    int found = 0;
    for (int seed = 0; seed < 2000; seed++) {
      RandomSchedule made = RandomSchedule.of(seed);
      CronSchedule schedule = CronSchedule.parse(made.text());
      CronTimetable timetable = new CronTimetable(schedule, ZoneOffset.UTC);
      if (!schedule.everFires()) {
        continue;
      }
      ExecutionTime other = ExecutionTime.forCron(OTHER.parse(schedule.toString()));
      ZonedDateTime after =
          Instant.ofEpochSecond(1_600_000_000L + random.nextInt(300_000_000))
              .atZone(ZoneOffset.UTC);
      for (int i = 0; i < 3; i++) {
        ZonedDateTime expected = other.nextExecution(after).orElseThrow();
        Long next = timetable.next(after.toInstant().toEpochMilli());
        assertThat(next).as("%s after %s", made.text(), after).isNotNull();
        assertThat(Instant.ofEpochMilli(next).atZone(ZoneOffset.UTC))
            .as("seed %d: %s after %s", seed, made.text(), after)
            .isEqualTo(expected);
        after = expected;
        found++;
      }
    }
    assertThat(found).isGreaterThan(5_000);
  }

  /** Around changes of clocks of an hour, of half an hour, at midnight and of a whole day. */
  @Test
  public void whereClocksChangeAWalkOverEveryMinuteFindsTheSameInstants() {
    String[][] changes = {
      {"Europe/Berlin", "2026-03-28T20:00"},
      {"Europe/Berlin", "2026-10-24T20:00"},
      {"America/New_York", "2026-03-07T20:00"},
      {"America/New_York", "2026-10-31T20:00"},
      {"Australia/Lord_Howe", "2026-04-04T20:00"},
      {"Australia/Lord_Howe", "2026-10-03T20:00"},
      {"America/Sao_Paulo", "2018-11-03T20:00"},
      {"America/Sao_Paulo", "2018-02-17T20:00"},
      {"Pacific/Apia", "2011-12-29T12:00"},
      {"Asia/Kathmandu", "2026-01-01T00:00"},
    };
    int found = 0;
    for (String[] change : changes) {
      ZoneId zone = ZoneId.of(change[0]);
      LocalDateTime start = LocalDateTime.parse(change[1]);
      for (int seed = 0; seed < 150; seed++) {
        RandomSchedule made = RandomSchedule.of(seed);
        Set<Long> expected = walk(made, zone, start);
        found += expected.size();
        CronTimetable timetable = new CronTimetable(CronSchedule.parse(made.text()), zone);
        List<Long> actual = new ArrayList<>();
        long from = start.atZone(zone).toInstant().toEpochMilli() - 1;
        long until = start.plusHours(40).atZone(zone).toInstant().toEpochMilli();
        Long next = timetable.next(from);
        while (next != null && next < until) {
          actual.add(next);
          next = timetable.next(next);
        }
        assertThat(actual).as("%s in %s", made.text(), zone).containsExactlyElementsOf(expected);
      }
    }
    assertThat(found).isGreaterThan(10_000);
  }

  private static Set<Long> walk(RandomSchedule made, ZoneId zone, LocalDateTime start) {
    Set<Long> instants = new TreeSet<>();
    LocalDateTime end = start.plusHours(40);
    if (made.hours().size() == 24) {
      Instant until = end.atZone(zone).toInstant();
      for (Instant at = start.atZone(zone).toInstant();
          at.isBefore(until);
          at = at.plusSeconds(60)) {
        if (made.matches(LocalDateTime.ofInstant(at, zone))) {
          instants.add(at.toEpochMilli());
        }
      }
      return instants;
    }
    for (LocalDateTime at = start; at.isBefore(end); at = at.plusMinutes(1)) {
      if (made.matches(at)) {
        boolean skipped = zone.getRules().getValidOffsets(at).isEmpty();
        Instant instant =
            skipped
                ? zone.getRules().getTransition(at).getInstant()
                : at.toInstant(zone.getRules().getValidOffsets(at).get(0));
        instants.add(instant.toEpochMilli());
      }
    }
    return instants;
  }

  @Test
  public void aTimeOfDayThatIsSkippedFiresWhenClocksHaveJumped() {
    assertThat(next("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00", 2))
        .containsExactly("03-29T03:00+02:00", "03-30T02:30+02:00");
    assertThat(next("*/15 2,3 * * *", "Europe/Berlin", "2026-03-28T12:00", 3))
        .containsExactly("03-29T03:00+02:00", "03-29T03:15+02:00", "03-29T03:30+02:00");
    assertThat(next("30 2 * * *", "America/New_York", "2026-03-07T12:00", 2))
        .containsExactly("03-08T03:00-04:00", "03-09T02:30-04:00");
    assertThat(next("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00", 2))
        .containsExactly("10-04T02:30+11:00", "10-05T02:15+11:00");
    assertThat(next("0 0 * * *", "America/Sao_Paulo", "2018-11-03T12:00", 2))
        .containsExactly("11-04T01:00-02:00", "11-05T00:00-02:00");
  }

  @Test
  public void aTimeOfDayThatComesTwiceFiresTheFirstTime() {
    assertThat(next("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00", 2))
        .containsExactly("10-25T02:30+02:00", "10-26T02:30+01:00");
    assertThat(next("30 1 * * *", "America/New_York", "2026-10-31T12:00", 2))
        .containsExactly("11-01T01:30-04:00", "11-02T01:30-05:00");
    assertThat(next("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T12:00", 2))
        .containsExactly("04-05T01:45+11:00", "04-06T01:45+10:30");
  }

  @Test
  public void schedulesOfEveryHourGoOnWithTheClock() {
    assertThat(next("30 * * * *", "Europe/Berlin", "2026-03-29T01:00", 2))
        .containsExactly("03-29T01:30+01:00", "03-29T03:30+02:00");
    assertThat(next("30 * * * *", "Europe/Berlin", "2026-10-25T01:45", 3))
        .containsExactly("10-25T02:30+02:00", "10-25T02:30+01:00", "10-25T03:30+01:00");
    assertThat(next("*/20 * * * *", "Australia/Lord_Howe", "2026-04-05T01:20", 4))
        .containsExactly(
            "04-05T01:40+11:00", "04-05T01:40+10:30", "04-05T02:00+10:30", "04-05T02:20+10:30");
  }

  @Test
  public void theNextInstantIsStrictlyLater() {
    CronTimetable timetable = timetable("* * * * *", "GMT");

    assertThat(timetable.next(59_999)).isEqualTo(60_000);
    assertThat(timetable.next(60_000)).isEqualTo(120_000);
    assertThat(timetable.next(60_001)).isEqualTo(120_000);
    assertThat(timetable.next(0)).isEqualTo(60_000);
  }

  @Test
  public void leapDaysComeEveryFourthYear() {
    assertThat(next("0 0 29 2 *", "GMT", "2026-01-01T00:00", 1)).containsExactly("02-29T00:00Z");
    assertThat(timetable("0 0 30 2 *", "GMT").next(0)).isNull();
  }

  @Test
  public void theNewestInstantIsTheLastThatHasPassed() {
    for (int seed = 0; seed < 300; seed++) {
      RandomSchedule made = RandomSchedule.of(seed);
      CronTimetable timetable = new CronTimetable(CronSchedule.parse(made.text()), ZoneOffset.UTC);
      long after = 1_700_000_000_000L + seed * 12_345_678L;
      long until = after + new Random(seed).nextInt(200_000_000);
      Long expected = null;
      for (Long at = timetable.next(after); at != null && at <= until; at = timetable.next(at)) {
        expected = at;
      }
      assertThat(timetable.newest(after, until)).as(made.text()).isEqualTo(expected);
    }
    assertThat(timetable("* * * * *", "GMT").newest(0, 60_000)).isEqualTo(60_000);
    assertThat(timetable("* * * * *", "GMT").newest(60_000, 119_999)).isNull();
    assertThat(timetable("* * * * *", "GMT").newest(0, 4_000_000_000_000L))
        .isEqualTo(3_999_999_960_000L);
    assertThat(timetable("* * * * *", "GMT").newest(100, 50)).isNull();
  }
}
