package io.borealis.scheduler.prune;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskEvent;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.RemoveTasks;
import io.borealis.scheduler.store.WriteTransaction;
import io.borealis.scheduler.task.TaskStates;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** Tasks that have ended, and their removal. Stateless. */
public final class EndedTasks {
  /** Those that ended first come first. */
  public static final Comparator<ScheduledTask> OLDEST_FIRST =
      Comparator.comparingLong(EndedTasks::endedMs)
          .thenComparing(task -> task.assignedTask().taskId());

  private EndedTasks() {}

  /** When the task ended; of one without a history nobody knows, so that it ended long ago. */
  static long endedMs(ScheduledTask task) {
    ImmutableList<TaskEvent> events = task.taskEvents();
    return events.isEmpty() ? 0 : Iterables.getLast(events).timestamp();
  }

  /** Removes those of the tasks that are there and have ended; returns how many those are. */
  public static int remove(WriteTransaction tx, Iterable<String> ids) {
    ImmutableSet.Builder<String> ended = ImmutableSet.builder();
    for (String id : ids) {
      if (hasEnded(tx.state().tasks().get(id))) {
        ended.add(id);
      }
    }
    ImmutableSet<String> all = ended.build();
    if (!all.isEmpty()) {
      tx.change(new Op.RemoveTasks(new RemoveTasks(all)));
    }
    return all.size();
  }

  static boolean hasEnded(@Nullable ScheduledTask task) {
    return task != null && TaskStates.isTerminal(task.status());
  }
}
