package io.borealis.scheduler.task;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import com.google.common.collect.Iterables;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskEvent;
import io.borealis.scheduler.task.TaskLifecycle.Result;
import java.util.List;
import org.junit.Test;

/** The worked cases of task rules, section 3.5, and more of their kind, as a table. */
public class CompoundTransitionsTest {
  /** Where a service has been; what is asked; the answer; its history then; successor; kills. */
  private static final String TABLE =
      """
      RUNNING RESTARTING             | PARTITIONED | SUCCESS | RUNNING RESTARTING PARTITIONED LOST | 1 | 1
      RUNNING DRAINING               | PARTITIONED | SUCCESS | RUNNING DRAINING PARTITIONED LOST | 1 | 1
      RUNNING PREEMPTING             | PARTITIONED | SUCCESS | RUNNING PREEMPTING PARTITIONED LOST | 1 | 1
      RUNNING KILLING                | PARTITIONED | SUCCESS | RUNNING KILLING PARTITIONED LOST | 0 | 1
      RUNNING PARTITIONED            | KILLING | SUCCESS | RUNNING PARTITIONED KILLING LOST | 0 | 0
      RUNNING PARTITIONED            | RESTARTING | SUCCESS | RUNNING PARTITIONED RESTARTING LOST | 1 | 1
      RUNNING PARTITIONED            | DRAINING | SUCCESS | RUNNING PARTITIONED DRAINING LOST | 1 | 1
      RUNNING PARTITIONED            | PREEMPTING | SUCCESS | RUNNING PARTITIONED PREEMPTING LOST | 1 | 1
      RUNNING PARTITIONED            | LOST | SUCCESS | RUNNING PARTITIONED LOST | 1 | 1
      RUNNING PARTITIONED KILLING LOST | RUNNING | ILLEGAL_WITH_SIDE_EFFECTS | RUNNING PARTITIONED KILLING LOST | 0 | 1
      RUNNING LOST                   | RUNNING | ILLEGAL_WITH_SIDE_EFFECTS | RUNNING LOST | 0 | 1
      RUNNING LOST                   | KILLED | ILLEGAL | RUNNING LOST | 0 | 0
      PENDING                        | KILLING | SUCCESS | - | 0 | 0
      THROTTLED                      | KILLING | SUCCESS | - | 0 | 0
      PENDING                        | PREEMPTING | ILLEGAL | PENDING | 0 | 0
      PENDING                        | RESTARTING | ILLEGAL | PENDING | 0 | 0
      PENDING                        | DRAINING | ILLEGAL | PENDING | 0 | 0
      RUNNING                        | KILLED | SUCCESS | RUNNING KILLED | 1 | 0
      RUNNING KILLING                | KILLED | SUCCESS | RUNNING KILLING KILLED | 0 | 0
      RUNNING RESTARTING             | KILLING | SUCCESS | RUNNING RESTARTING KILLING | 0 | 0
      RUNNING KILLING                | RUNNING | ILLEGAL_WITH_SIDE_EFFECTS | RUNNING KILLING | 0 | 1
      ASSIGNED                       | PARTITIONED | ILLEGAL | ASSIGNED | 0 | 0
      ASSIGNED                       | LOST | SUCCESS | ASSIGNED LOST | 1 | 1
      RUNNING PARTITIONED            | KILLED | ILLEGAL | RUNNING PARTITIONED | 0 | 0
      RUNNING PARTITIONED            | FINISHED | SUCCESS | RUNNING PARTITIONED FINISHED | 0 | 0
      """;

  @Test
  public void everyCaseGoesAsTheTableSays() {
    List<String> rows = Splitter.on('\n').omitEmptyStrings().splitToList(TABLE);
    assertThat(rows).hasSize(25);
    rows.forEach(CompoundTransitionsTest::play);
  }

  private static void play(String row) {
    List<String> cells = Splitter.on('|').trimResults().splitToList(row);
    TestTasks tasks = new TestTasks();
    String id = tasks.have(TestTasks.service(), statuses(cells.get(0)));
    Result result = tasks.change(id, ScheduleStatus.valueOf(cells.get(1)));
    assertThat(result).as(row).isEqualTo(Result.valueOf(cells.get(2)));
    ScheduledTask after = tasks.find(id);
    if (cells.get(3).equals("-")) {
      assertThat(after).as(row).isNull();
    } else {
      assertThat(tasks.history(id)).as(row).containsExactly(statuses(cells.get(3)));
      TaskEvent last = Iterables.getLast(tasks.task(id).taskEvents());
      assertThat(tasks.task(id).status()).as(row).isEqualTo(last.status());
    }
    assertThat(tasks.successors(id)).as(row).hasSize(Integer.parseInt(cells.get(4)));
    assertThat(tasks.killed).as(row).hasSize(Integer.parseInt(cells.get(5)));
  }

  private static ScheduleStatus[] statuses(String cell) {
    return Splitter.on(' ')
        .splitToStream(cell)
        .map(ScheduleStatus::valueOf)
        .toArray(ScheduleStatus[]::new);
  }

  @Test
  public void whatWasDeletedCannotBeKilledAgain() {
    TestTasks tasks = new TestTasks();
    String id = tasks.have(TestTasks.service(), ScheduleStatus.PENDING);
    assertThat(tasks.change(id, ScheduleStatus.KILLING)).isEqualTo(Result.SUCCESS);
    assertThat(tasks.change(id, ScheduleStatus.KILLING)).isEqualTo(Result.ILLEGAL);
  }
}
