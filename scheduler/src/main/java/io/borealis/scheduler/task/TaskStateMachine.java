package io.borealis.scheduler.task;

import static io.borealis.scheduler.task.Effect.DELETE;
import static io.borealis.scheduler.task.Effect.INCREMENT_FAILURES;
import static io.borealis.scheduler.task.Effect.KILL;
import static io.borealis.scheduler.task.Effect.MARK_LOST;
import static io.borealis.scheduler.task.Effect.RESCHEDULE;
import static io.borealis.scheduler.task.Effect.RESCHEDULE_IF_FAILURES_REMAIN;
import static io.borealis.scheduler.task.Effect.RESCHEDULE_IF_SERVICE;
import static io.borealis.scheduler.task.Effect.RESCHEDULE_UNLESS_KILLED;
import static io.borealis.scheduler.task.Effect.SAVE;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableTable;
import com.google.common.collect.Sets;
import io.borealis.api.ScheduleStatus;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The table of transitions (task rules, section 3.4). Pure. What is not in the table is illegal and
 * does nothing.
 */
final class TaskStateMachine {
  /** The states of a task, and the absence of one. */
  enum Node {
    INIT,
    THROTTLED,
    PENDING,
    ASSIGNED,
    STARTING,
    RUNNING,
    PREEMPTING,
    RESTARTING,
    DRAINING,
    KILLING,
    PARTITIONED,
    FINISHED,
    FAILED,
    KILLED,
    LOST,
    DELETED;

    /** The node of a status; an absent task is {@link #DELETED}. */
    static Node of(@Nullable ScheduleStatus status) {
      return status == null ? DELETED : valueOf(status.name());
    }
  }

  /** Whether a transition may be made, and what it does even if not. Immutable. */
  record Transition(boolean legal, ImmutableSet<Effect> effects) {}

  private static final Transition ILLEGAL = new Transition(false, ImmutableSet.of());
  private static final ImmutableTable<Node, Node, Transition> TABLE = table();

  private TaskStateMachine() {}

  /** The transition between two different states. */
  static Transition of(Node from, Node to) {
    Transition transition = TABLE.get(from, to);
    return transition == null ? ILLEGAL : transition;
  }

  private static ImmutableTable<Node, Node, Transition> table() {
    Builder table = new Builder();
    table.from(Node.INIT).to(Node.PENDING, Node.THROTTLED).does(SAVE);
    table.from(Node.THROTTLED).to(Node.PENDING).does(SAVE);
    table.from(Node.PENDING).to(Node.ASSIGNED).does(SAVE);
    table.from(Node.THROTTLED, Node.PENDING).to(Node.KILLING).does(DELETE);

    table.from(Node.ASSIGNED).to(Node.STARTING, Node.RUNNING).does(SAVE);
    table.from(Node.STARTING).to(Node.RUNNING, Node.PARTITIONED).does(SAVE);
    table.from(Node.RUNNING).to(Node.PARTITIONED).does(SAVE);
    table
        .from(Node.ASSIGNED, Node.STARTING, Node.RUNNING)
        .to(Node.FINISHED)
        .does(SAVE, RESCHEDULE_IF_SERVICE);
    table
        .from(Node.ASSIGNED, Node.STARTING, Node.RUNNING, Node.PARTITIONED)
        .to(Node.FAILED)
        .does(INCREMENT_FAILURES, SAVE, RESCHEDULE_IF_FAILURES_REMAIN);
    table.from(Node.ASSIGNED, Node.STARTING, Node.RUNNING).to(Node.KILLED).does(SAVE, RESCHEDULE);
    table.from(Node.STARTING, Node.RUNNING).to(Node.LOST).does(SAVE, RESCHEDULE);
    table.from(Node.ASSIGNED).to(Node.LOST).does(SAVE, RESCHEDULE, KILL);
    table
        .from(Node.ASSIGNED, Node.STARTING, Node.RUNNING)
        .to(Node.PREEMPTING, Node.RESTARTING, Node.DRAINING, Node.KILLING)
        .does(SAVE, KILL);

    Node[] leaving = {Node.PREEMPTING, Node.RESTARTING, Node.DRAINING};
    Node[] alive = {Node.ASSIGNED, Node.STARTING, Node.RUNNING};
    table.from(leaving).to(Node.FINISHED, Node.FAILED, Node.KILLED).does(SAVE, RESCHEDULE);
    table.from(leaving).to(Node.LOST).does(SAVE, RESCHEDULE, KILL);
    table.from(leaving).to(Node.KILLING).does(SAVE);
    table.from(leaving).to(Node.PARTITIONED).does(SAVE, MARK_LOST);
    table.from(leaving).to(alive).isIllegalBut(KILL);

    table.from(Node.KILLING).to(Node.FINISHED, Node.FAILED, Node.KILLED, Node.LOST).does(SAVE);
    table.from(Node.KILLING).to(Node.PARTITIONED).does(SAVE, MARK_LOST);
    table.from(Node.KILLING).to(Node.DELETED).does(DELETE);
    table.from(Node.KILLING).to(alive).isIllegalBut(KILL);

    table.from(Node.PARTITIONED).to(alive).does(SAVE);
    table.from(Node.PARTITIONED).to(Node.FINISHED).does(SAVE);
    table.from(Node.PARTITIONED).to(Node.LOST).does(SAVE, RESCHEDULE_UNLESS_KILLED, KILL);
    table
        .from(Node.PARTITIONED)
        .to(Node.PREEMPTING, Node.RESTARTING, Node.DRAINING, Node.KILLING)
        .does(SAVE, MARK_LOST);

    Node[] ended = {Node.FINISHED, Node.FAILED, Node.KILLED, Node.LOST};
    table.from(ended).to(Node.DELETED).does(DELETE);
    table.from(ended).to(alive).isIllegalBut(KILL);
    table.from(Node.DELETED).to(alive).isIllegalBut(KILL);
    return table.rows.buildOrThrow();
  }

  /** The table as a page of the documentation. */
  static String markdown() {
    StringBuilder page =
        new StringBuilder("# Task states\n\n")
            .append("Made from the table in the code; a test compares the two. ")
            .append("What is not listed is illegal and does nothing.\n\n")
            .append("| Effect | Meaning |\n|---|---|\n")
            .append("| INC | count a failure of the task |\n")
            .append("| SAVE | record the new state with an event |\n")
            .append("| RESCHEDULE | create a successor; throttled if the task was flapping |\n")
            .append("| R(fail) | the same, for a service or while failures remain |\n")
            .append("| R(svc) | the same, for a service |\n")
            .append("| R(¬killing) | the same, unless the task was being killed |\n")
            .append("| TO_LOST | a second transition at once, to LOST |\n")
            .append("| KILL | ask the cluster to kill the task |\n")
            .append("| DELETE | remove the task without a trace |\n\n")
            .append("| From | To | Effects |\n|---|---|---|\n");
    for (Node from : Node.values()) {
      for (Node to : Node.values()) {
        Transition transition = TABLE.get(from, to);
        if (transition != null) {
          page.append("| ")
              .append(from)
              .append(" | ")
              .append(to)
              .append(" | ")
              .append(transition.legal() ? "" : "illegal + ")
              .append(
                  transition.effects().stream().map(Effect::mark).collect(Collectors.joining(", ")))
              .append(" |\n");
        }
      }
    }
    return page.toString();
  }

  private static final class Builder {
    private final ImmutableTable.Builder<Node, Node, Transition> rows = ImmutableTable.builder();

    Row from(Node... from) {
      return new Row(rows, ImmutableList.copyOf(from), ImmutableList.of());
    }
  }

  private record Row(
      ImmutableTable.Builder<Node, Node, Transition> rows,
      ImmutableList<Node> from,
      ImmutableList<Node> to) {
    Row to(Node... targets) {
      return new Row(rows, from, ImmutableList.copyOf(targets));
    }

    void does(Effect... effects) {
      put(new Transition(true, Sets.immutableEnumSet(ImmutableList.copyOf(effects))));
    }

    void isIllegalBut(Effect... effects) {
      put(new Transition(false, Sets.immutableEnumSet(ImmutableList.copyOf(effects))));
    }

    private void put(Transition transition) {
      from.forEach(f -> to.forEach(t -> rows.put(f, t, transition)));
    }
  }
}
