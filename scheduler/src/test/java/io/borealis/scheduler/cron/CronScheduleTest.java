package io.borealis.scheduler.cron;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableMap;
import java.util.List;
import org.junit.Test;

/** The dialect of schedules (RPC rules, section 11.1). */
public class CronScheduleTest {
  private static final ImmutableMap<String, String> CANONICAL =
      ImmutableMap.<String, String>builder()
          .put("* * * * *", "* * * * *")
          .put("0 0 1 1 *", "0 0 1 1 *")
          .put("0  0\t1 \n 1  *", "0 0 1 1 *")
          .put("007 023 * * *", "7 23 * * *")
          .put("0-59 0-23 1-31 1-12 0-6", "* * * * *")
          .put("0,1-57,58 * * * *", "0-58 * * * *")
          .put("0,1-57,58,59 * * * *", "* * * * *")
          .put("3,2,1 * * * *", "1-3 * * * *")
          .put("5,1,3 * * * *", "1,3,5 * * * *")
          .put("1,,2, * * * *", "1-2 * * * *")
          .put(",1 * * * *", "1 * * * *")
          .put("*/15 */2 * * *", "0,15,30,45 0,2,4,6,8,10,12,14,16,18,20,22 * * *")
          .put("*/1 * * * *", "* * * * *")
          .put("*/60 * * * *", "0 * * * *")
          .put("*/99999 * */40 * *", "0 * 1 * *")
          .put("1-30/5 * * * *", "1,6,11,16,21,26 * * * *")
          .put("0-59/58 * * * *", "0,58 * * * *")
          .put("7-7 * * * *", "7 * * * *")
          .put("0 0 * * mon-fri", "0 0 * * 1-5")
          .put("0 0 * * Sun,SAT", "0 0 * * 0,6")
          .put("0 0 1 jan,Mar-DEC/2 *", "0 0 1 1,3,5,7,9,11 *")
          .put("0 0 * */feb *", "0 0 * 1,3,5,7,9,11 *")
          .put("0 0 1 janfeb *", "0 0 1 12 *")
          .put("0 0 1-31 * 3", "0 0 * * 3")
          .put("0 0 13 * 0-6", "0 0 13 * *")
          .put("0 0 * * SUN-SAT", "0 0 * * *")
          .build();

  private static final List<String> INVALID =
      List.of(
          "",
          " ",
          "bogus",
          "* * * *",
          "* * * * * *",
          " * * * * *",
          "* * * * * ",
          "\t* * * * *",
          "60 * * * *",
          "-1 * * * *",
          "0 24 * * *",
          "0 0 0 * *",
          "0 0 32 * *",
          "0 0 1 0 *",
          "0 0 1 13 *",
          "0 0 * * 7",
          "0 0 * * 8",
          "30-1 * * * *",
          "0 0 * * MON-SUN",
          "0 0 * * FRI-MON",
          "*/0 * * * *",
          "*/-1 * * * *",
          "*/ * * * *",
          "*/x * * * *",
          "5/10 * * * *",
          "0-59/0 * * * *",
          "0-59/59 * * * *",
          "0-59/60 * * * *",
          "0-0/1 * * * *",
          "0-60 * * * *",
          "1- * * * *",
          "-5 * * * *",
          "1-2-3 * * * *",
          "*-5 * * * *",
          "1/2/3 * * * *",
          "*/2/3 * * * *",
          ", * * * *",
          "* ,,, * * *",
          "* * * * ,",
          "@daily",
          "@reboot",
          "0 0 ? * 1",
          "0 0 L * *",
          "0 0 15W * *",
          "0 0 * * 1#2",
          "0 0 1 * 1",
          "0 0 1-30 * MON",
          "0 0 * * MONDAY",
          "0 0 1 january *",
          "MON * * * *",
          "0 0 * * JAN",
          "0 0 1 MON *",
          "+1 * * * *",
          "1.5 * * * *",
          "٣ * * * *",
          "99999999999 * * * *",
          "*/99999999999 * * * *",
          "** * * * *",
          "* * * * *\u00a0",
          "0\u00a00\u00a01 1 *");

  @Test
  public void schedulesHaveACanonicalForm() {
    CANONICAL.forEach(
        (text, canonical) -> {
          CronSchedule schedule = CronSchedule.parse(text);
          assertThat(schedule.toString()).as(text).isEqualTo(canonical);
          assertThat(CronSchedule.parse(canonical)).as(text).isEqualTo(schedule);
          assertThat(CronSchedule.parse(canonical)).as(text).hasSameHashCodeAs(schedule);
        });
  }

  @Test
  public void whatIsNoScheduleIsRefusedWithItsText() {
    for (String text : INVALID) {
      assertThatThrownBy(() -> CronSchedule.parse(text))
          .as("<%s>", text)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Invalid cron schedule: " + text);
    }
  }

  @Test
  public void hugeTextsAreRefusedAtOnce() {
    assertThatThrownBy(() -> CronSchedule.parse("0,".repeat(1_000_000) + "0 * * * *"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  public void schedulesThatMatchTheSameMinutesAreEqual() {
    assertEqual("*/15 * * * *", "0,15,30,45 * * * *");
    assertEqual("0 0 31 * *", "0 0 31 1,3,5,7,8,10,12 *");
    assertEqual("0 0 30,31 2,4 *", "0 0 30 4 *");
    assertEqual("0 0 29,30 2 *", "0 0 29 2 *");
    assertThat(CronSchedule.parse("0 0 29 2 *")).isNotEqualTo(CronSchedule.parse("0 0 28 2 *"));
    assertThat(CronSchedule.parse("0 0 * * 1")).isNotEqualTo(CronSchedule.parse("0 0 * * *"));
    assertThat(CronSchedule.parse("0 1 * * *")).isNotEqualTo(CronSchedule.parse("1 0 * * *"));
  }

  private static void assertEqual(String one, String other) {
    assertThat(CronSchedule.parse(one)).isEqualTo(CronSchedule.parse(other));
    assertThat(CronSchedule.parse(one)).hasSameHashCodeAs(CronSchedule.parse(other));
  }

  @Test
  public void onlyDaysThatNeverComeNeverFire() {
    assertThat(CronSchedule.parse("0 0 30 2 *").everFires()).isFalse();
    assertThat(CronSchedule.parse("0 0 31 2,4,6,9,11 *").everFires()).isFalse();
    assertThat(CronSchedule.parse("0 0 29 2 *").everFires()).isTrue();
    assertThat(CronSchedule.parse("0 0 31 2,4,5 *").everFires()).isTrue();
    assertThat(CronSchedule.parse("0 0 * 2 1").everFires()).isTrue();
    assertThat(CronSchedule.parse("0 0 30 2 *").nextLocal(0)).isNull();
  }
}
