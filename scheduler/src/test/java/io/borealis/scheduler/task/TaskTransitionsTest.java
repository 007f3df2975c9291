package io.borealis.scheduler.task;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableTable;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.scheduler.task.TaskLifecycle.Result;
import io.borealis.scheduler.task.TaskStateMachine.Node;
import io.borealis.scheduler.task.TransitionTable.Cell;
import io.borealis.scheduler.task.TransitionTable.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.Test;

/** What each cell of the table does to a stored task: task rules, sections 3.1 to 3.4. */
public class TaskTransitionsTest {
  private static final ImmutableTable<Node, Node, Cell> CELLS =
      TransitionTable.cells().stream()
          .collect(ImmutableTable.toImmutableTable(Cell::from, Cell::to, cell -> cell));

  /**
   * What is left of a transition.
   *
   * @param history all states of the task; empty when it is gone
   * @param kills how often its kill was asked for
   */
  private record Outcome(
      Result result, List<Node> history, int failures, boolean rescheduled, int kills) {}

  @Test
  public void aServiceGoesAsTheTableSays() {
    everyCell(TestTasks.service());
  }

  @Test
  public void aTaskThatMayNotFailGoesAsTheTableSays() {
    everyCell(TestTasks.oneOff(1));
  }

  @Test
  public void aTaskThatMayFailOnceGoesAsTheTableSays() {
    everyCell(TestTasks.oneOff(2));
  }

  private static void everyCell(TaskConfig config) {
    SoftAssertions softly = new SoftAssertions();
    List<Cell> wishes = CELLS.values().stream().filter(cell -> cell.to() != Node.DELETED).toList();
    assertThat(wishes).hasSize(Node.values().length * ScheduleStatus.values().length);
    for (Cell cell : wishes) {
      softly.assertThat(observed(config, cell)).as("%s", cell).isEqualTo(expected(config, cell));
    }
    softly.assertAll();
  }

  private static Outcome observed(TaskConfig config, Cell cell) {
    TestTasks tasks = new TestTasks();
    String id =
        cell.from() == Node.DELETED
            ? "nobody"
            : tasks.have(config, ScheduleStatus.valueOf(cell.from().name()));
    Result result = tasks.change(id, ScheduleStatus.valueOf(cell.to().name()));
    ScheduledTask task = tasks.find(id);
    if (task != null) {
      assertThat(tasks.history(id)).as("%s", cell).endsWith(task.status());
    }
    assertThat(tasks.killed).as("%s", cell).allMatch(id::equals);
    return new Outcome(
        result,
        task == null
            ? List.of()
            : task.taskEvents().stream().map(event -> Node.of(event.status())).toList(),
        task == null ? 0 : task.failureCount(),
        !tasks.successors(id).isEmpty(),
        tasks.killed.size());
  }

  private static Outcome expected(TaskConfig config, Cell cell) {
    Walk walk = new Walk(config, cell.from());
    walk.through(cell);
    Result result =
        switch (cell.verdict()) {
          case LEGAL -> Result.SUCCESS;
          case NOOP -> Result.NOOP;
          case ILLEGAL ->
              cell.effects().isEmpty() ? Result.ILLEGAL : Result.ILLEGAL_WITH_SIDE_EFFECTS;
        };
    return new Outcome(
        result, ImmutableList.copyOf(walk.history), walk.failures, walk.rescheduled, walk.kills);
  }

  /** Does to a list of states what the marks of a cell say. */
  private static final class Walk {
    final TaskConfig config;
    final List<Node> history;
    int failures;
    boolean rescheduled;
    int kills;

    Walk(TaskConfig config, Node from) {
      this.config = config;
      this.history = new ArrayList<>(from == Node.DELETED ? List.of() : List.of(from));
    }

    void through(Cell cell) {
      for (String mark : cell.effects()) {
        switch (mark) {
          case "INC" -> failures++;
          case "SAVE" -> history.add(cell.to());
          case "RESCHEDULE" -> rescheduled = true;
          case "R(svc)" -> rescheduled |= config.isService();
          case "R(fail)" ->
              rescheduled |= config.isService() || failures < config.maxTaskFailures();
          case "R(¬killing)" -> rescheduled |= !history.contains(Node.KILLING);
          case "TO_LOST" -> through(CELLS.get(cell.to(), Node.LOST));
          case "KILL" -> kills++;
          case "DELETE" -> history.clear();
          default -> throw new AssertionError(mark);
        }
      }
    }
  }

  @Test
  public void whatIsRefusedLeavesTheRecordAlone() {
    List<Cell> refused =
        CELLS.values().stream()
            .filter(cell -> cell.verdict() != Verdict.LEGAL && cell.to() != Node.DELETED)
            .toList();
    for (Cell cell : refused) {
      TestTasks tasks = new TestTasks();
      List<ScheduledTask> before =
          Stream.of(cell.from())
              .filter(from -> from != Node.DELETED)
              .map(from -> tasks.have(TestTasks.service(), ScheduleStatus.valueOf(from.name())))
              .map(tasks::task)
              .toList();
      String id = before.isEmpty() ? "nobody" : before.get(0).assignedTask().taskId();
      int entries = tasks.store.entries();

      Result unused = tasks.change(id, ScheduleStatus.valueOf(cell.to().name()));

      assertThat(tasks.store.state().tasks().all())
          .as("%s", cell)
          .containsExactlyElementsOf(before);
      assertThat(tasks.store.entries()).as("%s", cell).isEqualTo(entries);
      assertThat(tasks.meters.counter("scheduler_illegal_task_state_transitions").count())
          .as("%s is counted", cell)
          .isEqualTo(cell.verdict() == Verdict.ILLEGAL ? 1 : 0);
    }
  }
}
