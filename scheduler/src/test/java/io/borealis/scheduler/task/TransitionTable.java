package io.borealis.scheduler.task;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.io.Resources;
import io.borealis.scheduler.task.TaskStateMachine.Node;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The table of task rules, section 3.4, as a file that was written from the rules and not from the
 * code: one cell a line.
 */
final class TransitionTable {
  private static final Splitter COLUMNS = Splitter.on(',');
  private static final Splitter MARKS = Splitter.on(' ').omitEmptyStrings();

  private TransitionTable() {}

  /** What becomes of a wish to change the state. */
  enum Verdict {
    LEGAL,
    ILLEGAL,
    NOOP
  }

  /** One cell: the effects are marks, in the order in which they happen. */
  record Cell(Node from, Node to, Verdict verdict, ImmutableList<String> effects) {
    @Override
    public String toString() {
      return from + " to " + to;
    }
  }

  /** All cells, in the order of the file. */
  static ImmutableList<Cell> cells() {
    try {
      List<String> lines =
          Resources.readLines(
              Resources.getResource("task/transitions.csv"), StandardCharsets.UTF_8);
      return lines.stream()
          .skip(1)
          .map(TransitionTable::cell)
          .collect(ImmutableList.toImmutableList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Cell cell(String line) {
    List<String> columns = COLUMNS.splitToList(line);
    Verdict verdict =
        switch (columns.get(2)) {
          case "true" -> Verdict.LEGAL;
          case "false" -> Verdict.ILLEGAL;
          case "noop" -> Verdict.NOOP;
          default -> throw new IllegalArgumentException(line);
        };
    return new Cell(
        Node.valueOf(columns.get(0)),
        Node.valueOf(columns.get(1)),
        verdict,
        ImmutableList.copyOf(MARKS.split(columns.get(3))));
  }
}
