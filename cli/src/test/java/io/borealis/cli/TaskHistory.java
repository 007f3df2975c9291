package io.borealis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSetMultimap;
import io.borealis.api.AuroraConstants;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What must hold of the events of tasks, whatever happened to leaders and agents. */
final class TaskHistory {
  /** Each state with those that may follow it, as the page says to operators. */
  private static final ImmutableSetMultimap<ScheduleStatus, ScheduleStatus> NEXT = next();

  private TaskHistory() {}

  private static ImmutableSetMultimap<ScheduleStatus, ScheduleStatus> next() {
    ImmutableSetMultimap.Builder<ScheduleStatus, ScheduleStatus> next =
        ImmutableSetMultimap.builder();
    try {
      for (String line : Files.readAllLines(Path.of("../docs/task-states.md"))) {
        String[] cells = line.split(" *\\| *", -1);
        if (cells.length == 5 && cells[3].contains("SAVE") && !cells[1].equals("SAVE")) {
          next.put(ScheduleStatus.valueOf(cells[1]), ScheduleStatus.valueOf(cells[2]));
        }
      }
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
    return next.build();
  }

  /** The states of a task, in the order of their events. */
  static List<ScheduleStatus> states(ScheduledTask task) {
    return task.taskEvents().stream().map(TaskEvent::status).toList();
  }

  /** Each state follows from the one before; of each instance at most one task is active. */
  static void assertLegal(List<ScheduledTask> tasks) {
    Map<Integer, String> active = new HashMap<>();
    for (ScheduledTask task : tasks) {
      String id = task.assignedTask().taskId();
      ScheduleStatus state = ScheduleStatus.INIT;
      long before = 0;
      for (TaskEvent event : task.taskEvents()) {
        assertThat(NEXT.get(state)).as("after %s of %s", state, task).contains(event.status());
        assertThat(event.timestamp())
            .as("time of %s in %s", event, task)
            .isGreaterThanOrEqualTo(before);
        state = event.status();
        before = event.timestamp();
      }
      assertThat(task.status()).as("status and last event of %s", id).isEqualTo(state);
      if (AuroraConstants.ACTIVE_STATES.contains(state)) {
        assertThat(active.put(task.assignedTask().instanceId(), id))
            .as("a second active task beside " + id)
            .isNull();
      }
    }
  }
}
