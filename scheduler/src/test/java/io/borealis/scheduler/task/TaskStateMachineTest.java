package io.borealis.scheduler.task;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.Lists;
import com.google.common.collect.Sets;
import io.borealis.api.ScheduleStatus;
import io.borealis.scheduler.task.TaskStateMachine.Node;
import io.borealis.scheduler.task.TaskStateMachine.Transition;
import io.borealis.scheduler.task.TransitionTable.Cell;
import io.borealis.scheduler.task.TransitionTable.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.Test;

/** The table in the code against the table of the rules, cell by cell. */
public class TaskStateMachineTest {
  @Test
  public void everyCellIsAsTheRulesHaveIt() {
    SoftAssertions softly = new SoftAssertions();
    for (Cell cell : TransitionTable.cells()) {
      Transition transition = TaskStateMachine.of(cell.from(), cell.to());
      softly
          .assertThat(transition.legal())
          .as("%s is legal", cell)
          .isEqualTo(cell.verdict() == Verdict.LEGAL);
      softly
          .assertThat(transition.effects().stream().map(Effect::mark))
          .as("what %s does", cell)
          .containsExactlyElementsOf(cell.effects());
    }
    softly.assertAll();
  }

  @Test
  public void theRulesHaveOneCellForEachPairOfStates() {
    List<Node> nodes = Arrays.asList(Node.values());
    assertThat(TransitionTable.cells())
        .extracting(cell -> List.of(cell.from(), cell.to()))
        .containsExactlyInAnyOrderElementsOf(Lists.cartesianProduct(nodes, nodes));
  }

  @Test
  public void toStayWhereOneIsIsNoTransition() {
    assertThat(TransitionTable.cells())
        .allSatisfy(
            cell ->
                assertThat(cell.verdict() == Verdict.NOOP)
                    .as("%s changes nothing", cell)
                    .isEqualTo(cell.from() == cell.to()));
  }

  @Test
  public void everyStatusHasItsNodeAndAnAbsentTaskIsDeleted() {
    EnumSet<Node> nodes = EnumSet.noneOf(Node.class);
    for (ScheduleStatus status : ScheduleStatus.values()) {
      assertThat(Node.of(status).name()).isEqualTo(status.name());
      nodes.add(Node.of(status));
    }
    assertThat(Node.of(null)).isEqualTo(Node.DELETED);
    assertThat(Sets.difference(EnumSet.allOf(Node.class), nodes)).containsExactly(Node.DELETED);
  }

  @Test
  public void effectsHappenInTheOrderOfTheRules() {
    assertThat(Arrays.stream(Effect.values()).map(Effect::mark))
        .containsExactly(
            "INC",
            "SAVE",
            "RESCHEDULE",
            "R(fail)",
            "R(svc)",
            "R(¬killing)",
            "TO_LOST",
            "KILL",
            "DELETE");
  }

  @Test
  public void theReferencePageIsUpToDate() throws Exception {
    Path page = Path.of("../docs/task-states.md");
    if (Boolean.getBoolean("borealis.write-docs")) {
      Files.writeString(page, TaskStateMachine.markdown());
    }
    assertThat(Files.readString(page)).isEqualTo(TaskStateMachine.markdown());
  }
}
