package io.borealis.scheduler.task;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.ScheduledTask;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.RemoveTasks;
import io.borealis.api.storage.SaveTasks;
import io.borealis.scheduler.store.State;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/** Ids for the waiting tasks of a State that comes from elsewhere. Stateless. */
public final class WaitingIds {
  private WaitingIds() {}

  /**
   * The restored State with new ids for tasks that wait to be placed in it, unless they wait in the
   * live State too: the others may have been placed since, and an id is launched once only.
   */
  public static State renew(State restored, State live, Supplier<UUID> uuids) {
    TaskIds ids = new TaskIds(uuids);
    Set<String> old = new HashSet<>();
    ImmutableSet.Builder<ScheduledTask> renewed = ImmutableSet.builder();
    for (ScheduledTask task : restored.tasks().all()) {
      String id = task.assignedTask().taskId();
      ScheduledTask now = live.tasks().get(id);
      if (waits(task) && (now == null || !waits(now))) {
        old.add(id);
        String next = ids.next(task.assignedTask().task(), task.assignedTask().instanceId());
        renewed.add(
            task.toBuilder()
                .assignedTask(task.assignedTask().toBuilder().taskId(next).build())
                .build());
      }
    }
    return old.isEmpty()
        ? restored
        : restored
            .apply(new Op.RemoveTasks(new RemoveTasks(ImmutableSet.copyOf(old))))
            .apply(new Op.SaveTasks(new SaveTasks(renewed.build())));
  }

  /** How many tasks wait to be placed. */
  public static int count(State state) {
    int count = 0;
    for (ScheduledTask task : state.tasks().all()) {
      count += waits(task) ? 1 : 0;
    }
    return count;
  }

  private static boolean waits(ScheduledTask task) {
    return TaskStates.isActive(task.status()) && !TaskStates.isAssigned(task.status());
  }
}
